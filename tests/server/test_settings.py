from collections.abc import Mapping
from pathlib import Path

import pytest

from server.dotenv import read_dotenv
from server.settings import FIELDS, ApiRole, ApiToken, AppType, LogFormat, Settings, SettingsError

APP = "0a1b2c3d-0000-4000-8000-00000000000a"
TENANT = "0a1b2c3d-0000-4000-8000-00000000000b"
OTHER = "0a1b2c3d-0000-4000-8000-00000000000c"
SINGLE = {
    "MICROSOFT_APP_ID": APP,
    "MICROSOFT_APP_TYPE": "SingleTenant",
    "MICROSOFT_APP_TENANT_ID": TENANT,
    "MICROSOFT_APP_PASSWORD": "app~secret~value",
    "PUBLIC_URL": "https://bot.example.org",
}
MANAGED = {
    "MICROSOFT_APP_ID": APP,
    "MICROSOFT_APP_TYPE": "UserAssignedMSI",
    "MICROSOFT_APP_TENANT_ID": TENANT,
    "PUBLIC_URL": "https://bot.example.org",
}
EMULATOR = {"TEAMS_EMULATOR_URL": "http://127.0.0.1:9000"}


def without(values: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if name not in names}


def settings(*layers: Mapping[str, str], **values: str) -> Settings:
    environ: dict[str, str] = {}
    for layer in (*layers, values):
        environ.update(layer)
    return Settings.from_environment(environ)


def fault(*layers: Mapping[str, str], **values: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(*layers, **values)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_nothing_set_is_local_teams_on_loopback() -> None:
    made = settings()
    assert made.local_teams
    assert made.development
    assert (made.host, made.port, made.public_url) == ("127.0.0.1", 3978, "http://127.0.0.1:3978")
    assert made.database_url == "sqlite:///var/incidents.db"
    assert made.app is None
    assert made.app_id == "local-bot"
    assert made.allowed_tenant_ids == frozenset()
    assert made.api_tokens == ()
    assert made.log_format is LogFormat.CONSOLE
    assert made.log_level == "INFO"
    assert made.warnings == ()


def test_empty_and_blank_values_count_as_not_set() -> None:
    assert settings({f.name: "" for f in FIELDS}) == settings()
    assert settings({f.name: " \t " for f in FIELDS}) == settings()


def test_blanks_around_a_value_are_dropped() -> None:
    assert settings(PORT=" 80 ", LOG_LEVEL=" debug\n").port == 80


def test_the_environment_given_is_only_read() -> None:
    given = {"PORT": " 8080 "}
    settings(given)
    assert given == {"PORT": " 8080 "}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_local_teams_listens_on_loopback(host: str) -> None:
    made = settings(HOST=host)
    assert made.local_teams
    assert made.host == host.strip("[]").lower()


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "10.1.2.3", "bot.example.org", "localhost.example.org", "::ffff:7f00:1"]
)
def test_local_teams_refuses_any_other_host(host: str) -> None:
    assert fault(HOST=host, PUBLIC_URL="https://bot.example.org").startswith("HOST ")


@pytest.mark.parametrize("host", ["http://127.0.0.1", "127.0.0.1:3978", "a b", "-x", "[::1", "*", "a/b", "a..b"])
def test_host_is_an_address_or_a_name(host: str) -> None:
    assert fault(SINGLE, HOST=host).startswith("HOST must be")


@pytest.mark.parametrize(("text", "port"), [("0", 0), ("1", 1), ("65535", 65535), ("00080", 80)])
def test_port(text: str, port: int) -> None:
    assert settings(PORT=text).port == port


@pytest.mark.parametrize("text", ["-1", "65536", "8o80", "80.0", "٣٣", "1e3", "9" * 5000, "0x50", "+80", "0000001"])
def test_port_out_of_range_or_no_number(text: str) -> None:
    assert fault(PORT=text).startswith("PORT must be")


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("127.0.0.1", "3978", "http://127.0.0.1:3978"),
        ("[::1]", "4000", "http://[::1]:4000"),
        ("::1", "80", "http://[::1]"),
        ("localhost", "80", "http://localhost"),
    ],
)
def test_the_public_address_follows_host_and_port_on_loopback(host: str, port: str, url: str) -> None:
    assert settings(HOST=host, PORT=port).public_url == url


