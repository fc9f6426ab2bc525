"""What became of a call to Teams: plain values, one class per thing the caller has to do next."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

_DETAIL = 200
_THROTTLED = frozenset({412, 429})
_TEMPORARY = frozenset({502, 503, 504})
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Sent:
    """Done. `activity_id` is "" where Teams named none; `conversation_id` is set by create_conversation only."""

    activity_id: str
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    conversation_id: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a read returned."""

    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Throttled:
    """Nothing was done: come back after `after_seconds`, or after a back-off of your own where it is None."""

    after_seconds: float | None
    tenant_wide: bool
    status: int


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A new message that may or may not have been delivered; `status` 0 means no answer came."""

    status: int
    detail: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing left this machine: no connection or no token. Trying again cannot double anything."""

    detail: str


@dataclass(frozen=True, slots=True)
class Retryable:
    """A change or a read without a final answer; doing it again is harmless. `status` 0 means no answer came."""

    status: int
    detail: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Final. `code` is Teams' error code, "" where the answer has none."""

    status: int
    code: str
    detail: str


Failure = Throttled | Ambiguous | Unreachable | Retryable | Refused
Outcome = Sent | Failure


def unanswered(method: str, detail: str) -> Ambiguous | Retryable:
    """Return the outcome of a request that went out and never was answered."""
    return Ambiguous(0, detail) if method == "POST" else Retryable(0, detail)


def classify(method: str, status: int, retry_after: str | None, body: bytes) -> Outcome:
    """Return what an answer means (Microsoft's status table; a doubled POST is worse than a lost one)."""
    if 200 <= status < 300:  # noqa: PLR2004 - success as HTTP defines it
        return _sent(body)
    if method == "DELETE" and status == _NOT_FOUND:
        return Sent("")
    code, detail = _error(body)
    if status in _THROTTLED:
        return Throttled(_seconds(retry_after), "tenant" in detail.lower(), status)
    if method == "POST":
        maybe_delivered = status == 408 or status >= 500  # noqa: PLR2004
        return Ambiguous(status, detail) if maybe_delivered else Refused(status, code, detail)
    return Retryable(status, detail) if status in _TEMPORARY else Refused(status, code, detail)


def parsed(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`, {} for anything else: gateways answer with HTML."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _sent(body: bytes) -> Sent:
    found = parsed(body)
    return Sent(_text(found.get("id")), found)


def _error(body: bytes) -> tuple[str, str]:
    """Return Teams' error code and one short line for the ledger."""
    found = parsed(body)
    error = found.get("error")
    inner: dict[str, Any] = error if isinstance(error, dict) else found
    code = _text(inner.get("subCode")) or _text(inner.get("code")) or _text(found.get("errorCode"))
    message = _text(inner.get("message")) or body[:_DETAIL].decode("utf-8", "replace")
    return code, " ".join(f"{code} {message}".split())[:_DETAIL]


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _seconds(retry_after: str | None) -> float | None:
    """Read Retry-After, which is either seconds or an HTTP date."""
    if not retry_after:
        return None
    try:
        wait = float(retry_after)
    except ValueError:
        try:
            wait = parsedate_to_datetime(retry_after).timestamp() - time.time()
        except ValueError:
            return None
    return max(wait, 0.0) if wait < float("inf") else None
