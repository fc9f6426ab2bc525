"""What people may do with an incident. Each method is one intention inside the turn's transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from domain import incident as steps
from domain.conversation import ConversationKind, Place
from domain.errors import Refused, Unknown
from domain.incident import Changed, Incident, Role, Status
from domain.people import Person
from domain.timeline import EntryKind, Source, TimelineEntry
from usecases.access import incident_to_change, incident_to_see
from usecases.outbox import MessageClass, NewMessage
from usecases.ports import IncidentFilter, PostedCard, Store
from usecases.views import IncidentView, ListView, TimelineView, incident_view, list_view, timeline_view

REDRAW_PAUSE_MS = (
    1_000  # ours: a later redraw takes away a form somebody has just opened in the card; lanes keep the rate
)


@dataclass(frozen=True, slots=True)
class Trail:
    """Where a change came from. `activity` is unique per change: a second entry from it is impossible."""

    source: Source
    activity: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """The incident after a request. `notice` is a sentence when nothing was changed, and says why."""

    view: IncidentView
    notice: str | None = None


class Incidents:
    """The desk where incidents are handled, for one turn. `now` is the turn's time (UTC)."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = now
        self.wrote = False  # whether this turn has written to a timeline

    # -- looking --------------------------------------------------------------------------------------------------

    def show(self, reader: Person, incident_id: int) -> IncidentView:
        """Read one incident."""
        return self._view(incident_to_see(self._store, reader, incident_id))

    def list(self, wanted: IncidentFilter) -> ListView:
        """Read one page of incidents, newest first."""
        return list_view(self._store, wanted, self._now)

    def timeline(self, reader: Person, incident_id: int, *, after: int = 0, before: int | None = None) -> TimelineView:
        """Read one page of a timeline."""
        incident = incident_to_see(self._store, reader, incident_id)
        return timeline_view(self._store, incident, after=after, before=before)

    def here(self, place: Place) -> Incident | None:
        """Tell which incident a place is about: its thread's or channel's, where that is unambiguous."""
        return self._only_one(place.conversation_id, whole_channel=False) or (
            self._only_one(place.base_id, whole_channel=True) if place.kind is ConversationKind.CHANNEL else None
        )

    def _only_one(self, conversation_id: str, *, whole_channel: bool) -> Incident | None:
        ids = self._store.incidents.standing_in(conversation_id, whole_channel=whole_channel)
        if not ids:
            return None
        incidents = [*self._store.incidents.many(ids).values()]
        for candidates in ([i for i in incidents if i.is_open], incidents):
            if len(candidates) == 1:
                return candidates[0]
        return None

    # -- changing -------------------------------------------------------------------------------------------------

    def declare(
        self,
        actor: Person,
        *,
        title: str,
        severity: int,
        services: tuple[str, ...],
        details: str,
        place: Place,
        trail: Trail,
        card_activity: str | None = None,
    ) -> IncidentView:
        """Begin an incident and post its status card in `place`; `card_activity` is a message that becomes the card."""
        known = tuple(dict.fromkeys(self._service_id(s) for s in services))
        changed = steps.declare(title=title, severity=severity, services=known, declared_by=actor.id, at=self._now)
        incident = self._store.incidents.add(changed.incident)
        self._append(actor, Changed(incident, changed.entry), trail)
        self.stand(incident, place, activity_id=card_activity)
        if details.strip():
            return self.note(actor, incident.id, details, Trail(trail.source, None)).view
        return self._view(incident)

    def declared_by_form(self, activity: str) -> int | None:
        """Find the incident that a form has declared already."""
        entry = self._store.timeline.by_source(activity)
        return entry.incident_id if entry else None

    def acknowledge(self, actor: Person, incident_id: int, trail: Trail) -> Result:
        """Take it on; the first one counts."""

        def already(incident: Incident) -> str:
            by = self._name(incident.acknowledged_by)
            return f"{by} acknowledged {incident.ref} at {utc_clock(incident.acknowledged_at, self._now)}."

        return self._step(actor, incident_id, trail, lambda i: steps.acknowledge(i, actor.id, self._now), already)

    def note(self, actor: Person, incident_id: int, text: str, trail: Trail) -> Result:
        """Write something on the timeline."""
        return self._step(
            actor, incident_id, trail, lambda i: steps.note(i, text), lambda i: f"{i.ref} has it already."
        )

    def change_status(self, actor: Person, incident_id: int, status: Status, trail: Trail) -> Result:
        """Move between investigating, identified and monitoring."""
        return self._step(
            actor,
            incident_id,
            trail,
            lambda i: steps.change_status(i, status, self._now),
            lambda i: f"{i.ref} is {i.status} already.",
        )

    def change_severity(self, actor: Person, incident_id: int, severity: int, trail: Trail) -> Result:
        """Raise or lower the severity."""
        return self._step(
            actor,
            incident_id,
            trail,
            lambda i: steps.change_severity(i, severity),
            lambda i: f"{i.ref} has severity {i.severity} already.",
        )

    def assign(self, actor: Person, incident_id: int, role: Role, person: Person, trail: Trail) -> Result:
        """Give a seat to somebody."""
        return self._step(
            actor,
            incident_id,
            trail,
            lambda i: steps.assign(i, role, person.id),
            lambda i: f"{person.name} is {role} of {i.ref} already.",
        )

    def take_command(self, actor: Person, incident_id: int, trail: Trail) -> Result:
        """Sit down on the empty commander's seat; a taken one changes hands by `assign` only, never by a late press."""

        def step(incident: Incident) -> Changed | None:
            if incident.is_open and Role.COMMANDER in incident.roles:
                return None
            return steps.assign(incident, Role.COMMANDER, actor.id)

        def already(incident: Incident) -> str:
            commander = incident.roles[Role.COMMANDER]
            if commander == actor.id:
                return f"You are commander of {incident.ref} already."
            name = self._name(commander)
            return f"{name} has command of {incident.ref}. To take over write `assign {incident.ref} commander @you`."

        return self._step(actor, incident_id, trail, step, already)

    def resolve(self, actor: Person, incident_id: int, summary: str, trail: Trail) -> Result:
        """Close it."""

        def already(incident: Incident) -> str:
            at = utc_clock(incident.resolved_at, self._now)
            return f"{incident.ref} was resolved at {at} already. Use `note {incident.ref}` to add something."

        return self._step(actor, incident_id, trail, lambda i: steps.resolve(i, summary, self._now), already)

    def reopen(self, actor: Person, incident_id: int, reason: str, trail: Trail) -> Result:
        """Open it again."""
        return self._step(
            actor, incident_id, trail, lambda i: steps.reopen(i, reason), lambda i: f"{i.ref} is open already."
        )

    def revise_note(self, actor: Person, activity: str, text: str) -> None:
        """Follow the edit of a message that wrote a note: the new text stands, the earlier one is kept."""
        found = self._own_entry(actor, activity)
        if found and found.kind is EntryKind.NOTE and found.deleted_at is None and text.strip() != found.text:
            self._store.timeline.revise(found, steps.checked_text(text, "note"), self._now)
            self._touch(actor, found.incident_id)

    def erase_words(self, actor: Person, activity: str) -> None:
        """Follow the deletion of a message: place and time of its entry stay, the words go."""
        found = self._own_entry(actor, activity)
        if found and found.kind is EntryKind.NOTE and found.deleted_at is None:
            self._store.timeline.erase(found, self._now)
            self._touch(actor, found.incident_id)

    # -- cards ----------------------------------------------------------------------------------------------------

    def stand(
        self, incident: Incident, place: Place, *, activity_id: str | None = None, original: bool = True
    ) -> PostedCard:
        """Put an incident's status card into a conversation; from now on it follows every change."""
        card = self._store.cards.add(
            PostedCard(id=0, incident_id=incident.id, place=place, activity_id=activity_id, original=original)
        )
        self._draw(incident, card, key=f"card:{card.id}:first")
        return card

    def stand_again(self, reader: Person, incident_id: int, place: Place) -> IncidentView:
        """Show the live card further down. In a chat it moves; a channel keeps the post that its thread hangs on."""
        incident = incident_to_see(self._store, reader, incident_id)
        for card in self._store.cards.of_incident(incident.id):
            keeps = card.original and place.kind is ConversationKind.CHANNEL
            if card.place.lane == place.lane and not keeps:
                self._retire(incident, card)
        self.stand(incident, place, original=False)
        return self._view(incident)

    def adopt(self, card: PostedCard, place: Place, activity_id: str) -> None:
        """Let a double of a card follow too. It exists because Teams' answer to the first post was lost."""
        if card.activity_id in (None, activity_id):
            return  # the first post is still on its way, or this is the card itself
        incident = self._store.incidents.get(card.incident_id)
        if incident is not None and self._store.cards.at(place.base_id, activity_id) is None:
            self.stand(incident, place, activity_id=activity_id, original=False)  # drawn too: it may be old by now

    def _retire(self, incident: Incident, card: PostedCard) -> None:
        self._store.cards.remove(card.id)
        if card.activity_id is None:
            return
        self._store.outbox.enqueue(
            NewMessage(
                lane=card.place.lane,
                tenant_id=card.place.tenant_id,
                dedupe_key=f"card:{card.id}:moved",
                message_class=MessageClass.CARD,
                payload={
                    "do": "moved",
                    "place": place_json(card.place),
                    "activity_id": card.activity_id,
                    "ref": incident.ref,
                },
                incident_id=incident.id,
            )
        )

    def _draw(self, incident: Incident, card: PostedCard, *, key: str) -> None:
        self._store.outbox.enqueue(
            NewMessage(
                lane=card.place.lane,
                tenant_id=card.place.tenant_id,
                dedupe_key=key,
                message_class=MessageClass.CARD,
                payload={"do": "draw", "card": card.id},
                coalesce_key=f"card:{card.id}",
                version=incident.version,
                incident_id=incident.id,
                not_before_ms=card.sent_at_ms + REDRAW_PAUSE_MS if card.sent_at_ms else 0,
            )
        )

    def redraw(self, incident: Incident) -> None:
        """Bring every card of an incident up to date; lanes are locked in one order, so two turns cannot deadlock."""
        # Where nothing arrives it was said once: the failure stands on the card until somebody writes there again.
        for card in sorted(self._store.cards.reachable(incident.id), key=lambda c: c.place.lane):
            self._draw(incident, card, key=f"card:{card.id}:v{incident.version}")

    # -- inside ---------------------------------------------------------------------------------------------------

    def _step(
        self,
        actor: Person,
        incident_id: int,
        trail: Trail,
        step: Callable[[Incident], Changed | None],
        already: Callable[[Incident], str],
    ) -> Result:
        incident = incident_to_change(self._store, actor, incident_id)
        changed = step(incident)
        if changed is None:
            return Result(self._view(incident), already(incident))
        self._store.incidents.save(changed.incident, seen=incident.version)
        entry = self._append(actor, changed, trail)
        self.redraw(changed.incident)
        return Result(incident_view(self._store, changed.incident, self._now, newest=entry))

    def _touch(self, actor: Person, incident_id: int) -> None:
        incident = incident_to_change(self._store, actor, incident_id)
        touched = replace(incident, version=incident.version + 1)
        self._store.incidents.save(touched, seen=incident.version)
        self.redraw(touched)

    def _own_entry(self, actor: Person, activity: str) -> TimelineEntry | None:
        entry = self._store.timeline.by_source(activity)
        return entry if entry and entry.actor == actor.id else None

    def _append(self, actor: Person, changed: Changed, trail: Trail) -> TimelineEntry:
        entry = TimelineEntry(
            incident_id=changed.incident.id,
            seq=changed.incident.entry_seq,
            at=self._now,
            kind=changed.entry.kind,
            actor=actor.id,
            text=changed.entry.text,
            data=changed.entry.data,
            source=trail.source,
            source_activity=trail.activity,
        )
        self._store.timeline.append(entry)
        self.wrote = True
        return entry

    def _view(self, incident: Incident) -> IncidentView:
        return incident_view(self._store, incident, self._now)

    def _name(self, person_id: int | None) -> str:
        if person_id is None:
            return "Somebody"
        person = self._store.people.many([person_id]).get(person_id)
        return person.name if person else "Somebody"

    def _service_id(self, wanted: str) -> str:
        service = self._store.catalog.service(wanted)
        if service is None:
            raise Unknown(f"There is no service “{wanted}” in the catalogue.")
        return service.id


def utc_clock(at: datetime | None, now: datetime) -> str:
    """Write a moment for a sentence: the time alone on the same day, else with the date."""
    if at is None:
        raise Refused("That moment is not known.")
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M} UTC"


def place_json(place: Place) -> dict[str, str | None]:
    """Write a place into an outbox payload."""
    return {
        "tenant_id": place.tenant_id,
        "service_url": place.service_url,
        "conversation_id": place.conversation_id,
        "kind": str(place.kind),
        "team_id": place.team_id,
        "person_object_id": place.person_object_id,
    }
