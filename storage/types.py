"""Column types that mean the same on SQLite and PostgreSQL."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator

FAR_MS = 253_402_300_799_000
"""The end of the year 9999 in epoch milliseconds: "not until something happens"."""

Serial = BigInteger().with_variant(Integer(), "sqlite")
"""A generated id; SQLite generates only INTEGER keys."""


def clean(text: str) -> str:
    """Give text that every database takes: NUL and lone surrogates become U+FFFD. StrEnum members become plain text."""
    text = str(text)
    if text.isascii():
        return text if "\0" not in text else text.replace("\0", "\ufffd")
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class CleanText(TypeDecorator[str]):
    """Text of any length, made storable on its way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Clean what is written or compared."""
        del dialect
        return None if value is None else clean(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with microseconds: aware in, aware in UTC out. SQLite itself forgets time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn into UTC. Raise ValueError for a naive time: it could be any moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give an aware time in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON document, kept as ASCII text: so NUL and lone surrogates inside strings come back as they were."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        """Write compactly."""
        del dialect
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any | None:
        """Read."""
        del dialect
        return None if value is None else json.loads(value)


def to_json(value: Any) -> str:
    """Write a document compactly, in ASCII."""
    return json.dumps(value, separators=(",", ":"))
