"""Which addresses are loopback, and what a well-formed address of a peer looks like."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


def is_loopback(host: str) -> bool:
    """Tell whether a host (name or address, IPv6 with or without brackets) can only be this machine.

    Only `localhost`, 127.0.0.0/8 and ::1 count: a name that merely resolves to loopback today may not tomorrow.
    """
    bare = host.strip("[]").lower()
    if bare == "localhost":
        return True
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return False
    return address == ipaddress.IPv6Address("::1") or (address.version == 4 and address.is_loopback)  # noqa: PLR2004


def is_host(host: str) -> bool:
    """Tell whether this is an IP address (IPv6 with or without brackets) or a host name, without scheme and port."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return _HOST_NAME.fullmatch(host.lower()) is not None
    return True


def http_origin(host: str, port: int) -> str:
    """Write the http address of a host and port, with brackets around an IPv6 address and without the port 80."""
    bare = host.strip("[]")
    shown = f"[{bare}]" if ":" in bare else bare
    return f"http://{shown}" if port == 80 else f"http://{shown}:{port}"  # noqa: PLR2004


def split_plain_url(url: str) -> SplitResult | None:
    """Take an http or https address apart; None if it has no host, a bad port, credentials, a query or a fragment."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not is_host(parts.hostname):
        return None
    if "@" in parts.netloc or "?" in url or "#" in url or any(c.isspace() or c == "\\" for c in url):
        return None
    return parts
