"""What an operator may set, read once at start from the environment and checked as a whole.

To add a setting: one row in FIELDS, one attribute in Settings, one line in `_build`; `make docs` writes its page.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote, urlsplit

from bot.transport.addresses import EMULATOR_APP_ID
from integrations.paging.smtp import MailServer
from server import settings_values as values
from server.addresses import http_origin, is_loopback
from server.settings_values import MASK, ApiRole, ApiToken, AppRegistration, AppType, SettingsError

__all__ = ["FIELDS", "ApiRole", "ApiToken", "AppRegistration", "AppType", "LogFormat", "Settings", "SettingsError"]

GRAPH_V1 = "https://graph.microsoft.com/v1.0"
SHORT_TOKEN = 16


@dataclass(frozen=True, kw_only=True)
class Field:
    """One environment variable: its name, what it means, the value used when it is empty, and whether it is secret."""

    name: str
    meaning: str
    default: str = ""
    default_note: str = "none"
    secret: bool = False


FIELDS = (
    Field(name="HOST", meaning="The address or name to listen on.", default="127.0.0.1"),
    Field(name="PORT", meaning="The port to listen on, 1 to 65535; 0 takes any free one.", default="3978"),
    Field(
        name="DATABASE_URL",
        meaning="`sqlite:///path` (a path from the checkout, or absolute with a fourth slash) or `postgresql://user:password@host/name`.",
        default="sqlite:///var/incidents.db",
        secret=True,
    ),
    Field(
        name="PUBLIC_URL",
        meaning="The address at which people and Teams reach this server: https, or http on loopback.",
        default_note="from `HOST` and `PORT` on loopback, else required",
    ),
    Field(name="MICROSOFT_APP_ID", meaning="The application (client) id of the bot registration, a GUID."),
    Field(name="MICROSOFT_APP_TYPE", meaning="The kind of registration: `SingleTenant` or `UserAssignedMSI`."),
    Field(name="MICROSOFT_APP_TENANT_ID", meaning="The tenant in which the bot is registered, a GUID."),
    Field(
        name="MICROSOFT_APP_PASSWORD",
        meaning="The client secret of a `SingleTenant` registration; a certificate is better.",
        secret=True,
    ),
    Field(
        name="MICROSOFT_APP_CERTIFICATE_PATH",
        meaning="A PEM file with the private key and the certificate of a `SingleTenant` registration, instead of a password.",
    ),
    Field(
        name="ALLOWED_TENANT_IDS",
        meaning="Tenants whose people may use the bot, separated by commas; activities from any other are refused.",
        default_note="the app's tenant; with an emulator and no app, any",
    ),
    Field(
        name="TEAMS_EMULATOR_URL",
        meaning="An emulator that stands in for Teams and for Microsoft's token service: http, on loopback only.",
        default_note="none; without it and without an app id the built-in Local Teams is on",
    ),
    Field(
        name="GRAPH_BASE_URL",
        meaning="The root of Microsoft Graph: https, or http on loopback. Nothing calls Graph in this version.",
        default=GRAPH_V1,
    ),
    Field(
        name="GRAPH_CAPABILITIES",
        meaning="The Graph capabilities to switch on, separated by commas. This version has none: leave it empty.",
    ),
    Field(
        name="API_TOKENS",
        meaning="The callers of the JSON API as `name:token:role`, separated by commas; the role is `read` or `admin`.",
        default_note="none: the API is off",
        secret=True,
    ),
    Field(
        name="SMTP_URL",
        meaning="The mail server for stakeholder updates, and for pages that Teams refuses or nobody reacts to: `smtp://user:password@host:587`, or `smtps://…` for TLS from the first byte. A password is sent over TLS only, except on loopback.",
        default_note="none: no mail is sent; ports 587 and 465",
        secret=True,
    ),
    Field(
        name="EMAIL_FROM",
        meaning="The sender of these mails, `bot@example.org` or `Incident bot <bot@example.org>`; set together with `SMTP_URL`.",
    ),
    Field(
        name="HEARTBEAT_URL",
        meaning="An address of a monitor elsewhere, called with GET every minute while all is well: https, or http on loopback.",
        default_note="none: the bot's silence alarms nobody",
        secret=True,
    ),
    Field(name="LOG_FORMAT", meaning="`console` for people or `json` for collectors.", default="console"),
    Field(name="LOG_LEVEL", meaning="`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`.", default="INFO"),
)

_DEFAULTS = {f.name: f.default for f in FIELDS}
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class LogFormat(StrEnum):
    """Lines for people, or one JSON object a line for collectors."""

    CONSOLE = "console"
    JSON = "json"


@dataclass(frozen=True, kw_only=True, repr=False)
class Settings:
    """All settings, checked against each other. Its repr and `describe` show no secret."""

    host: str
    port: int
    database_url: str
    public_url: str
    app: AppRegistration | None
    allowed_tenant_ids: frozenset[str]
    """Empty only with an emulator and no app: then any tenant may come in."""
    emulator_url: str | None
    graph_base_url: str
    graph_capabilities: frozenset[str]
    api_tokens: tuple[ApiToken, ...]
    mail_server: MailServer | None
    """None: nobody is paged by e-mail."""
    heartbeat_url: str | None
    log_format: LogFormat
    log_level: str
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Build the settings from environment variables; an empty value counts as not set. Raises SettingsError."""
        return _build(_clean(environ), _misspelt(environ))

    @property
    def local_teams(self) -> bool:
        """True where the built-in Local Teams stands in for Teams: neither an app nor another emulator is set."""
        return self.app is None and self.emulator_url is None

    @property
    def development(self) -> bool:
        """True with an emulator, built-in or outside: only then does the development clock exist."""
        return self.local_teams or self.emulator_url is not None

    @property
    def app_id(self) -> str:
        """The audience of inbound tokens: the app's id, or `local-bot` with an emulator and no app."""
        return self.app.id if self.app else EMULATOR_APP_ID

    @property
    def outside_url(self) -> str | None:
        """The public address where it leads further than this machine."""
        return None if is_loopback(urlsplit(self.public_url).hostname or "") else self.public_url

    def listening_on(self, port: int) -> "Settings":
        """Return the same settings after the socket took this port; a derived public address follows it."""
        derived = self.public_url == http_origin(self.host, self.port)
        return replace(self, port=port, public_url=http_origin(self.host, port) if derived else self.public_url)

    def secrets(self) -> frozenset[str]:
        """Every string that must never be seen in a log, an error or a card."""
        found = {token.token for token in self.api_tokens} | values.passwords_in(self.database_url)
        if self.app and self.app.password:
            found.add(self.app.password)
        if self.mail_server and self.mail_server.password:
            found |= {self.mail_server.password, quote(self.mail_server.password, safe="")}
        if self.heartbeat_url:
            found.add(self.heartbeat_url)
        return frozenset(found)

    def describe(self) -> dict[str, str]:
        """Every setting by name as it is in effect, secrets masked: for `doctor` and the start log."""
        app = self.app
        return {
            "HOST": self.host,
            "PORT": str(self.port),
            "DATABASE_URL": values.mask_passwords(self.database_url),
            "PUBLIC_URL": self.public_url,
            "MICROSOFT_APP_ID": app.id if app else "",
            "MICROSOFT_APP_TYPE": app.type.value if app else "",
            "MICROSOFT_APP_TENANT_ID": app.tenant_id if app else "",
            "MICROSOFT_APP_PASSWORD": MASK if app and app.password else "",
            "MICROSOFT_APP_CERTIFICATE_PATH": str(app.certificate_path) if app and app.certificate_path else "",
            "ALLOWED_TENANT_IDS": ",".join(sorted(self.allowed_tenant_ids)),
            "TEAMS_EMULATOR_URL": self.emulator_url or "",
            "GRAPH_BASE_URL": self.graph_base_url,
            "GRAPH_CAPABILITIES": ",".join(sorted(self.graph_capabilities)),
            "API_TOKENS": ",".join(f"{t.name}:{MASK}:{t.role}" for t in self.api_tokens),
            "SMTP_URL": values.shown_mail_server(self.mail_server),
            "EMAIL_FROM": self.mail_server.sender if self.mail_server else "",
            "HEARTBEAT_URL": MASK if self.heartbeat_url else "",
            "LOG_FORMAT": self.log_format.value,
            "LOG_LEVEL": self.log_level,
        }

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.describe().items())
        return f"Settings({shown})"


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    texts = {name: environ.get(name, "").strip() for name in _DEFAULTS}
    for name, text in texts.items():
        if not text.isprintable():
            raise SettingsError(f"{name} contains a character that cannot be printed.")
    return {name: text or _DEFAULTS[name] for name, text in texts.items()}


