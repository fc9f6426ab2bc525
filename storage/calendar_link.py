"""Secret calendar addresses, one for each owner."""

from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from storage.tables import calendar_link
from usecases.oncall_ports import CalendarLink, LinkOwner

_OF = select(calendar_link).where(
    calendar_link.c.owner == bindparam("whose"), calendar_link.c.owner_id == bindparam("whose_id")
)
_BY_SECRET = select(calendar_link).where(calendar_link.c.secret == bindparam("wanted"))
_NEW = insert(calendar_link)
_PUT = _NEW.on_conflict_do_update(
    index_elements=["owner", "owner_id"],
    set_={"secret": _NEW.excluded.secret, "made_at": _NEW.excluded.made_at},
)


class SqlCalendarLinks:
    """Implements usecases.oncall_ports.CalendarLinks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, owner: LinkOwner, owner_id: str) -> CalendarLink | None:
        """Find the one of an owner."""
        return self._one(_OF, whose=owner, whose_id=owner_id)

    def by_secret(self, secret: str) -> CalendarLink | None:
        """Find who a secret belongs to."""
        return self._one(_BY_SECRET, wanted=secret)

    def put(self, link: CalendarLink) -> None:
        """Store one; the owner's earlier one ends."""
        values = {"owner": link.owner, "owner_id": link.owner_id, "secret": link.secret, "made_at": link.made_at}
        self._connection.execute(_PUT, values)

    def _one(self, query: Any, **values: Any) -> CalendarLink | None:
        row = self._connection.execute(query, values).one_or_none()
        if row is None:
            return None
        return CalendarLink(secret=row.secret, owner=LinkOwner(row.owner), owner_id=row.owner_id, made_at=row.made_at)
