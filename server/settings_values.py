"""What one setting's text may say: each function here takes the text and returns the value or raises SettingsError."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from integrations.paging.smtp import MailServer, Security, is_address
from server.addresses import is_host, is_loopback, split_plain_url

MAX_PORT = 65_535
MASK = "***"

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TOKEN_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TOKEN = re.compile(r"[!-~]+")
_URL_PASSWORD = re.compile(r"(?<=://)([^/?#@\s]*?):([^/?#\s]*)@")
_MAIL_PORTS = {"smtp": 587, "smtps": 465}
_QUERY_PASSWORD = re.compile(r"(?<=[?&])((?:ssl)?password)=[^&\s]*")


class SettingsError(ValueError):
    """The settings cannot be used as they are; the message is one sentence that names the setting."""


class AppType(StrEnum):
    """The kinds of bot registration that can still be made."""

    SINGLE_TENANT = "SingleTenant"
    USER_ASSIGNED_MSI = "UserAssignedMSI"


class ApiRole(StrEnum):
    """What the holder of an API token may do: look, or also write."""

    READ = "read"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class AppRegistration:
    """The bot as Microsoft knows it; a managed identity has neither password nor certificate."""

    id: str
    type: AppType
    tenant_id: str
    password: str | None = field(default=None, repr=False)
    certificate_path: Path | None = None


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """One caller of the JSON API."""

    name: str
    token: str = field(repr=False)
    role: ApiRole


def comma_list(text: str) -> tuple[str, ...]:
    """Split at commas; spaces around an item and empty items do not count."""
    return tuple(item.strip() for item in text.split(",") if item.strip())


def host(text: str) -> str:
    """Return an address or name without brackets, in lower case."""
    if not is_host(text):
        raise SettingsError("HOST must be an IP address or a host name, without scheme and port.")
    return text.strip("[]").lower()


def port(text: str) -> int:
    """Return a TCP port; 0 stands for any free one."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > MAX_PORT:
        raise SettingsError(f"PORT must be a number from 1 to {MAX_PORT}, or 0 for any free port.")
    return int(text)


def one_of(name: str, text: str, allowed: tuple[str, ...]) -> str:
    """Return the allowed word that equals the text, whatever the case of its letters."""
    for word in allowed:
        if word.lower() == text.lower():
            return word
    raise SettingsError(f"{name} must be one of {', '.join(allowed)}.")


def database_url(text: str) -> str:
    """Return `sqlite:///…` as it stands, or a PostgreSQL address in the one spelling `postgresql://…`."""
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite":
        path = rest.removeprefix("/")
        if not rest.startswith("/") or path in ("", "/", ":memory:") or "?" in path or path.startswith("file:"):
            raise SettingsError("DATABASE_URL must name a file: sqlite:///relative/path or sqlite:////absolute/path.")
        return text
    if scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        url = f"postgresql://{rest}"
        try:
            _ = urlsplit(url).port
        except ValueError:
            raise SettingsError(
                "DATABASE_URL must be postgresql://user:password@host:port/name with special characters percent-encoded.",
            ) from None
        return url
    raise SettingsError("DATABASE_URL must begin with sqlite:/// or postgresql://.")


def passwords_in(url: str) -> frozenset[str]:
    """Every password that a database address carries, as written and as meant."""
    parts = urlsplit(url)
    written = {parts.password or ""}
    for key, values in parse_qs(parts.query).items():
        if key in ("password", "sslpassword"):
            written.update(values)
    return frozenset(form for word in written if word for form in (word, unquote(word)))


def mask_passwords(url: str) -> str:
    """Return the address with `***` in the place of every password."""
    return _QUERY_PASSWORD.sub(rf"\1={MASK}", _URL_PASSWORD.sub(rf"\1:{MASK}@", url))


def outside_url(name: str, text: str) -> str:
    """Return an address without its last slash: https anywhere, http on loopback only."""
    parts = split_plain_url(text)
    if parts is None or (parts.scheme == "http" and not is_loopback(parts.hostname or "")):
        raise SettingsError(f"{name} must be an https address (http on loopback) without credentials and query.")
    return text.rstrip("/")