def test_the_derived_public_address_follows_the_port_that_was_free() -> None:
    made = settings(PORT="0").listening_on(51234)
    assert (made.port, made.public_url) == (51234, "http://127.0.0.1:51234")
    assert settings(SINGLE, PORT="0").listening_on(51234).public_url == "https://bot.example.org"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://bot.example.org/", "https://bot.example.org"),
        ("https://bot.example.org/incidents//", "https://bot.example.org/incidents"),
        ("https://bot.example.org:8443", "https://bot.example.org:8443"),
        ("http://localhost:1234/", "http://localhost:1234"),
        ("http://[::1]:1234", "http://[::1]:1234"),
    ],
)
def test_public_url(given: str, kept: str) -> None:
    assert settings(PUBLIC_URL=given).public_url == kept


BAD_ADDRESSES = [
    "bot.example.org",
    "ftp://bot.example.org",
    "http://bot.example.org",
    "https://",
    "https://user:pw@bot.example.org",
    "https://@bot.example.org",
    "https://bot.example.org?x=1",
    "https://bot.example.org?",
    "https://bot.example.org#top",
    "https://bot.example.org:99999",
    "https://bot.example.org:0",
    "https://bot example.org",
    "https://bot.example.org\\@evil.example.org",
    "https://[::1",
]


@pytest.mark.parametrize("url", BAD_ADDRESSES)
@pytest.mark.parametrize("name", ["PUBLIC_URL", "GRAPH_BASE_URL"])
def test_addresses_are_https_and_plain(name: str, url: str) -> None:
    sentence = fault({name: url})
    assert sentence.startswith(name)
    assert "pw" not in sentence


def test_public_url_is_required_outside_loopback() -> None:
    assert fault(without(SINGLE, "PUBLIC_URL"), HOST="0.0.0.0").startswith("PUBLIC_URL must be set")
    assert settings(SINGLE, HOST="0.0.0.0").public_url == "https://bot.example.org"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("http://127.0.0.2:9000/", "http://127.0.0.2:9000"),
        ("http://localhost:9000/teams/", "http://localhost:9000/teams"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_an_emulator_turns_local_teams_off(given: str, kept: str) -> None:
    made = settings(TEAMS_EMULATOR_URL=given)
    assert made.emulator_url == kept
    assert not made.local_teams
    assert made.development
    assert made.app_id == "local-bot"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:9000",
        "http://10.0.0.1:9000",
        "http://0.0.0.0:9000",
        "http://emulator.example.org",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "http://me:pw@127.0.0.1:9000",
        "http://127.0.0.1@evil.example.org",
        "http://127.0.0.1:9000?x=1",
        "http://127.0.0.1:9000#x",
        "http://127.0.0.1:99999",
        "127.0.0.1:9000",
        "http://",
    ],
)
def test_an_emulator_is_http_on_loopback_and_nothing_else(url: str) -> None:
    sentence = fault(TEAMS_EMULATOR_URL=url)
    assert sentence.startswith("TEAMS_EMULATOR_URL must be")
    assert "pw" not in sentence


def test_a_single_tenant_app() -> None:
    made = settings(SINGLE)
    assert made.app is not None
    assert (made.app.id, made.app.type, made.app.tenant_id) == (APP, AppType.SINGLE_TENANT, TENANT)
    assert made.app.password == "app~secret~value"
    assert not made.local_teams
    assert not made.development
    assert made.app_id == APP
    assert made.allowed_tenant_ids == {TENANT}


def test_a_managed_identity_needs_no_credential() -> None:
    made = settings(MANAGED)
    assert made.app is not None
    assert made.app.type is AppType.USER_ASSIGNED_MSI
    assert made.app.password is None


def test_a_certificate_instead_of_a_password(tmp_path: Path) -> None:
    pem = tmp_path / "bot.pem"
    pem.write_text("key")
    made = settings(without(SINGLE, "MICROSOFT_APP_PASSWORD"), MICROSOFT_APP_CERTIFICATE_PATH=str(pem))
    assert made.app is not None
    assert (made.app.certificate_path, made.app.password) == (pem, None)


