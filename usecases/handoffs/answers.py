"""What the two people of a handoff can say: notes, yes, no."""

from dataclasses import dataclass
from datetime import datetime

from domain import handoff as steps
from domain.errors import Refused, Unknown
from domain.handoff import Handoff
from domain.handoff import HandoffState as State
from domain.incident import Incident
from domain.people import Person
from domain.timeline import EntryKind, Source
from usecases import log
from usecases.handoffs import telling, words
from usecases.handoffs.planning import REMIND, close_later, subject, why_over
from usecases.handoffs.team import open_incidents
from usecases.handoffs.views import HandoffView, handoff_view
from usecases.ports import Store


@dataclass(frozen=True, slots=True)
class Answered:
    """The handoff after an answer. `notice` is a sentence when nothing was changed, and says why."""

    view: HandoffView
    notice: str | None = None


def to_decline(store: Store, actor: Person, handoff_id: int) -> Handoff:
    """Load one for somebody who wants to decline it. Raise Refused where that makes no sense."""
    handoff = found(store, handoff_id)
    if handoff.state is not State.DECLINED:
        steps.may_decline(handoff, actor.id)
    return handoff


def found(store: Store, handoff_id: int) -> Handoff:
    """Load one. Raise Unknown where there is none: a prepared one is forgotten when the schedule changes."""
    handoff = store.handoffs.get(handoff_id)
    if handoff is None:
        raise Unknown("There is no such handoff (any more): the schedule has changed. Write `handoff` to see yours.")
    return handoff


def write_notes(store: Store, actor: Person, handoff_id: int, text: str, now: datetime) -> Answered:
    """Keep what the outgoing person wants the next one to know; it replaces what stood there. `now` is UTC."""
    before = found(store, handoff_id)
    noted = steps.write_notes(before, actor.id, text)
    if noted is None:
        return Answered(handoff_view(store, before, now), "These notes stand there already.")
    over = why_over(store, store.schedules.get(before.schedule), before, now) if before.is_late else None
    if over:
        raise Refused(f"{over} Nobody would read your note any more.")
    store.handoffs.save(noted, seen=before.version)
    telling.redraw(store, noted)
    return Answered(handoff_view(store, noted, now))


def accept(store: Store, actor: Person, handoff_id: int, now: datetime, source: Source) -> Answered:
    """Take over: from now on (`now`, UTC), or from the shift change on where that is later."""
    before = found(store, handoff_id)
    accepted = steps.accept(before, actor.id, now)
    if accepted is None:
        at = words.when(before.accepted_at or now, actor)
        return Answered(handoff_view(store, before, now), f"You accepted this handoff already, on {at}.")
    schedule = store.schedules.get(before.schedule)
    over = why_over(store, schedule, before, now)
    if over:
        telling.redraw(store, before, because=":over")
        notice = f"{over} There is nothing to accept any more; write `handoff` to see yours."
        return Answered(handoff_view(store, before, now), notice)
    team = store.catalog.team(schedule.team) if schedule else None
    wanted = sorted(incident.id for incident in open_incidents(store, team.id)) if team else []
    incidents = [i for i in (store.incidents.lock(number) for number in wanted) if i is not None and i.is_open]
    store.handoffs.save(accepted, seen=before.version)
    store.work.cancel(subject(accepted))
    _tell_incidents(store, incidents, accepted, now, source)
    outgoing, incoming = telling.people_of(store, accepted)
    text = words.accepted_to_outgoing(accepted, incoming, outgoing, now)
    telling.say(store, outgoing, text, key=f"{subject(accepted)}:{accepted.version}:accepted")
    if before.state is not State.OFFERED:
        said = words.accepted_after_all(accepted, incoming, outgoing)
        telling.say_lead(store, schedule, accepted, "after-all", lambda _: said)
    telling.redraw(store, accepted)
    return Answered(handoff_view(store, accepted, now))


def decline(store: Store, actor: Person, handoff_id: int, reason: str, now: datetime) -> Answered:
    """Say no, with a reason. The lead hears of it at once (`now`, UTC)."""
    before = found(store, handoff_id)
    declined = steps.decline(before, actor.id, reason)
    if declined is None:
        return Answered(handoff_view(store, before, now), "You have declined this handoff already; the lead knows.")
    store.handoffs.save(declined, seen=before.version)
    store.work.cancel(subject(declined), kinds=(REMIND,))
    outgoing, incoming = telling.people_of(store, declined)
    text = words.declined_to_outgoing(declined, incoming, outgoing, now)
    telling.say(store, outgoing, text, key=f"{subject(declined)}:{declined.version}:declined")
    schedule = store.schedules.get(declined.schedule)
    telling.say_lead(
        store,
        schedule,
        declined,
        "declined",
        lambda reader: words.declined_to_lead(declined, incoming, outgoing, reader, now),
    )
    telling.redraw(store, declined)
    close_later(store, schedule, declined, now)
    return Answered(handoff_view(store, declined, now))


def _tell_incidents(store: Store, incidents: list[Incident], handoff: Handoff, now: datetime, source: Source) -> None:
    outgoing, incoming = telling.people_of(store, handoff)
    for incident in incidents:
        log.tell(
            store,
            incident,
            EntryKind.HANDED_OVER,
            words.on_the_timeline(handoff, incoming, outgoing, now),
            now,
            data={"schedule": handoff.schedule, "person": incoming.id, "before": outgoing.id},
            actor=incoming.id,
            source=source,
        )