def mail_server(url: str, sender: str) -> MailServer | None:
    """Return where pages are mailed, None if nowhere; the two settings make sense together only. No error repeats one."""
    if not url and not sender:
        return None
    if not url:
        raise SettingsError("EMAIL_FROM is set without SMTP_URL: set both, or neither to send no mail.")
    parts = _mail_address(url)
    if not sender:
        raise SettingsError("SMTP_URL is set without EMAIL_FROM: set both, or neither to send no mail.")
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(username) != bool(password):
        raise SettingsError("SMTP_URL must carry both a user name and a password, or neither.")
    hostname = parts.hostname or ""
    return MailServer(
        host=hostname,
        port=parts.port or _MAIL_PORTS[parts.scheme],
        security=_security(parts.scheme, hostname, login=bool(username)),
        sender=_sender(sender),
        username=username or None,
        password=password,
    )


def shown_mail_server(server: MailServer | None) -> str:
    """Write a mail server's address as it may be shown; empty if there is none."""
    if server is None:
        return ""
    scheme = "smtps" if server.security is Security.TLS else "smtp"
    login = f"{server.username}:{MASK}@" if server.username else ""
    shown = f"[{server.host}]" if ":" in server.host else server.host
    return f"{scheme}://{login}{shown}:{server.port}"


