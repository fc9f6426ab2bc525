"""Reviews by number, their sections with every earlier text, and the messages in which people see them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, select, update

from domain.catalog import Side
from domain.review import Review, ReviewState, Section, SignOff
from domain.review_template import Fill, SectionKind
from storage.place import PLACE_FIELDS, place_from, place_values
from storage.statements import adding, by_id, save_seen, saving_seen
from storage.tables import (
    incident_service,
    review_card,
    review_draft,
    review_incident,
    review_section,
    review_text,
)
from storage.tables import review as review_table
from usecases.review_ports import ReviewCard, ReviewFilter, SectionDraft

_FIELDS = (
    "owner",
    "due_at",
    "template",
    "made_at",
    "severity",
    "state",
    "sides",
    "sign_offs",
    "skipped",
    "reason",
    "closed_by",
    "closed_at",
    "plan",
    "version",
)
_ADD = adding(review_table, _FIELDS)
_SAVE = saving_seen(review_table, _FIELDS)
_BY_ID = by_id(review_table)
_LOCK = _BY_ID.with_for_update(key_share=True)
_OF_INCIDENT = select(review_incident.c.review_id).where(review_incident.c.incident_id == bindparam("incident"))
_KNOWN = select(review_incident).where(review_incident.c.incident_id.in_(bindparam("incidents", expanding=True)))
_INCIDENTS = (
    select(review_incident)
    .where(review_incident.c.review_id.in_(bindparam("reviews", expanding=True)))
    .order_by(review_incident.c.position)
)
_SECTIONS = (
    select(review_section).where(review_section.c.review_id == bindparam("wanted")).order_by(review_section.c.position)
)
_ONE_SECTION = (
    review_section.c.review_id == bindparam("wanted"),
    review_section.c.section_id == bindparam("section"),
)
_WRITE = (
    update(review_section)
    .where(*_ONE_SECTION)
    .values({name: bindparam(f"new_{name}") for name in ("text", "version", "by", "at")})
)
_KEEP = insert(review_text).from_select(
    ("review_id", "section_id", "version", "text", "by", "at"),
    select(
        review_section.c.review_id,
        review_section.c.section_id,
        review_section.c.version,
        review_section.c.text,
        review_section.c.by,
        review_section.c.at,
    ).where(*_ONE_SECTION),
)
_EARLIER = (
    select(review_text)
    .where(review_text.c.review_id == bindparam("wanted"), review_text.c.section_id == bindparam("section"))
    .order_by(review_text.c.version)
)
_MY_DRAFT = (
    review_draft.c.review_id == bindparam("wanted"),
    review_draft.c.section_id == bindparam("section"),
    review_draft.c.person == bindparam("mine"),
)
_DRAFT, _DROP_DRAFT = select(review_draft).where(*_MY_DRAFT), delete(review_draft).where(*_MY_DRAFT)
_CARD_FIELDS = ("review_id", "reader", *PLACE_FIELDS, "conversation_id", "activity_id")
_ADD_CARD = insert(review_card).values({name: bindparam(name) for name in _CARD_FIELDS})
_CARDS = select(review_card).where(review_card.c.review_id == bindparam("wanted")).order_by(review_card.c.id)


class SqlReviews:
    """Implements usecases.review_ports.Reviews."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, review: Review) -> Review:
        """Store a new one (id 0) and give it its number."""
        added = replace(review, id=self._connection.execute(_ADD, _values(review)).scalar_one())
        self._join(added, 0)
        rows = [_section_values(added.id, place, section) for place, section in enumerate(added.sections)]
        self._connection.execute(insert(review_section), rows)
        return added

    def get(self, review_id: int) -> Review | None:
        """Read one."""
        return self._whole(self._connection.execute(_BY_ID, {"key": review_id}).one_or_none())

    def lock(self, review_id: int) -> Review | None:
        """Read one that nobody else changes until the transaction ends."""
        return self._whole(self._connection.execute(_LOCK, {"key": review_id}).one_or_none())

    def of_incident(self, incident_id: int) -> int | None:
        """Tell which review looks at an incident."""
        return self._connection.execute(_OF_INCIDENT, {"incident": incident_id}).scalar_one_or_none()

    def known(self, incident_ids: Collection[int]) -> Mapping[int, int]:
        """Tell the reviews of several incidents; those without one are left out."""
        rows = self._connection.execute(_KNOWN, {"incidents": sorted(incident_ids)})
        return {row.incident_id: row.review_id for row in rows}

    def save(self, review: Review, *, seen: int) -> None:
        """Write a changed one whose version was `seen`, its new incidents and its new texts, and keep earlier texts.

        Raise StaleVersion when it is another by now.
        """
        save_seen(self._connection, _SAVE, review.id, seen, _values(review))
        before = self._sections(review.id)
        for section in review.sections:
            if section.version != before[section.id].version:
                self._write(review.id, section)
        self._join(review, len(self._incidents([review.id]).get(review.id, ())))

    def remove(self, review_id: int) -> None:
        """Forget one that nobody has written in: its incidents are looked at in another one."""
        for table in (review_draft, review_text, review_section, review_incident, review_card):
            self._connection.execute(delete(table).where(table.c.review_id == review_id))
        self._connection.execute(delete(review_table).where(review_table.c.id == review_id))

    def text_at(self, review_id: int, section_id: str, version: int) -> str | None:
        """Read a text that a section has, or had."""
        now = self._sections(review_id).get(section_id)
        if now is not None and now.version == version:
            return now.text
        return next((was.text for was in self.earlier(review_id, section_id) if was.version == version), None)

    def earlier(self, review_id: int, section_id: str) -> Sequence[Section]:
        """List what a section said before, oldest first; their kind is the section's."""
        now = self._sections(review_id).get(section_id)
        if now is None:
            return ()
        rows = self._connection.execute(_EARLIER, {"wanted": review_id, "section": section_id})
        return [Section(kind=now.kind, text=row.text, version=row.version, by=row.by, at=row.at) for row in rows]

    def draft(self, review_id: int, section_id: str, person: int) -> SectionDraft | None:
        """Read what somebody wrote that is not saved."""
        row = self._connection.execute(_DRAFT, _mine(review_id, section_id, person)).one_or_none()
        return None if row is None else SectionDraft(text=row.text, version=row.version, at=row.at)

    def keep_draft(self, review_id: int, section_id: str, person: int, draft: SectionDraft) -> None:
        """Keep what somebody wrote, in place of what was kept before."""
        self.drop_draft(review_id, section_id, person)
        values = {"version": draft.version, "text": draft.text, "at": draft.at}
        key = {"review_id": review_id, "section_id": section_id, "person": person}
        self._connection.execute(insert(review_draft), key | values)

    def drop_draft(self, review_id: int, section_id: str, person: int) -> None:
        """Forget what somebody wrote: it is saved."""
        self._connection.execute(_DROP_DRAFT, _mine(review_id, section_id, person))

    def list(self, wanted: ReviewFilter) -> Sequence[Review]:
        """List some, without their texts: sections are empty."""
        query = select(review_table).where(*_conditions(wanted)).order_by(review_table.c.due_at, review_table.c.id)
        rows = self._connection.execute(query.offset(wanted.skip).limit(wanted.limit)).all()
        incidents = self._incidents([row.id for row in rows])
        return [_review(row, incidents[row.id], ()) for row in rows]

    def count(self, wanted: ReviewFilter) -> int:
        """Count what a list without an end would have."""
        query = select(func.count()).select_from(review_table).where(*_conditions(wanted))
        return self._connection.execute(query).scalar_one()

    def stands(self, card: ReviewCard) -> None:
        """Remember a message in which people see one."""
        values = {"review_id": card.review_id, "reader": card.reader, "activity_id": card.activity_id}
        where = place_values(card.place) | {"conversation_id": card.place.conversation_id}
        self._connection.execute(_ADD_CARD, values | where)

    def cards(self, review_id: int) -> Sequence[ReviewCard]:
        """List the messages in which people see one, in the order in which they were sent."""
        return [
            ReviewCard(
                review_id=row.review_id,
                reader=row.reader,
                place=place_from(row, row.conversation_id),
                activity_id=row.activity_id,
            )
            for row in self._connection.execute(_CARDS, {"wanted": review_id})
        ]

    def _whole(self, row: Row[Any] | None) -> Review | None:
        if row is None:
            return None
        return _review(row, self._incidents([row.id])[row.id], tuple(self._sections(row.id).values()))

    def _sections(self, review_id: int) -> Mapping[str, Section]:
        rows = self._connection.execute(_SECTIONS, {"wanted": review_id})
        return {row.section_id: _section(row) for row in rows}

    def _incidents(self, ids: Sequence[int]) -> Mapping[int, tuple[int, ...]]:
        found: dict[int, tuple[int, ...]] = {}
        for row in self._connection.execute(_INCIDENTS, {"reviews": ids}) if ids else ():
            found[row.review_id] = (*found.get(row.review_id, ()), row.incident_id)
        return found

    def _join(self, joined: Review, known: int) -> None:
        rows = [
            {"incident_id": incident, "review_id": joined.id, "position": place}
            for place, incident in enumerate(joined.incidents)
            if place >= known
        ]
        if rows:
            self._connection.execute(insert(review_incident), rows)

    def _write(self, review_id: int, section: Section) -> None:
        key = {"wanted": review_id, "section": section.id}
        self._connection.execute(_KEEP, key)
        new = {"new_text": section.text, "new_version": section.version, "new_by": section.by, "new_at": section.at}
        self._connection.execute(_WRITE, key | new)


