"""Carrying out steps: page whoever is meant now, pass over what reaches nobody, and plan what comes next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.escalation import Step, StepHours
from domain.incident import Incident
from domain.paging import Page, PageReason, PageResult, Way
from domain.people import BOT_ID
from domain.running_escalation import Escalation, EscalationState
from domain.timeline import EntryKind, Source
from usecases import ledger, letters, log, status_cards, targets
from usecases.escalations.holding import Would, hold_back
from usecases.escalations.planning import Moment, answered, claimed, plan_next, saved, so_far
from usecases.escalations.starting import put_off_at_closing
from usecases.ports import Store
from usecases.targets import Audience
from usecases.wording import few, few_have, listed
from usecases.work import DueWork, base


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What an escalation does next, as things stand."""

    position: int
    """Of what is paged; behind everything where nobody is."""
    audience: Audience | None
    """None: there is nothing left to page."""
    skipped: tuple[str, ...] = ()
    """What is passed over on the way, each with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who the timeline says has paged: the bot, or somebody who asked for it."""

    kind: EntryKind = EntryKind.PAGED
    actor: int = BOT_ID
    source: Source = Source.TIMER
    activity: str | None = None


THE_BOT = Teller()


def run_step(store: Store, due: DueWork, now: datetime) -> None:
    """Page the next step; nothing when somebody has acknowledged, or the plan has changed, meanwhile."""
    found = claimed(store, due)
    if found is None:
        return
    incident, escalation = found
    ahead = look_ahead(store, incident, escalation, escalation.position, now)
    if ahead.audience is not None and put_off_at_closing(store, incident, escalation, now):
        return
    if ahead.audience is not None and hold_back(
        store, incident, escalation, _would(escalation, ahead.position, ahead.audience, due.due_at), now
    ):
        return
    _, after = carry_out(store, incident, escalation, ahead, Moment(due.due_at, base(due, now), now))
    plan_next(store, after)


def _would(escalation: Escalation, position: int, audience: Audience, due_at: datetime) -> Would:
    asked = _asked(escalation, position, due_at)
    return Would(name=name_of(escalation, position), audience=audience, asked=asked)


def look_ahead(store: Store, incident: Incident, escalation: Escalation, position: int, now: datetime) -> Ahead:
    """Find the first step from a position on that reaches somebody now, else the last resort. Changes nothing."""
    policy, skipped = escalation.policy, list[str]()
    done = answered(store, incident, escalation)
    # Who is not there now is not there in the next round either: one look at each step is enough.
    for place in range(position, min(position + len(policy.steps), escalation.last_position)):
        audience, why = _reached(store, incident, policy.steps[place % len(policy.steps)], done, now)
        if audience is not None:
            return Ahead(position=place, audience=audience, skipped=tuple(skipped))
        skipped.append(f"{name_of(escalation, place)} {why}. Passed over.")
    if policy.last_resort is not None and position <= escalation.last_position:
        audience = _without(targets.resolve(store, incident, policy.last_resort, now), done)
        if audience.reaches:
            return Ahead(position=escalation.last_position, audience=audience, skipped=tuple(skipped))
        skipped.append(f"The last resort of {policy.id} reached nobody: {'; '.join(audience.gaps)}.")
    return Ahead(position=escalation.last_position + 1, audience=None, skipped=tuple(skipped))


def _reached(
    store: Store, incident: Incident, step: Step, done: Collection[int], now: datetime
) -> tuple[Audience | None, str]:
    """Tell whom a step reaches who has not acknowledged yet; where it is nobody, why."""
    if not targets.at_work(store, incident, step.only, now):
        return None, f"counts {'in' if step.only is StepHours.WORKING else 'outside'} working hours only"
    audience = _without(targets.of_step(store, incident, step, now), done)
    return (audience, "") if audience.reaches else (None, f"reached nobody: {'; '.join(audience.gaps)}")


def _without(audience: Audience, done: Collection[int]) -> Audience:
    """Leave out who has acknowledged already; that is a reason to be told only where nobody else is left."""
    theirs = [found.person.name for found in audience.people if found.person.id in done]
    left = replace(audience, people=tuple(found for found in audience.people if found.person.id not in done))
    if left.reaches or not theirs:
        return left
    have = "have" if len(theirs) > 1 else "has"
    return replace(left, gaps=(*left.gaps, f"{listed(theirs)} {have} acknowledged already"))


def name_of(escalation: Escalation, position: int) -> str:
    """Name what stands at a position: "Step 2 of payments-critical"."""
    found = escalation.step_at(position)
    if found is None:
        return f"The last resort of {escalation.policy.id}"
    _, number, round_ = found
    again = f" (round {round_} of {escalation.rounds})" if round_ > 1 else ""
    return f"Step {number} of {escalation.policy.id}{again}"