def _mail_address(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in _MAIL_PORTS and is_host(parts.hostname or "") and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.path not in ("", "/") or "?" in url or "#" in url:
        raise SettingsError(
            "SMTP_URL must be smtp://user:password@host:port or smtps://…, with special characters percent-encoded."
        )
    return parts


def _security(scheme: str, hostname: str, *, login: bool) -> Security:
    if scheme == "smtps":
        return Security.TLS
    if is_loopback(hostname):
        return Security.NONE
    return Security.STARTTLS if login else Security.OFFERED


def _sender(text: str) -> str:
    address = parseaddr(text)[1]
    try:
        address.rpartition("@")[2].encode("idna")
    except UnicodeError:
        address = ""
    if not is_address(address) or address not in text:
        raise SettingsError("EMAIL_FROM must be an address like bot@example.org or Incident bot <bot@example.org>.")
    return text


def heartbeat_url(text: str) -> str | None:
    """Return the address that is called while all is well, None if none is; it may carry a query."""
    if not text:
        return None
    parts = split_plain_url(text.partition("?")[0])
    if parts is None or "#" in text or (parts.scheme == "http" and not is_loopback(parts.hostname or "")):
        raise SettingsError("HEARTBEAT_URL must be an https address (http on loopback) without credentials.")
    return text


def emulator_url(text: str) -> str | None:
    """Return the emulator's address without its last slash, None if there is none."""
    if not text:
        return None
    parts = split_plain_url(text)
    if parts is None or parts.scheme != "http" or not is_loopback(parts.hostname or ""):
        raise SettingsError("TEAMS_EMULATOR_URL must be an http address on loopback without credentials and query.")
    return text.rstrip("/")


def graph_capabilities(text: str) -> frozenset[str]:
    """Return the capabilities switched on: none can be in this version."""
    if comma_list(text):
        raise SettingsError("GRAPH_CAPABILITIES must be empty: this version has no Graph capability.")
    return frozenset()


def api_tokens(text: str) -> tuple[ApiToken, ...]:
    """Return the API's callers in order; names and tokens are unique. No error repeats any part of an entry."""
    found: list[ApiToken] = []
    for number, entry in enumerate(comma_list(text), start=1):
        name, _, rest = entry.partition(":")
        token, _, role = rest.rpartition(":")
        if not _TOKEN_NAME.fullmatch(name) or not _TOKEN.fullmatch(token) or role not in tuple(ApiRole):
            raise SettingsError(f"API_TOKENS entry {number} must be name:token:role with the role read or admin.")
        if any(other.name == name or other.token == token for other in found):
            raise SettingsError(f"API_TOKENS entry {number} repeats the name or the token of an earlier entry.")
        found.append(ApiToken(name=name, token=token, role=ApiRole(role)))
    return tuple(found)


def tenant_ids(name: str, text: str, *, microsoft: bool) -> frozenset[str]:
    """Return tenant ids; GUIDs in lower case where Microsoft is the other side."""
    return frozenset(guid(name, item) if microsoft else item for item in comma_list(text))


def guid(name: str, text: str) -> str:
    """Return a GUID in lower case."""
    if not _GUID.fullmatch(text.lower()):
        raise SettingsError(f"{name} must be a GUID like 11111111-2222-3333-4444-555555555555.")
    return text.lower()


def app_registration(values: Mapping[str, str], *, microsoft: bool) -> AppRegistration | None:
    """Return the registration that the MICROSOFT_* settings describe together, None if none of them is set."""
    app = {name: text for name, text in values.items() if name.startswith("MICROSOFT_") and text}
    if not app:
        return None
    app_type = _app_type(app.get("MICROSOFT_APP_TYPE", ""))
    _refuse_contradictions(app, app_type)
    missing = _missing(app, app_type)
    if missing:
        raise SettingsError(f"The app registration is incomplete: {' and '.join(missing)} must be set too.")
    app_id, tenant_id = app["MICROSOFT_APP_ID"], app["MICROSOFT_APP_TENANT_ID"]
    certificate = app.get("MICROSOFT_APP_CERTIFICATE_PATH")
    return AppRegistration(
        id=guid("MICROSOFT_APP_ID", app_id) if microsoft else app_id,
        type=AppType(app["MICROSOFT_APP_TYPE"]),
        tenant_id=guid("MICROSOFT_APP_TENANT_ID", tenant_id) if microsoft else tenant_id,
        password=app.get("MICROSOFT_APP_PASSWORD"),
        certificate_path=_readable(Path(certificate)) if certificate else None,
    )


def _app_type(text: str) -> AppType | None:
    if text == "MultiTenant":
        raise SettingsError(
            "MICROSOFT_APP_TYPE MultiTenant is not supported: "
            "new multi-tenant bots cannot be created since 2025-07-31, use SingleTenant or UserAssignedMSI.",
        )
    if text and text not in tuple(AppType):
        raise SettingsError("MICROSOFT_APP_TYPE must be SingleTenant or UserAssignedMSI.")
    return AppType(text) if text else None


def _refuse_contradictions(app: Mapping[str, str], app_type: AppType | None) -> None:
    credentials = [n for n in ("MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_CERTIFICATE_PATH") if n in app]
    if app_type is AppType.USER_ASSIGNED_MSI and credentials:
        raise SettingsError(f"{credentials[0]} contradicts MICROSOFT_APP_TYPE: a managed identity has no credential.")
    if len(credentials) > 1:
        raise SettingsError(f"{credentials[0]} and {credentials[1]} contradict each other: set only one of them.")


def _missing(app: Mapping[str, str], app_type: AppType | None) -> list[str]:
    missing = [n for n in ("MICROSOFT_APP_ID", "MICROSOFT_APP_TYPE", "MICROSOFT_APP_TENANT_ID") if n not in app]
    has_credential = "MICROSOFT_APP_PASSWORD" in app or "MICROSOFT_APP_CERTIFICATE_PATH" in app
    if not has_credential and app_type is not AppType.USER_ASSIGNED_MSI:
        missing.append("MICROSOFT_APP_PASSWORD (or MICROSOFT_APP_CERTIFICATE_PATH)")
    return missing


def _readable(path: Path) -> Path:
    try:
        path.read_bytes()
    except OSError as fault:
        reason = "does not exist" if isinstance(fault, FileNotFoundError) else "cannot be read"
        raise SettingsError(f"MICROSOFT_APP_CERTIFICATE_PATH names a file that {reason}.") from None
    return path
