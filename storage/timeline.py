"""Timeline entries, append-only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, select, text, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from domain.errors import Repeated
from domain.people import BOT_ID
from domain.timeline import EntryKind, Revision, Source, TimelineEntry
from storage.tables import timeline_entry, timeline_revision

_ADD = (
    insert(timeline_entry)
    .on_conflict_do_nothing(index_elements=["source_activity"])
    .execution_options(preserve_rowcount=True)
)
_BY_SOURCE = select(timeline_entry).where(timeline_entry.c.source_activity == bindparam("source"))
# Words of a person: what a step says about itself (a title, a new status) has its own place on the card.
_LATEST_WORDS = (
    select(timeline_entry)
    .where(
        timeline_entry.c.incident_id == bindparam("incident"),
        timeline_entry.c.deleted_at.is_(None),
        text("kind IN ('note', 'resolved', 'reopened') AND text <> ''"),
    )
    .order_by(timeline_entry.c.seq.desc())
    .limit(1)
)
_REVISIONS = (
    select(timeline_revision)
    .where(
        timeline_revision.c.incident_id == bindparam("incident"),
        timeline_revision.c.seq.in_(bindparam("seqs", expanding=True)),
    )
    .order_by(timeline_revision.c.number)
)
_OF_KINDS = (
    select(timeline_entry)
    .where(
        timeline_entry.c.incident_id == bindparam("incident"),
        timeline_entry.c.kind.in_(bindparam("kinds", expanding=True)),
    )
    .order_by(timeline_entry.c.seq)
    .limit(bindparam("most"))
)
_NUMBERED = (
    select(timeline_entry)
    .where(
        timeline_entry.c.incident_id == bindparam("incident"),
        timeline_entry.c.seq.in_(bindparam("seqs", expanding=True)),
    )
    .order_by(timeline_entry.c.seq)
)
_FIRST_SEEN = (
    select(timeline_entry.c.actor, func.min(timeline_entry.c.at).label("at"))
    .where(timeline_entry.c.incident_id == bindparam("incident"), timeline_entry.c.actor != BOT_ID)
    .group_by(timeline_entry.c.actor)
)
_KEEP = plain_insert(timeline_revision)
_ONE_ENTRY = (timeline_entry.c.incident_id == bindparam("incident"), timeline_entry.c.seq == bindparam("number"))
_REVISE = (
    update(timeline_entry)
    .where(*_ONE_ENTRY)
    .values(text=bindparam("new_text"), revised=timeline_entry.c.revised + 1)
    .returning(timeline_entry.c.revised)
)
_ERASE = update(timeline_entry).where(*_ONE_ENTRY).values(text="", deleted_at=bindparam("at_deleted"), revised=0)
_DROP_REVISIONS = delete(timeline_revision).where(
    timeline_revision.c.incident_id == bindparam("incident"), timeline_revision.c.seq == bindparam("number")
)


def page_query(incident_id: int, *, after: int = 0, before: int | None = None, limit: int = 25) -> Select[Any]:
    """Build the query of a page: by number, never by offset. With `before` it gives the newest first."""
    page = select(timeline_entry).where(timeline_entry.c.incident_id == incident_id).limit(limit)
    if before is None:
        return page.where(timeline_entry.c.seq > after).order_by(timeline_entry.c.seq)
    return page.where(timeline_entry.c.seq < before, timeline_entry.c.seq > after).order_by(timeline_entry.c.seq.desc())


class SqlTimeline:
    """Implements usecases.timeline_ports.Timeline."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entry: TimelineEntry) -> None:
        """Add one; its number is the incident's `entry_seq`. Raise Repeated when its `source_activity` wrote one before."""
        added = self._connection.execute(
            _ADD,
            {
                "incident_id": entry.incident_id,
                "seq": entry.seq,
                "at": entry.at,
                "kind": entry.kind,
                "actor": entry.actor,
                "text": entry.text,
                "data": dict(entry.data),
                "source": entry.source,
                "source_activity": entry.source_activity,
                "deleted_at": entry.deleted_at,
                "revised": 0,
            },
        )
        if added.rowcount == 0:
            raise Repeated

    def page(
        self, incident_id: int, *, after: int = 0, before: int | None = None, limit: int = 25
    ) -> Sequence[TimelineEntry]:
        """Read oldest first: the first `limit` entries after `after`, or the last `limit` before `before`."""
        rows = self._connection.execute(page_query(incident_id, after=after, before=before, limit=limit)).all()
        return self._entries(rows if before is None else rows[::-1])

    def latest_words(self, incident_id: int) -> TimelineEntry | None:
        """Read the newest note, summary or reason that a person wrote and did not delete."""
        return self._one(self._connection.execute(_LATEST_WORDS, {"incident": incident_id}).one_or_none())

    def by_source(self, source_activity: str) -> TimelineEntry | None:
        """Find the entry that an activity wrote."""
        return self._one(self._connection.execute(_BY_SOURCE, {"source": source_activity}).one_or_none())

    def of_kinds(self, incident_id: int, kinds: Collection[EntryKind], *, limit: int) -> Sequence[TimelineEntry]:
        """Read the first `limit` entries of these kinds, oldest first."""
        values = {"incident": incident_id, "kinds": [str(kind) for kind in kinds], "most": limit}
        return self._entries(self._connection.execute(_OF_KINDS, values).all())

    def numbered(self, incident_id: int, seqs: Collection[int]) -> Sequence[TimelineEntry]:
        """Read the entries with these numbers, oldest first."""
        return self._entries(self._connection.execute(_NUMBERED, {"incident": incident_id, "seqs": sorted(seqs)}).all())

    def first_seen(self, incident_id: int) -> Mapping[int, datetime]:
        """Tell when each person first did something in an incident (UTC), by their ids."""
        return {row.actor: row.at for row in self._connection.execute(_FIRST_SEEN, {"incident": incident_id})}

    def revise(self, entry: TimelineEntry, text: str, at: datetime) -> None:
        """Replace an entry's text and keep the earlier one as a revision."""
        key = {"incident": entry.incident_id, "number": entry.seq}
        before = self._one(
            self._connection.execute(
                select(timeline_entry).where(*_ONE_ENTRY).with_for_update(key_share=True), key
            ).one_or_none()
        )
        if before is None or before.text == text:
            return
        number = self._connection.execute(_REVISE, {**key, "new_text": text}).scalar_one()
        kept = {"incident_id": entry.incident_id, "seq": entry.seq, "number": number, "text": before.text, "at": at}
        self._connection.execute(_KEEP, kept)

    def erase(self, entry: TimelineEntry, at: datetime) -> None:
        """Take away an entry's text and revisions; its place and time stay."""
        key = {"incident": entry.incident_id, "number": entry.seq}
        self._connection.execute(_ERASE, {**key, "at_deleted": at})
        self._connection.execute(_DROP_REVISIONS, key)

    def _one(self, row: Row[Any] | None) -> TimelineEntry | None:
        return None if row is None else self._entries([row])[0]

    def _entries(self, rows: Sequence[Row[Any]]) -> Sequence[TimelineEntry]:
        entries = [_entry(row) for row in rows]
        seqs = [row.seq for row in rows if row.revised]
        if not seqs:
            return entries
        revisions: dict[int, list[Revision]] = {}
        for row in self._connection.execute(_REVISIONS, {"incident": rows[0].incident_id, "seqs": seqs}):
            revisions.setdefault(row.seq, []).append(Revision(row.text, row.at))
        return [replace(entry, revisions=tuple(revisions.get(entry.seq, ()))) for entry in entries]


def _entry(row: Row[Any]) -> TimelineEntry:
    return TimelineEntry(
        incident_id=row.incident_id,
        seq=row.seq,
        at=row.at,
        kind=EntryKind(row.kind),
        actor=row.actor,
        text=row.text,
        data=row.data,
        source=Source(row.source),
        source_activity=row.source_activity,
        deleted_at=row.deleted_at,
    )
