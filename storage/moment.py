"""Corrected moments of incidents, each one kept, and key entries of timelines."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from domain.moment import Correction, Moment
from storage.tables import incident_moment, timeline_key

_FIELDS = ("incident_id", "cycle", "moment", "at", "author", "reason", "made_at")
_ADD = insert(incident_moment).values({name: bindparam(name) for name in _FIELDS})
_OF_INCIDENT = (
    select(incident_moment).where(incident_moment.c.incident_id == bindparam("incident")).order_by(incident_moment.c.id)
)
_ONE_KEY = (timeline_key.c.incident_id == bindparam("incident"), timeline_key.c.seq == bindparam("number"))
_KEYS = select(timeline_key.c.seq).where(timeline_key.c.incident_id == bindparam("incident"))


class SqlMoments:
    """Implements usecases.moment_ports.Moments."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def correct(self, correction: Correction) -> None:
        """Add one; from now on it counts."""
        self._connection.execute(_ADD, {name: getattr(correction, name) for name in _FIELDS})

    def counting(self, incident_id: int) -> Mapping[Moment, Correction]:
        """Read the corrections that count."""
        return {one.moment: one for one in self.all(incident_id)}

    def all(self, incident_id: int) -> Sequence[Correction]:
        """List every one, in the order in which they were made."""
        return [_correction(row) for row in self._connection.execute(_OF_INCIDENT, {"incident": incident_id})]

    def mark(self, incident_id: int, seq: int, *, key: bool) -> bool:
        """Say that an entry is a key moment, or that it is not; False when it was so."""
        if (seq in self.keys(incident_id)) is key:
            return False
        if key:
            self._connection.execute(insert(timeline_key), {"incident_id": incident_id, "seq": seq})
        else:
            self._connection.execute(delete(timeline_key).where(*_ONE_KEY), {"incident": incident_id, "number": seq})
        return True

    def keys(self, incident_id: int) -> Collection[int]:
        """List the numbers of the key entries."""
        return set(self._connection.execute(_KEYS, {"incident": incident_id}).scalars())


def _correction(row: Row[Any]) -> Correction:
    return Correction(
        incident_id=row.incident_id,
        cycle=row.cycle,
        moment=Moment(row.moment),
        at=row.at,
        author=row.author,
        reason=row.reason,
        made_at=row.made_at,
    )