def _build(texts: Mapping[str, str], misspelt: tuple[str, ...]) -> Settings:
    emulator = values.emulator_url(texts["TEAMS_EMULATOR_URL"])
    app = values.app_registration(texts, microsoft=emulator is None)
    host, port = values.host(texts["HOST"]), values.port(texts["PORT"])
    if app is None and emulator is None and not is_loopback(host):
        raise SettingsError(
            f"HOST {host} is refused: without MICROSOFT_APP_ID the server is Local Teams, which listens on loopback only.",
        )
    settings = Settings(
        host=host,
        port=port,
        database_url=values.database_url(texts["DATABASE_URL"]),
        public_url=_public_url(texts["PUBLIC_URL"], host, port),
        app=app,
        allowed_tenant_ids=_tenants(texts["ALLOWED_TENANT_IDS"], app, microsoft=app is not None and emulator is None),
        emulator_url=emulator,
        graph_base_url=values.outside_url("GRAPH_BASE_URL", texts["GRAPH_BASE_URL"]),
        graph_capabilities=values.graph_capabilities(texts["GRAPH_CAPABILITIES"]),
        api_tokens=values.api_tokens(texts["API_TOKENS"]),
        mail_server=values.mail_server(texts["SMTP_URL"], texts["EMAIL_FROM"]),
        heartbeat_url=values.heartbeat_url(texts["HEARTBEAT_URL"]),
        log_format=LogFormat(values.one_of("LOG_FORMAT", texts["LOG_FORMAT"], tuple(LogFormat))),
        log_level=values.one_of("LOG_LEVEL", texts["LOG_LEVEL"], _LOG_LEVELS),
    )
    return replace(settings, warnings=misspelt + _doubts(settings, public_url_given=bool(texts["PUBLIC_URL"])))


