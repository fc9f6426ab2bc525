"""Which addresses a calendar is read from: those of the public Internet, so that none reaches into our own network."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from yarl import URL

ONLY_HTTPS = "Only https addresses are read."
INSIDE = "Its address leads into a private network, where calendars are not read."
_NO_ADDRESS = "Its address is neither a name nor an IP address in its usual form."
# What the operating system would take for an IPv4 address: 127.1, 2130706433, 0x7f.1, "127.0.0.1." (WHATWG URL, 3.5).
_ENDS_IN_A_NUMBER = re.compile(r"(.*\.)?(\d+|0x[0-9a-f]*)\.?", re.ASCII)
# The only block of global addresses (RFC 4291, 2.4). Others embed IPv4 addresses, or mean this network.
_GLOBAL = IPv6Network("2000::/3")
_SIX_TO_FOUR = IPv6Network("2002::/16")  # embeds any IPv4 address, and nobody serves anything there (RFC 7526)
_TRANSLATED = IPv6Network("64:ff9b::/96")  # how networks without IPv4 reach it (RFC 6052)


def objection(url: str, *, loopback: bool) -> str | None:
    """Say why a calendar's address is not read, as far as its text tells; None where it may be.

    `loopback` also allows this machine, without https. What a name means is known only where it is connected to.
    """
    try:
        # As the client will understand it: digits and dots of other scripts become those of ASCII.
        address = URL(url)
        host = address.host
    except ValueError:
        return _NO_ADDRESS
    literal = _literal(host or "")
    if literal is not None and not is_allowed(literal, loopback=loopback):
        return INSIDE
    here = literal.is_loopback if literal is not None else loopback and host == "localhost"
    if not host or address.scheme not in (("https", "http") if here else ("https",)):
        return ONLY_HTTPS
    return _NO_ADDRESS if literal is None and _ENDS_IN_A_NUMBER.fullmatch(host) else None


def is_allowed(address: IPv4Address | IPv6Address, *, loopback: bool) -> bool:
    """Tell whether a connection may go to an address; `loopback` also allows this machine."""
    return _is_public(address) or (loopback and address.is_loopback)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    if address in _TRANSLATED:
        return _is_public(IPv4Address(address.packed[-4:]))
    return address in _GLOBAL and address not in _SIX_TO_FOUR and address.is_global