@pytest.mark.parametrize("path", ["missing.pem", "."])
def test_a_certificate_must_be_a_readable_file(tmp_path: Path, path: str) -> None:
    base = without(SINGLE, "MICROSOFT_APP_PASSWORD")
    sentence = fault(base, MICROSOFT_APP_CERTIFICATE_PATH=str(tmp_path / path))
    assert sentence.startswith("MICROSOFT_APP_CERTIFICATE_PATH names a file that")


@pytest.mark.parametrize("emulator", [{}, EMULATOR])
@pytest.mark.parametrize(
    "name",
    ["MICROSOFT_APP_ID", "MICROSOFT_APP_TYPE", "MICROSOFT_APP_TENANT_ID", "MICROSOFT_APP_PASSWORD"],
)
def test_an_app_is_complete_or_absent(emulator: dict[str, str], name: str) -> None:
    sentence = fault(without(SINGLE, name), emulator)
    assert sentence.startswith("The app registration is incomplete")
    assert name in sentence
    others = set(SINGLE) - {name, "PUBLIC_URL"}
    assert not [other for other in others if other in sentence]


def test_all_missing_parts_are_named_at_once() -> None:
    sentence = fault(MICROSOFT_APP_PASSWORD="app~secret~value")
    assert all(n in sentence for n in ("MICROSOFT_APP_ID", "MICROSOFT_APP_TYPE", "MICROSOFT_APP_TENANT_ID"))
    assert "app~secret~value" not in sentence


def test_contradictions(tmp_path: Path) -> None:
    pem = tmp_path / "bot.pem"
    pem.write_text("key")
    both = fault(SINGLE, MICROSOFT_APP_CERTIFICATE_PATH=str(pem))
    assert "MICROSOFT_APP_PASSWORD and MICROSOFT_APP_CERTIFICATE_PATH" in both
    for name in ("MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_CERTIFICATE_PATH"):
        assert f"{name} contradicts MICROSOFT_APP_TYPE" in fault(MANAGED, {name: str(pem)})


def test_multi_tenant_bots_are_a_thing_of_the_past() -> None:
    assert "2025-07-31" in fault(SINGLE, MICROSOFT_APP_TYPE="MultiTenant")
    assert fault(SINGLE, MICROSOFT_APP_TYPE="singletenant").startswith("MICROSOFT_APP_TYPE must be")


@pytest.mark.parametrize("name", ["MICROSOFT_APP_ID", "MICROSOFT_APP_TENANT_ID", "ALLOWED_TENANT_IDS"])
@pytest.mark.parametrize("text", ["bot", APP[:-1], APP + "0", "{" + APP + "}", APP.replace("-", "")])
def test_ids_are_guids_where_microsoft_is_the_other_side(name: str, text: str) -> None:
    assert fault(SINGLE, {name: text}).startswith(f"{name} must be a GUID")


def test_guids_are_kept_in_lower_case() -> None:
    made = settings(SINGLE, MICROSOFT_APP_ID=APP.upper(), ALLOWED_TENANT_IDS=f"{TENANT.upper()}, {OTHER}")
    assert made.app_id == APP
    assert made.allowed_tenant_ids == {TENANT, OTHER}


def test_an_emulator_accepts_any_ids() -> None:
    made = settings(SINGLE, EMULATOR, MICROSOFT_APP_ID="My-Bot", MICROSOFT_APP_TENANT_ID="Contoso")
    assert made.app_id == "My-Bot"
    assert made.allowed_tenant_ids == {"Contoso"}
    assert settings(EMULATOR, ALLOWED_TENANT_IDS="a,,b, ").allowed_tenant_ids == {"a", "b"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("sqlite:///var/x.db", "sqlite:///var/x.db"),
        ("sqlite:////srv/x.db", "sqlite:////srv/x.db"),
        ("postgresql://u:p@db/incidents", "postgresql://u:p@db/incidents"),
        ("postgres://u:p@db:5433/incidents", "postgresql://u:p@db:5433/incidents"),
        ("postgresql+psycopg://u@[::1]/incidents?sslmode=require", "postgresql://u@[::1]/incidents?sslmode=require"),
        ("postgresql:///incidents?host=/run/postgresql", "postgresql:///incidents?host=/run/postgresql"),
    ],
)
def test_database_url(given: str, kept: str) -> None:
    assert settings(DATABASE_URL=given).database_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "var/x.db",
        "mysql://u:hidden@db/x",
        "postgresql+asyncpg://u:hidden@db/x",
        "sqlite://",
        "sqlite:///",
        "sqlite:////",
        "sqlite://x.db",
        "sqlite:///:memory:",
        "sqlite:///x.db?mode=memory",
        "sqlite:///file:x.db",
        "postgresql://u:hidden@db:54a3/x",
        "postgresql://u:hidden@[::1/x",
    ],
)
def test_database_url_of_another_kind(url: str) -> None:
    sentence = fault(DATABASE_URL=url)
    assert sentence.startswith("DATABASE_URL must")
    assert "hidden" not in sentence


