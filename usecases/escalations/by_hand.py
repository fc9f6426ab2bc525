"""Paging because somebody asks for it: the next step now, a person, a team, a policy, or the other side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from domain.catalog import Side
from domain.errors import Refused, Unknown
from domain.escalation import NotifyTarget
from domain.incident import Incident
from domain.paging import Page, PageReason, PageResult
from domain.people import Person
from domain.running_escalation import LIVE, Escalation, EscalationState
from domain.timeline import EntryKind
from usecases import ledger, log, targets
from usecases.access import incident_to_change
from usecases.escalations.planning import ASKED, Moment, acknowledgers, names_of, of_cycle, plan
from usecases.escalations.starting import begin, begin_policy
from usecases.escalations.steps import Ahead, Teller, carry_out, look_ahead, say, tell, tell_failed
from usecases.ledger import subject_of
from usecases.ports import Store
from usecases.targets import Audience
from usecases.wording import length, listed
from usecases.work import DueWork, NewWork

if TYPE_CHECKING:
    from usecases.incidents import Trail

PATIENCE = timedelta(minutes=5)
"""So long somebody who was asked for by name has; then the incident's thread is told. Ours: as a usual step waits."""
_GOES_ON = (EscalationState.ACKNOWLEDGED, EscalationState.EXHAUSTED)


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who asks for it, where that came from, and when."""

    actor: Person
    trail: "Trail"
    now: datetime

    def teller(self, *, first: bool = True) -> Teller:
        """Say it on the timeline in their name; one activity writes at most one entry."""
        return Teller(
            kind=EntryKind.ESCALATED,
            actor=self.actor.id,
            source=self.trail.source,
            activity=self.trail.activity if first else None,
        )


@dataclass(frozen=True, slots=True)
class PolicyTarget:
    """An escalation policy to begin with, by its id in any case."""

    id: str


def escalate(  # noqa: PLR0917 - the whole request
    store: Store,
    actor: Person,
    incident_id: int,
    target: NotifyTarget | PolicyTarget | None,
    trail: "Trail",
    now: datetime,
) -> str:
    """Page the next step (no target), a policy from its first step, or somebody; say in one sentence who is paged.

    The next step goes on where an acknowledgement stopped it, and begins again after the last round. Raise Refused
    where nobody can be paged, with what to do.
    """
    incident, by = _open(store, actor, incident_id), _Asker(actor, trail, now)
    if isinstance(target, NotifyTarget):
        return _ask_for(store, incident, targets.resolve(store, incident, target, now), "Escalated", by)
    chosen = _policy(store, incident, target, now) if target else _chosen(store, incident, now)
    return _next_step(store, incident, chosen, by)


def bring_in(  # noqa: PLR0917 - the whole request
    store: Store, actor: Person, incident_id: int, side: Side, trail: "Trail", now: datetime
) -> str:
    """Page whoever is on call on one side of the incident's services; say who. Raise Refused where that is nobody."""
    incident = _open(store, actor, incident_id)
    audience = targets.side(store, incident, side, now)
    return _ask_for(store, incident, audience, f"Brought in {side.capitalize()}", _Asker(actor, trail, now))


def _open(store: Store, actor: Person, incident_id: int) -> Incident:
    incident = incident_to_change(store, actor, incident_id)
    if not incident.is_open:
        raise Refused(
            f"{incident.ref} is resolved; to page somebody for it, first write `reopen {incident.ref}` with the reason."
        )
    return incident


# -- the next step ----------------------------------------------------------------------------------------------------


def _chosen(store: Store, incident: Incident, now: datetime) -> Sequence[Escalation]:
    """Choose what goes on: what is live, else what was stopped or is through; else what the services want."""
    had = of_cycle(store, incident)
    live = [e for e in had if e.state in LIVE]
    chosen = live or [e for e in had if e.state in _GOES_ON] or begin(store, incident, now, at_once=True)
    if not chosen:
        raise Refused(
            f"No service of {incident.ref} has an escalation policy. "
            f"Name somebody: `escalate {incident.ref} @person` or `escalate {incident.ref} team:<id>`."
        )
    return chosen


def _policy(store: Store, incident: Incident, target: PolicyTarget, now: datetime) -> Sequence[Escalation]:
    """Begin with a policy; one that is running already goes on instead."""
    policy = store.schedules.policy(target.id)
    if policy is None:
        raise Unknown(
            f"There is no escalation policy “{target.id[:80]}”. Write `escalate {incident.ref}` for the next step."
        )
    live = [e for e in of_cycle(store, incident) if e.state in LIVE and e.policy.id == policy.id]
    return live or [begin_policy(store, incident, policy, now, now)]