def carry_out(  # noqa: PLR0917 - what, when and by whom
    store: Store, incident: Incident, escalation: Escalation, ahead: Ahead, moment: Moment, by: Teller = THE_BOT
) -> tuple[Sequence[Page], Escalation]:
    """Do what was found: page, write it on the timeline, say when it goes on.

    Return the rows of the ledger and the escalation as it is stored; whoever calls this plans its work.
    """
    for sentence in ahead.skipped:
        incident = log.tell(store, incident, EntryKind.STEP_SKIPPED, sentence, moment.now)
    if ahead.audience is None:
        return (), _exhaust(store, incident, escalation, ahead.position, moment.now)
    asked = _asked(escalation, ahead.position, moment.due_at)
    pages = ledger.page_all(store, incident, ahead.audience, asked)
    text = _told(store, incident, escalation, ahead.position, ahead.audience)
    incident = tell(store, incident, by, text, moment.now, data={"escalation": escalation.id, "step": asked.step})
    lost = all(page.result is PageResult.FAILED for page in pages)
    tell_failed(store, incident, pages, moment.now)
    after = saved(
        store,
        escalation,
        state=EscalationState.RUNNING,
        position=ahead.position + 1,
        next_at=moment.base if lost and hurries(asked.round) else moment.base + asked.wait,
    )
    return pages, after


def tell(
    store: Store,
    incident: Incident,
    by: Teller,
    text: str,
    now: datetime,
    *,
    data: Mapping[str, str | int | None] | None = None,
) -> Incident:
    """Write on the timeline who was paged; from now on the incident's cards look at its pages."""
    return log.tell(
        store,
        replace(incident, paged=True),
        by.kind,
        text,
        now,
        data=data,
        actor=by.actor,
        source=by.source,
        activity=by.activity,
    )


def hurries(round_: int) -> bool:
    """Whether a step whose pages were all refused is left at once; ours: in later rounds the waits give people time."""
    return round_ == 1


def tell_failed(store: Store, incident: Incident, pages: Sequence[Page], now: datetime) -> Incident:
    """Write on the timeline who could not be paged, and whether a mail goes instead."""
    mailed = [page for page in pages if page.way is Way.EMAIL]
    for page in pages:
        if page.result is not PageResult.FAILED:
            continue
        instead = any(ledger.same_asking(mail, page) for mail in mailed)
        text = failed_sentence(store, page, instead=instead)
        incident = log.tell(store, incident, EntryKind.PAGE_FAILED, text, now, data={"page": page.id})
    return incident


def failed_sentence(store: Store, page: Page, *, instead: bool) -> str:
    """Say that somebody could not be paged, and why."""
    way = "by mail" if page.way is Way.EMAIL else "in Teams"
    return f"{_name(store, page)} could not be paged {way}: {page.detail.rstrip('.')}." + (
        " A mail is sent instead." if instead else ""
    )


def _name(store: Store, page: Page) -> str:
    if page.person_id is None:
        team = store.catalog.team(page.team_id) if page.team_id is not None else None
        return f"Team {team.name if team else page.team_id}"
    person = ledger.person_of(store, page.person_id)
    return person.name if person else "Somebody"


def _asked(escalation: Escalation, position: int, due_at: datetime) -> ledger.Asked:
    found = escalation.step_at(position)
    if found is None:
        return ledger.Asked(
            reason=PageReason.LAST_RESORT, due_at=due_at, wait=last_wait(escalation), escalation_id=escalation.id
        )
    step, number, round_ = found
    return ledger.Asked(
        reason=PageReason.STEP,
        due_at=due_at,
        wait=step.wait,
        escalation_id=escalation.id,
        step=number,
        round=round_,
    )


def last_wait(escalation: Escalation) -> timedelta:
    """Tell how long the last resort is waited for: as long as the last step."""
    return escalation.policy.steps[-1].wait


def _told(store: Store, incident: Incident, escalation: Escalation, position: int, audience: Audience) -> str:
    if escalation.step_at(position) is None:
        whom = listed([found.told for found in audience.people])
        channels = listed([posted.team.name for posted in audience.channels])
        posted = f"posted in the channel of {channels}" if channels else ""
        paged = f"the last resort, {whom}, was paged" if whom else "the last resort was"
        told = "; ".join(filter(None, (paged, posted))) if whom else f"{paged} {posted}"
        return f"{few(so_far(store, incident, escalation))} acknowledged: {told}."
    missed = f" Missing: {'; '.join(audience.gaps)}." if audience.gaps else ""
    return f"{name_of(escalation, position)} {audience.told}.{missed}"


def _exhaust(store: Store, incident: Incident, escalation: Escalation, position: int, now: datetime) -> Escalation:
    """Say that there is nobody left to page: on the timeline, on the card, and where people talk about it."""
    after = saved(store, escalation, state=EscalationState.EXHAUSTED, position=position, next_at=None)
    policy = escalation.policy.id
    anybody = any(page.escalation_id == escalation.id for page in store.pages.of_incident(incident.id))
    text = (
        f"{few_have(so_far(store, incident, escalation))} acknowledged after all rounds of {policy}."
        if anybody
        else f"Nobody could be paged: {policy} reaches nobody now."
    )
    incident = log.tell(
        store, replace(incident, paged=True), EntryKind.UNANSWERED, text, now, data={"escalation": escalation.id}
    )
    say(
        store,
        incident,
        f"{text} Write `escalate {incident.ref} @person` to page somebody.",
        f"{after.id}:{after.version}",
    )
    return after


def say(store: Store, incident: Incident, text: str, key: str) -> None:
    """Say something where an incident is talked about."""
    home = status_cards.home_of(store, incident.id)
    if home is not None:
        letters.say_in_place(store, home, f"⚠ {incident.ref}: {text}", key=f"unanswered:{key}", incident_id=incident.id)