def test_graph_is_checked_although_nothing_uses_it() -> None:
    assert settings(GRAPH_BASE_URL="http://127.0.0.1:7000/v1.0/").graph_base_url == "http://127.0.0.1:7000/v1.0"
    assert settings().graph_base_url == "https://graph.microsoft.com/v1.0"
    assert settings(GRAPH_CAPABILITIES=" , ").graph_capabilities == frozenset()
    assert "no Graph capability" in fault(GRAPH_CAPABILITIES="channels,chats")


def test_api_tokens() -> None:
    made = settings(API_TOKENS="ci:abcdefghijklmnop:read, ops:with:colons:in:it!!:admin,")
    assert made.api_tokens == (
        ApiToken(name="ci", token="abcdefghijklmnop", role=ApiRole.READ),
        ApiToken(name="ops", token="with:colons:in:it!!", role=ApiRole.ADMIN),
    )
    assert made.warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "hidden",
        "ci:hidden",
        "ci:hidden:write",
        "ci::read",
        ":hidden:read",
        "a b:hidden:read",
        "ci:hid den:read",
        "ci:hiddén:read",
    ],
)
def test_api_tokens_of_another_form(text: str) -> None:
    sentence = fault(API_TOKENS=f"ok:abcdefghijklmnop:read,{text}")
    assert sentence.startswith("API_TOKENS entry 2 must be")
    assert "hid" not in sentence


@pytest.mark.parametrize("second", ["ci:hidden-other:read", "other:hidden-first:admin"])
def test_api_tokens_are_unique(second: str) -> None:
    sentence = fault(API_TOKENS=f"ci:hidden-first:read,{second}")
    assert sentence.startswith("API_TOKENS entry 2 repeats")
    assert "hidden" not in sentence


def test_logging() -> None:
    made = settings(LOG_FORMAT="JSON", LOG_LEVEL="warning")
    assert (made.log_format, made.log_level) == (LogFormat.JSON, "WARNING")
    assert fault(LOG_FORMAT="xml") == "LOG_FORMAT must be one of console, json."
    assert fault(LOG_LEVEL="LOUD").startswith("LOG_LEVEL must be one of DEBUG")


@pytest.mark.parametrize("name", [f.name for f in FIELDS])
def test_a_character_that_cannot_be_printed_is_refused(name: str) -> None:
    assert fault({name: "a\x00b"}) == f"{name} contains a character that cannot be printed."


SECRETS = {
    **SINGLE,
    "DATABASE_URL": "postgresql://bot:s3cr%40t-db@db/incidents?password=s3cret-query&sslpassword=s3cret-ssl",
    "API_TOKENS": "ci:s3cret-token-of-ci:read",
}
HIDDEN = ["app~secret~value", "s3cr%40t-db", "s3cr@t-db", "s3cret-query", "s3cret-ssl", "s3cret-token-of-ci"]


@pytest.mark.parametrize("secret", HIDDEN)
def test_no_secret_is_ever_shown(secret: str) -> None:
    made = settings(SECRETS)
    shown = [repr(made), str(made), f"{made}", str(made.describe()), repr(made.app), repr(made.api_tokens)]
    assert not [text for text in shown if secret in text]
    assert secret in made.secrets()