def _mine(review_id: int, section_id: str, person: int) -> dict[str, Any]:
    return {"wanted": review_id, "section": section_id, "mine": person}


def _conditions(wanted: ReviewFilter) -> Sequence[Any]:
    found: list[Any] = []
    if wanted.states:
        found.append(review_table.c.state.in_([str(state) for state in wanted.states]))
    if wanted.owners is not None:
        found.append(review_table.c.owner.in_([*wanted.owners]))
    if wanted.incident is not None:
        mine = select(review_incident.c.review_id).where(review_incident.c.incident_id == wanted.incident)
        found.append(review_table.c.id.in_(mine))
    if wanted.due_before is not None:
        found.append(review_table.c.due_at < wanted.due_before)
    if wanted.services is not None:
        found.append(
            exists().where(
                review_incident.c.review_id == review_table.c.id,
                incident_service.c.incident_id == review_incident.c.incident_id,
                incident_service.c.service_id.in_(sorted(wanted.services)),
            )
        )
    return found


def _values(of: Review) -> dict[str, Any]:
    plain = {name: getattr(of, name) for name in _FIELDS if name not in ("sides", "sign_offs")}
    signed = [
        {"person": one.person, "side": str(one.side) if one.side else None, "at": one.at.isoformat()}
        for one in of.sign_offs
    ]
    return plain | {"sides": [str(side) for side in of.sides], "sign_offs": signed}


