"""Outside calendars of schedules."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from storage.parsed import as_text, shifts_from, without
from storage.tables import feed
from usecases.oncall_ports import Feed

_FIELDS = ("schedule", "url", "shifts", "good_at", "tried_at", "error")
_ROWS = select(*without(feed.c.shifts), as_text(feed.c.shifts).label("shifts_text"))
_GET = _ROWS.where(feed.c.schedule == bindparam("wanted"))
_LOOKS = select(feed.c.schedule, feed.c.url, feed.c.tried_at).where(feed.c.tried_at.is_not(None))
_NEW = insert(feed)
_PUT = _NEW.on_conflict_do_update(
    index_elements=["schedule"], set_={name: _NEW.excluded[name] for name in _FIELDS if name != "schedule"}
)
_FORGET = delete(feed).where(feed.c.schedule.in_(bindparam("gone", expanding=True)))


class SqlFeeds:
    """Implements usecases.oncall_ports.Feeds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, schedule_id: str) -> Feed | None:
        """Read what is known of a schedule's calendar."""
        row = self._connection.execute(_GET, {"wanted": schedule_id}).one_or_none()
        return None if row is None else _feed(row)

    def put(self, feed: Feed) -> None:
        """Write it. Shifts are kept to the second."""
        values = {name: getattr(feed, name) for name in _FIELDS}
        self._connection.execute(_PUT, values | {"shifts": [shift.to_json() for shift in feed.shifts]})

    def looks(self) -> Mapping[tuple[str, str], datetime]:
        """Tell when each was last tried, by schedule and address."""
        return {(row.schedule, row.url): row.tried_at for row in self._connection.execute(_LOOKS)}

    def forget(self, schedule_ids: Collection[str]) -> None:
        """Drop what is known of schedules that have no calendar any more."""
        if schedule_ids:
            self._connection.execute(_FORGET, {"gone": list(schedule_ids)})


def _feed(row: Row[Any]) -> Feed:
    return Feed(
        schedule=row.schedule,
        url=row.url,
        shifts=shifts_from(row.shifts_text),
        good_at=row.good_at,
        tried_at=row.tried_at,
        error=row.error,
    )