def test_what_is_shown_beside_the_secrets() -> None:
    shown = settings(SECRETS).describe()
    assert list(shown) == [f.name for f in FIELDS]
    assert shown["DATABASE_URL"] == "postgresql://bot:***@db/incidents?password=***&sslpassword=***"
    assert shown["API_TOKENS"] == "ci:***:read"
    assert shown["MICROSOFT_APP_PASSWORD"] == "***"
    assert settings().describe()["MICROSOFT_APP_PASSWORD"] == ""
    assert settings().secrets() == frozenset()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MicrosoftAppId", "MICROSOFT_APP_ID"),
        ("MicrosoftAppPassword", "MICROSOFT_APP_PASSWORD"),
        ("MICROSOFT_APPID", "MICROSOFT_APP_ID"),
        ("MICROSOFT_APP_PASSWROD", "MICROSOFT_APP_PASSWORD"),
        ("DATABASEURL", "DATABASE_URL"),
        ("ALLOWED_TENANT_ID", "ALLOWED_TENANT_IDS"),
        ("LOGLEVEL", "LOG_LEVEL"),
    ],
)
def test_a_name_that_is_nearly_a_setting_is_pointed_out(name: str, meant: str) -> None:
    assert settings({name: "v4lue"}).warnings == (f"{name} is not a setting and was ignored: did you mean {meant}?",)


def test_other_programs_variables_are_left_alone() -> None:
    others = ["HOSTNAME", "PATH", "HOME", "LANG", "EXPORT", "HOSTS", "LOG_FILE", "MICROSOFT_HOME", "LOGNAME"]
    assert settings(dict.fromkeys(others, "x")).warnings == ()
    assert settings(MICROSOFT_APP_COLOUR="red").warnings == ("MICROSOFT_APP_COLOUR is not a setting and was ignored.",)


def test_doubtful_settings_start_with_a_warning() -> None:
    (own_tenant,) = settings(SINGLE, ALLOWED_TENANT_IDS=OTHER).warnings
    (no_address,) = settings(without(SINGLE, "PUBLIC_URL")).warnings
    (open_host,) = settings(EMULATOR, HOST="0.0.0.0", PUBLIC_URL="https://bot.example.org").warnings
    (short,) = settings(API_TOKENS="ci:short:read").warnings
    assert own_tenant.startswith("ALLOWED_TENANT_IDS")
    assert no_address.startswith("PUBLIC_URL")
    assert open_host.startswith("HOST 0.0.0.0")
    assert short == "API_TOKENS has tokens of fewer than 16 characters: ci."


def dotenv(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / ".env"
    path.write_bytes(text.encode())
    return read_dotenv(path)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("  A = b c  ", "b c"),
        ("export A=b", "b"),
        ("A=", ""),
        ("A=# nothing", ""),
        ("A=b # a remark", "b"),
        ("A=b#c", "b#c"),
        ("A='b # c'", "b # c"),
        ("A='C:\\'", "C:\\"),
        ('A="b \\"c\\" \\\\ # d"  # remark', 'b "c" \\ # d'),
        ('A="one\\ntwo"', "one\ntwo"),
        ("A=b=c==", "b=c=="),
        ("A=$HOME `id`", "$HOME `id`"),
        ("A=b\r", "b"),
    ],
)
def test_dotenv_line(tmp_path: Path, line: str, value: str) -> None:
    assert dotenv(tmp_path, f"\ufeff# a remark\n\n{line}\nB=2\n") == {"A": value, "B": "2"}


@pytest.mark.parametrize(
    "line", ["s3cret", "=s3cret", "A B=s3cret", "1A=s3cret", "A='s3cret", 'A="s3cret" x', 'A="s3cret\\"']
)
def test_a_dotenv_line_that_is_none_is_named_and_not_repeated(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError, match=r"^\.env line 2 .*\.$") as caught:
        dotenv(tmp_path, f"A=1\n{line}\n")
    assert "s3cret" not in str(caught.value)


def test_a_missing_dotenv_is_an_empty_one(tmp_path: Path) -> None:
    assert read_dotenv(tmp_path / "none") == {}


def test_a_dotenv_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\xfe")
    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        read_dotenv(tmp_path / ".env")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_dotenv(tmp_path)
