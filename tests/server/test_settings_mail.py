"""Settings of the second way and of the sign of life."""

import json
import logging

import pytest

from integrations.paging.smtp import MailServer, Security
from server.logs import JsonFormatter, Redactor
from server.settings import Settings, SettingsError

FROM = "Incident bot <bot@example.org>"


def settings(**values: str) -> Settings:
    return Settings.from_environment(values)


def fault(**values: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(**values)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "hidden" not in sentence
    return sentence


def mail(url: str, sender: str = FROM) -> MailServer:
    found = settings(SMTP_URL=url, EMAIL_FROM=sender).mail_server
    assert found is not None
    return found


def test_without_a_mail_server_no_mail_is_sent() -> None:
    made = settings()
    assert made.mail_server is None
    assert made.heartbeat_url is None
    assert settings(SMTP_URL=" ", EMAIL_FROM="", HEARTBEAT_URL="  ").mail_server is None


@pytest.mark.parametrize(
    ("url", "host", "port", "security", "login"),
    [
        ("smtp://bot:pw@mail.example.org", "mail.example.org", 587, Security.STARTTLS, ("bot", "pw")),
        ("smtp://bot:pw@mail.example.org:2525/", "mail.example.org", 2525, Security.STARTTLS, ("bot", "pw")),
        ("smtps://bot:pw@mail.example.org", "mail.example.org", 465, Security.TLS, ("bot", "pw")),
        ("smtps://relay.example.org:10465", "relay.example.org", 10465, Security.TLS, (None, "")),
        ("smtp://relay.example.org:25", "relay.example.org", 25, Security.OFFERED, (None, "")),
        ("smtp://10.1.2.3:25", "10.1.2.3", 25, Security.OFFERED, (None, "")),
        ("smtp://[2001:db8::7]:25", "2001:db8::7", 25, Security.OFFERED, (None, "")),
        ("smtp://localhost:25", "localhost", 25, Security.NONE, (None, "")),
        ("smtp://bot:pw@127.0.0.1:1025", "127.0.0.1", 1025, Security.NONE, ("bot", "pw")),
        ("smtps://[::1]", "::1", 465, Security.TLS, (None, "")),
        ("smtp://bot%40example.org:p%40s%2Fs%3A%25@h.example.org", "h.example.org", 587, Security.STARTTLS, ("bot@example.org", "p@s/s:%")),
        ("smtp://bot@example.org:pw@h.example.org", "h.example.org", 587, Security.STARTTLS, ("bot@example.org", "pw")),
    ],
)  # fmt: skip
def test_a_mail_server(url: str, host: str, port: int, security: Security, login: tuple[str | None, str]) -> None:
    found = mail(url)
    assert (found.host, found.port, found.security) == (host, port, security)
    assert (found.username, found.password) == login
    assert (found.sender, found.address, found.domain) == (FROM, "bot@example.org", "example.org")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://bot:hidden@",
        "smtp://bot:hidden@:25",
        "smtp://bot:hidden@mail.example.org:0",
        "smtp://bot:hidden@mail.example.org:99999",
        "smtp://bot:hidden@mail.example.org:smtp",
        "smtp://bot:hidden@mail.example.org/inbox",
        "smtp://bot:hidden@mail.example.org?starttls=no",
        "smtp://bot:hidden#1@mail.example.org",
        "smtp://bot:hidden/1@mail.example.org",
        "smtp://bot:hidden@[::1",
        "smtp://bot:hidden@mail example.org",
    ],
)
def test_a_mail_server_of_another_form(url: str) -> None:
    assert fault(SMTP_URL=url, EMAIL_FROM=FROM).startswith(
        "SMTP_URL must be smtp://user:password@host:port or smtps://"
    )


@pytest.mark.parametrize("login", ["bot", "bot:", ":hidden"])
def test_a_login_is_complete_or_absent(login: str) -> None:
    sentence = fault(SMTP_URL=f"smtp://{login}@mail.example.org", EMAIL_FROM=FROM)
    assert sentence == "SMTP_URL must carry both a user name and a password, or neither."


def test_the_two_make_sense_together_only() -> None:
    assert fault(SMTP_URL="smtp://mail.example.org") == (
        "SMTP_URL is set without EMAIL_FROM: set both, or neither to send no mail."
    )
    assert fault(EMAIL_FROM=FROM) == "EMAIL_FROM is set without SMTP_URL: set both, or neither to send no mail."


@pytest.mark.parametrize(
    "sender", ["bot@example.org", "<bot@example.org>", "Störung <bot@example.org>", "b@münchen.example"]
)
def test_senders(sender: str) -> None:
    found = mail("smtp://mail.example.org", sender)
    assert found.address in sender
    assert found.domain.isascii()


@pytest.mark.parametrize(
    "sender", ["bot", "bot@", "@example.org", "a b", "bot@exa mple.org", "x" * 70 + "@" + "y" * 70, "bot@a..b"]
)
def test_senders_that_are_none(sender: str) -> None:
    assert fault(SMTP_URL="smtp://mail.example.org", EMAIL_FROM=sender).startswith("EMAIL_FROM must be an address like")


@pytest.mark.parametrize(
    "url", ["https://hc.example.org/ping/1-2-3", "https://hc.example.org:8443/p?rid=1&x=%20", "http://127.0.0.1:9/beat"]
)
def test_a_heartbeat(url: str) -> None:
    assert settings(HEARTBEAT_URL=url).heartbeat_url == url


@pytest.mark.parametrize(
    "url",
    ["hc.example.org", "http://hc.example.org/hidden", "ftp://hc.example.org", "https://a:hidden@hc.example.org", "https://hc.example.org/#x"],
)  # fmt: skip
def test_a_heartbeat_of_another_form(url: str) -> None:
    assert fault(HEARTBEAT_URL=url) == "HEARTBEAT_URL must be an https address (http on loopback) without credentials."


def test_neither_the_password_nor_the_monitors_address_is_ever_shown() -> None:
    made = settings(
        SMTP_URL="smtp://bot:hid%2Fden!@mail.example.org",
        EMAIL_FROM=FROM,
        HEARTBEAT_URL="https://hc.example.org/hidden-id",
    )
    for shown in (repr(made), json.dumps(made.describe()), repr(made.mail_server)):
        assert "hidden" not in shown
        assert "hid/den" not in shown
        assert "hid%2Fden" not in shown
    assert made.describe()["SMTP_URL"] == "smtp://bot:***@mail.example.org:587"
    assert made.describe()["EMAIL_FROM"] == FROM
    assert made.describe()["HEARTBEAT_URL"] == "***"
    form = JsonFormatter(Redactor(made.secrets()))
    said = "login hid/den! or smtp://bot:hid%2Fden!@mail.example.org, beat https://hc.example.org/hidden-id"
    line = form.format(logging.LogRecord("x", logging.INFO, "x", 1, said, (), None))
    assert not [secret for secret in ("hid/den", "hid%2Fden", "hidden-id") if secret in line]


def test_a_link_in_a_mail_leads_further_than_this_machine() -> None:
    assert settings().outside_url is None
    assert settings(PUBLIC_URL="https://bot.example.org/").outside_url == "https://bot.example.org"


def test_settings_are_described_as_they_were_meant() -> None:
    assert mail("smtps://[2001:db8::7]").port == 465
    made = settings(SMTP_URL="smtps://[2001:db8::7]", EMAIL_FROM="bot@example.org")
    assert made.describe()["SMTP_URL"] == "smtps://[2001:db8::7]:465"
    assert settings().describe()["SMTP_URL"] == ""