def _public_url(text: str, host: str, port: int) -> str:
    if text:
        return values.outside_url("PUBLIC_URL", text)
    if not is_loopback(host):
        raise SettingsError(f"PUBLIC_URL must be set, because HOST {host} is not a loopback address.")
    return http_origin(host, port)


def _tenants(text: str, app: AppRegistration | None, *, microsoft: bool) -> frozenset[str]:
    listed = values.tenant_ids("ALLOWED_TENANT_IDS", text, microsoft=microsoft)
    return listed or (frozenset({app.tenant_id}) if app else frozenset())


def _doubts(settings: Settings, *, public_url_given: bool) -> tuple[str, ...]:
    found: list[str] = []
    app = settings.app
    if app and app.tenant_id not in settings.allowed_tenant_ids:
        found.append("ALLOWED_TENANT_IDS does not list the app's own tenant: its people will be refused.")
    if app and settings.emulator_url is None and not public_url_given:
        found.append("PUBLIC_URL is not set: links that people open will lead to this machine only.")
    if settings.emulator_url and not is_loopback(settings.host):
        found.append(f"HOST {settings.host} is not loopback although TEAMS_EMULATOR_URL stands in for Microsoft.")
    short = [token.name for token in settings.api_tokens if len(token.token) < SHORT_TOKEN]
    if short:
        found.append(f"API_TOKENS has tokens of fewer than {SHORT_TOKEN} characters: {', '.join(short)}.")
    return tuple(found)


def _misspelt(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Name the variables that look like one of ours and are not, `MicrosoftAppId` among them."""
    known = {_squash(name): name for name in _DEFAULTS if name not in ("HOST", "PORT")}
    found: list[str] = []
    for name in sorted(set(environ) - set(_DEFAULTS)):
        near = difflib.get_close_matches(_squash(name), known, n=1, cutoff=0.87)
        if near:
            found.append(f"{name} is not a setting and was ignored: did you mean {known[near[0]]}?")
        elif name.startswith("MICROSOFT_APP_"):
            found.append(f"{name} is not a setting and was ignored.")
    return tuple(found)


def _squash(name: str) -> str:
    return name.replace("_", "").lower()
