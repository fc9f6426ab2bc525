"""Moments as the HTTP interfaces write them."""

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """Write an aware datetime as RFC 3339 in UTC with milliseconds: "2026-11-30T08:00:00.000Z".

    Always of the same length, so that sorting the texts sorts the moments.
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