def _next_step(store: Store, incident: Incident, chosen: Sequence[Escalation], by: _Asker) -> str:
    going = [(_running(e, by.now), _place(e)) for e in chosen]
    found = [(e, look_ahead(store, incident, e, place, by.now)) for e, place in going]
    reached = [(e, ahead) for e, ahead in found if ahead.audience is not None]
    if not reached:
        why = " ".join(sentence for _, ahead in found for sentence in ahead.skipped)
        raise Refused(f"Nobody can be paged now. {why} Name somebody: `escalate {incident.ref} @person`.")
    said: list[str] = []
    for escalation, ahead in reached:
        # What is on the timeline by now has changed the incident.
        current = store.incidents.get(incident.id) or incident
        moment = Moment(by.now, by.now, by.now)
        carry_out(store, current, escalation, ahead, moment, by.teller(first=not said))
        said.append(f"I {_in_words(escalation, ahead)}.")
    plan(store, incident.id)
    return " ".join(said)


def _place(escalation: Escalation) -> int:
    """Tell what comes next; behind everything it begins again."""
    end = escalation.last_position - (escalation.policy.last_resort is None)
    is_through = escalation.state is EscalationState.EXHAUSTED or escalation.position > end
    return 0 if is_through else escalation.position


def _running(escalation: Escalation, now: datetime) -> Escalation:
    """Let an escalation go again where it stands still: who acknowledges counts from now on."""
    if escalation.state is EscalationState.RUNNING:
        return escalation
    return replace(escalation, state=EscalationState.RUNNING, started_at=now)


def _in_words(escalation: Escalation, ahead: Ahead) -> str:
    found = escalation.step_at(ahead.position)
    which = f"step {found[1]}" if found else "last resort"
    return f"{_paged(ahead.audience or Audience())} ({which})"


def _paged(audience: Audience) -> str:
    people = listed([found.person.name for found in audience.people])
    channels = listed([posted.team.name for posted in audience.channels])
    said = (f"paged {people}" if people else "", f"posted in the channel of {channels}" if channels else "")
    return " and ".join(filter(None, said))


# -- somebody by name -------------------------------------------------------------------------------------------------


def _ask_for(store: Store, incident: Incident, audience: Audience, did: str, by: _Asker) -> str:
    """Page exactly these people, with no further chain; the incident's thread is told when nobody answers."""
    if not audience.reaches:
        raise Refused(
            f"Nobody can be paged: {'; '.join(audience.gaps)}. Name somebody else: `escalate {incident.ref} @person`."
        )
    asked = ledger.Asked(reason=PageReason.ESCALATED, due_at=by.now, wait=PATIENCE)
    pages = ledger.page_all(store, incident, audience, asked)
    _require_one(incident, audience, pages)
    incident = tell(store, incident, by.teller(), f"{did}: {audience.told}.", by.now)
    tell_failed(store, incident, pages, by.now)
    store.work.add(
        NewWork(
            kind=ASKED,
            dedupe_key=f"asked:{pages[0].id}",
            due_at=by.now + PATIENCE,
            subject=subject_of(incident.id),
            payload={"incident": incident.id, "pages": [page.id for page in pages]},
        )
    )
    return f"I {_paged(audience)}."


def _require_one(incident: Incident, audience: Audience, pages: Sequence[Page]) -> None:
    if all(page.result is PageResult.FAILED for page in pages):
        names = listed([found.person.name for found in audience.people])
        why = "; ".join(dict.fromkeys(page.detail for page in pages))
        raise Refused(f"{names} cannot be paged: {why}. Name somebody else: `escalate {incident.ref} @person`.")


def run_asked(store: Store, due: DueWork, now: datetime) -> None:
    """Say where the incident is talked about that somebody who was asked for has not answered."""
    incident = store.incidents.lock(int(due.payload["incident"]))
    found = [store.pages.get(int(page_id)) for page_id in due.payload["pages"]]
    pages = [page for page in found if page is not None]
    if incident is None or not incident.is_open or not pages or pages[0].cycle != incident.cycle:
        return
    since = pages[0].due_at
    answered = any(page.acknowledged_at is not None for page in pages)
    if answered or acknowledgers(store, incident, since):
        return
    ids = list(dict.fromkeys(page.person_id for page in pages if page.person_id is not None))
    names = listed([person.name for person in names_of(store, ids)]) or "The team"
    text = f"{names} {'have' if len(ids) > 1 else 'has'} not acknowledged within {length(PATIENCE)}."
    incident = log.tell(store, incident, EntryKind.UNANSWERED, text, now)
    say(store, incident, f"{text} Write `escalate {incident.ref}` to page the next step.", f"asked:{pages[0].id}")