def _section_values(review_id: int, place: int, section: Section) -> dict[str, Any]:
    kind = section.kind
    return {
        "review_id": review_id,
        "section_id": kind.id,
        "position": place,
        "title": kind.title,
        "hint": kind.hint,
        "required": kind.required,
        "fill": str(kind.fill) if kind.fill else None,
        "text": section.text,
        "version": section.version,
        "by": section.by,
        "at": section.at,
    }


def _section(row: Row[Any]) -> Section:
    fill = Fill(row.fill) if row.fill else None
    kind = SectionKind(id=row.section_id, title=row.title, hint=row.hint, required=row.required, fill=fill)
    return Section(kind=kind, text=row.text, version=row.version, by=row.by, at=row.at)


def _review(row: Row[Any], incidents: tuple[int, ...], sections: tuple[Section, ...]) -> Review:
    return Review(
        id=row.id,
        incidents=incidents,
        owner=row.owner,
        due_at=row.due_at,
        template=row.template,
        sections=sections,
        made_at=row.made_at,
        severity=row.severity,
        state=ReviewState(row.state),
        sides=tuple(Side(side) for side in row.sides),
        sign_offs=tuple(
            SignOff(one["person"], Side(one["side"]) if one["side"] else None, datetime.fromisoformat(one["at"]))
            for one in row.sign_offs
        ),
        skipped=row.skipped,
        reason=row.reason,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        plan=row.plan,
        version=row.version,
    )
