"""What people may do with an incident. Each method is one intention inside the turn's transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from domain import incident as steps
from domain.conversation import ConversationKind, Place
from domain.errors import Unknown
from domain.incident import Changed, Incident, Role, Status
from domain.people import Person
from domain.timeline import EntryKind, Source, TimelineEntry
from usecases import escalations, followups, log, problems, reminders, status_cards
from usecases.access import incident_to_change, incident_to_see
from usecases.incident_change import Change
from usecases.ports import IncidentFilter, Store
from usecases.updates.reach import audiences_of
from usecases.views import IncidentView, ListView, TimelineView, incident_view, list_view, timeline_view
from usecases.wording import utc_clock


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
        self._append(actor, Changed(incident, changed.entry), trail, before=None)
        status_cards.stand(self._store, incident, place, activity_id=card_activity)
        if details.strip():
            return self.note(actor, incident.id, details, Trail(trail.source, None)).view
        return self._view(incident)

    def declared_by_form(self, activity: str) -> int | None:
        """Find the incident that a form has declared already."""
        entry = self._store.timeline.by_source(activity)
        return entry.incident_id if entry else None

    def acknowledge(self, actor: Person, incident_id: int, trail: Trail) -> Result:
        """Take it on; the first one counts, and every one after it that somebody still waits for."""

        def step(incident: Incident) -> Changed | None:
            first = steps.acknowledge(incident, actor.id, self._now)
            return first or escalations.join(self._store, incident, actor)

        def already(incident: Incident) -> str:
            by = self._name(incident.acknowledged_by)
            said = f"{by} acknowledged {incident.ref} at {utc_clock(incident.acknowledged_at, self._now)}."
            return f"{said} {counted}" if (counted := self._counted(incident)) else said

        result = self._step(actor, incident_id, trail, step, already)
        counted = self._counted(result.view.incident) if result.notice is None else None
        return replace(result, notice=counted) if counted else result

    def _counted(self, incident: Incident) -> str | None:
        """Say how many people have acknowledged where a step wants several; None where one is enough."""
        count = escalations.count_of(self._store, incident) if incident.paged else None
        return f"{count[0]} of {count[1]} people have acknowledged {incident.ref}." if count else None

    def note(self, actor: Person, incident_id: int, text: str, trail: Trail) -> Result:
        """Write something on the timeline. Where there are stakeholders to tell, it does not tell them anything."""

        def step(incident: Incident) -> Changed:
            return steps.note(incident, text, self._now, tells=not audiences_of(self._store, incident))

        return self._step(actor, incident_id, trail, step, lambda i: f"{i.ref} has it already.")

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
            lambda i: steps.change_severity(i, severity, self._now),
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
        """Close it. Raise Refused where one more incident of a problem would be closed without a word."""

        def step(incident: Incident) -> Changed | None:
            problems.gate(self._store, incident, summary)
            return steps.resolve(incident, summary, self._now)

        def already(incident: Incident) -> str:
            at = utc_clock(incident.resolved_at, self._now)
            return f"{incident.ref} was resolved at {at} already. Use `note {incident.ref}` to add something."

        return self._step(actor, incident_id, trail, step, already)

    def reopen(self, actor: Person, incident_id: int, reason: str, trail: Trail) -> Result:
        """Open it again."""
        return self._step(
            actor,
            incident_id,
            trail,
            lambda i: steps.reopen(i, reason, self._now),
            lambda i: f"{i.ref} is open already.",
        )

    def remind(self, actor: Person, incident_id: int, wanted: reminders.Wanted, trail: Trail) -> Result:
        """Change how people are reminded to tell how it goes: off, on, or at an interval of its own."""
        return self._step(
            actor,
            incident_id,
            trail,
            lambda i: reminders.choose(self._store, i, wanted, actor),
            lambda i: reminders.told(self._store, i, self._now),
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

    def stand_again(self, reader: Person, incident_id: int, place: Place) -> IncidentView:
        """Show the live card further down. In a chat it moves; a channel keeps the post that its thread hangs on."""
        incident = incident_to_see(self._store, reader, incident_id)
        status_cards.stand_again(self._store, incident, place)
        return self._view(incident)

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
        entry = self._append(actor, changed, trail, before=incident)
        status_cards.redraw(self._store, changed.incident)
        return Result(incident_view(self._store, changed.incident, self._now, newest=entry))

    def _touch(self, actor: Person, incident_id: int) -> None:
        incident = incident_to_change(self._store, actor, incident_id)
        touched = replace(incident, version=incident.version + 1)
        self._store.incidents.save(touched, seen=incident.version)
        status_cards.redraw(self._store, touched)

    def _own_entry(self, actor: Person, activity: str) -> TimelineEntry | None:
        entry = self._store.timeline.by_source(activity)
        return entry if entry and entry.actor == actor.id else None

    def _append(self, actor: Person, changed: Changed, trail: Trail, *, before: Incident | None) -> TimelineEntry:
        entry = log.append(
            self._store, changed, self._now, actor=actor.id, source=trail.source, activity=trail.activity
        )
        self.wrote = True
        followups.follow(
            self._store,
            Change(before=before, after=changed.incident, kind=entry.kind, actor=actor, now=self._now),
        )
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
