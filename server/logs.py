"""Logging: one line for a person or one JSON object for a collector, with every known secret blotted out.

What the product logs are its own sentences with a few named fields. Activities, tokens and headers are never logged;
the libraries that would write them at DEBUG are held at WARNING whatever LOG_LEVEL says.
"""

import json
import logging
import math
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from server.settings_values import MASK, mask_passwords

MIN_SECRET = 4
"""Registered secrets shorter than this are left in place: blotting out single letters would make a log unreadable."""

# They write headers, request bodies or SQL parameters when asked for details.
TALKATIVE = (
    "aiohttp",
    "alembic",
    "apscheduler",
    "asyncio",
    "botbuilder",
    "botframework",
    "msal",
    "msrest",
    "requests",
    "sqlalchemy",
    "urllib3",
)

_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*")
_BEARER = re.compile(r"\b(bearer)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class Redactor:
    """Blots out the secrets it was given, and whatever looks like a bearer token or a password in an address."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets if len(secret) >= MIN_SECRET for form in _spellings(secret)}
        longest_first = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None

    def __call__(self, text: str) -> str:
        """Return the text with `***` in the place of every secret."""
        if self._known:
            text = self._known.sub(MASK, text)
        text = _BEARER.sub(rf"\1 {MASK}", _JWT.sub(MASK, text))
        return mask_passwords(text)


class JsonFormatter(logging.Formatter):
    """One object a line: time (RFC 3339 UTC), level, logger, message, the named fields, exception."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Write the record as ASCII JSON: a lone surrogate in a message cannot break the line."""
        fields = {key: self._plain(value) for key, value in _extra(record).items()}
        entry: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": self._redact(record.getMessage()),
        }
        entry.update({f"{key}_" if key in (*entry, "exception") else key: value for key, value in fields.items()})
        trace = _trace(self, record)
        if trace:
            entry["exception"] = self._redact(trace)
        return json.dumps(entry)

    def _plain(self, value: object) -> object:
        if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
            return value
        return self._redact(str(value))


class ConsoleFormatter(logging.Formatter):
    """One line a record; a traceback follows with every line indented, so nothing in it can pass for a record."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Write the record with its named fields; line breaks and other control characters are shown escaped."""
        fields = "".join(f" {key}={value}" for key, value in _extra(record).items())
        line = f"{_time(record)} {record.levelname:<8} {record.name}: {record.getMessage()}{fields}"
        trace = _trace(self, record)
        lines = [line, *(f"    {part}" for part in trace.split("\n"))] if trace else [line]
        return "\n".join(_CONTROL.sub(_escaped, self._redact(part)) for part in lines)


class Handler(logging.StreamHandler[TextIO]):
    """Writes to a stream whatever its encoding, and never prints the record that could not be written."""

    def format(self, record: logging.LogRecord) -> str:
        """Replace what the stream cannot encode."""
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        return super().format(record).encode(encoding, "backslashreplace").decode(encoding)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say where a line was lost; the standard handler would print its raw arguments, secrets included."""
        fault = sys.exc_info()[0]
        name = fault.__name__ if fault else "unknown"
        sys.stderr.write(f"A log line was lost ({name}) at {record.pathname}:{record.lineno}\n")


class AccessLogger(AbstractAccessLogger):
    """One line a request: method, path, status, milliseconds. Never the query or a header: they may carry secrets."""

    QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
    KEYED = "/calendar/"
    """What follows in the path opens a calendar."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Log an answered request; what monitors and the page of Local Teams ask all the time is logged at DEBUG. `time` is in seconds."""
        path = request.rel_url.raw_path
        path = f"{self.KEYED}***" if path.startswith(self.KEYED) else path
        level = logging.DEBUG if path in self.QUIET or path.startswith("/local-teams/") else logging.INFO
        self.logger.log(level, "%s %s %d %.1f ms", request.method, path, response.status, time * 1000)


def configure(*, json_lines: bool, level: str, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send every logger of this process to one stream (standard error by default), replacing what was set before."""
    redact = Redactor(secrets)
    handler = Handler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(redact) if json_lines else ConsoleFormatter(redact))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.getLogger("aiohttp.access").setLevel(root.level)


def _spellings(secret: str) -> set[str]:
    """Return the secret as it stands and as it looks inside a repr, a JSON text and an exception that quotes it."""
    return {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in record.__dict__.items() if key not in _STANDARD}


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    if record.exc_info and record.exc_info[0]:
        return formatter.formatException(record.exc_info)
    return record.exc_text or ""


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
