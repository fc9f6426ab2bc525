"""What a button carries comes back from a client: read as the words of a stranger."""

from collections.abc import Mapping
from typing import Any

_DIGITS = 10  # of 2**31, the end of our numbers


def number(data: Mapping[str, Any], name: str, *, chosen: bool = False) -> int | None:
    """Read the number of a thing that is stored; `chosen` from a list, it is text. None for anything else."""
    value = data.get(name)
    if chosen and isinstance(value, str) and value.isdecimal() and len(value) <= _DIGITS:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 else None
