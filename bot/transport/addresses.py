"""Where the other side lives, and which service URLs may ever see our token."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

EMULATOR_APP_ID = "local-bot"
"""The audience of an emulator's tokens where no app registration is set."""
TOKEN_SCOPE = "https://api.botframework.com/.default"  # noqa: S105 - a public scope name, not a secret
TOKEN_RESOURCE = "https://api.botframework.com"  # noqa: S105 - the same, as managed identities name it
LOGIN_URL = "https://login.microsoftonline.com/"
GCC_SERVICE_URL = "https://smba.infra.gcc.teams.microsoft.com/gcc"
"""Where a call answered 403 InvalidBotApiHost is repeated once."""

_DEFAULT_PORTS = {"https": 443, "http": 80}
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Addresses:
    """What differs between Microsoft's cloud and an emulator; the code is the same for both."""

    metadata_url: str
    issuers: tuple[str, ...]
    service_urls: tuple[str, ...]
    require_endorsements: bool
    token_url: str | None = None
    """Client-credentials endpoint of an emulator; None means Microsoft Entra through MSAL."""


PUBLIC_CLOUD = Addresses(
    metadata_url="https://login.botframework.com/v1/.well-known/openidconfiguration",
    issuers=("https://api.botframework.com",),
    service_urls=(
        "https://smba.trafficmanager.net/",
        "https://smba.infra.gcc.teams.microsoft.com/",
        "https://smba.infra.gov.teams.microsoft.us/",
    ),
    require_endorsements=True,
)


def emulator(url: str) -> Addresses:
    """Return the addresses of the emulator at `url`; ValueError unless it is plain http on loopback."""
    base = url.rstrip("/")
    found = _split(base)
    if found is None or found[0] != "http" or not is_loopback(found[1]):
        raise ValueError("an emulator must be an http address on this machine, such as http://127.0.0.1:3979")
    return Addresses(
        metadata_url=f"{base}/.well-known/openidconfiguration",
        issuers=(base,),
        service_urls=(f"{base}/",),
        require_endorsements=False,
        token_url=f"{base}/oauth2/v2.0/token",
    )


def is_loopback(host: str) -> bool:
    """Tell whether `host` names this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class ServiceUrls:
    """The allow-list of service URLs: compared by scheme, host, port and whole path segments."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = [_required(url) for url in allowed]
        self._answers: dict[str, bool] = {}

    def allows(self, url: str) -> bool:
        """Tell whether a request below `url` may carry our token."""
        known = self._answers.get(url)
        if known is None:
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            known = self._answers[url] = self._decide(url)
        return known

    def _decide(self, url: str) -> bool:
        found = _split(url)
        return found is not None and any(
            found[:3] == allowed[:3] and found[3].startswith(allowed[3]) for allowed in self._allowed
        )


def _required(url: str) -> tuple[str, str, int, str]:
    found = _split(url)
    if found is None or (found[0] == "http" and not is_loopback(found[1])):
        raise ValueError(f"not a service URL that may see a token: {url!r}")
    return found


def _split(url: str) -> tuple[str, str, int, str] | None:
    """Return scheme, host, port and the path with a closing slash; None for anything unusual."""
    # Parsers disagree on these characters (user info, escapes, blanks); real service URLs have none of them.
    if not url.isascii() or not url.isprintable() or any(mark in url for mark in " \\?#@%"):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    path = parts.path.rstrip("/") + "/"
    if parts.scheme not in _DEFAULT_PORTS or not host or "/./" in path or "/../" in path:
        return None
    return parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], path
