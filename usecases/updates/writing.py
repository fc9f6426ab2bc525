"""Writing an update: it goes out at once, or when the commander has approved exactly this."""

from dataclasses import dataclass
from datetime import datetime

from domain import update as steps
from domain.approval import Decider, DeciderKind, Group
from domain.errors import Refused
from domain.incident import Incident, Role
from domain.people import Person
from domain.timeline import EntryKind
from domain.update import Update, UpdateState
from usecases import deadlines, log, status_cards
from usecases.access import incident_to_change, incident_to_see
from usecases.approvals import asking
from usecases.approvals.asking import Question
from usecases.incidents import Trail
from usecases.ports import Store
from usecases.updates import sending
from usecases.updates.reach import Reach, audiences_of, reach_of
from usecases.updates.words import template_values
from usecases.wording import utc_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to tell stakeholders."""

    incident_id: int
    text: str
    next_at: datetime | None
    """When the next update comes, UTC; None promises nothing."""
    update_id: int | None = None
    """The update it is another version of: one that waits for approval, or came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would become of an update: for the form, before anything is written."""

    incident: Incident
    reach: Reach
    approver: Person | None
    """Who has to approve it; None: nobody has to."""
    objection: str
    """Why it cannot be sent now; empty where it can."""
    text: str
    """What it begins with."""
    next_at: datetime | None
    """What it promises where nothing else is said, UTC."""


def plan(store: Store, actor: Person, incident_id: int, now: datetime) -> Plan:
    """Tell what would become of an update of somebody."""
    incident = incident_to_see(store, actor, incident_id)
    approver, objection = None, _closed(incident)
    if not objection:
        try:
            approver = _approver(store, incident, actor)
        except Refused as refused:
            objection = str(refused)
    template = store.organisations.settings().update_templates.get(incident.severity)
    return Plan(
        incident=incident,
        reach=reach_of(store, incident),
        approver=approver,
        objection=objection,
        text=steps.filled(template or steps.TEMPLATES[incident.severity], template_values(store, incident)),
        next_at=usual_promise(store, incident, now),
    )


def usual_promise(store: Store, incident: Incident, now: datetime) -> datetime | None:
    """Tell when the next update comes where nothing else is said, UTC; None where none is wanted."""
    interval = deadlines.usual_interval(store, incident)
    return None if interval is None else now + interval


def propose(store: Store, actor: Person, draft: Draft, trail: Trail, now: datetime) -> str:
    """Send it, or ask the commander; say which. Raise Refused where neither can be: then nothing is stored."""
    incident = incident_to_change(store, actor, draft.incident_id)
    if _closed(incident):
        raise Refused(_closed(incident))
    reach = reach_of(store, incident)
    if not reach.destinations:
        raise Refused(f"This update would reach nobody.{reach.missing or ' Its card stands nowhere: write `show`.'}")
    before = _begun(store, actor, incident, draft, now)
    update = steps.write(before, draft.text, next_at=draft.next_at, at=now)
    approver = _approver(store, incident, actor)
    until = steps.approval_until(update, now) if approver else now
    if before.id:
        store.updates.save(update, seen=before.version)
    else:
        update = store.updates.add(update)
    update = store.updates.get(update.id) or update  # as it will be compared: not every character can be stored
    if approver is None:
        asking.overtake(store, steps.SUBJECT, update.id, "It was changed, and needs no approval any more.", now)
        sending.send(store, incident, update, reach, actor, trail, now)
        return f"{incident.ref}: the update is sent to {reach.told}.{_promised(update, now)}{reach.missing}"
    _ask(store, incident, update, actor, trail, until, now)
    return (
        f"{incident.ref}: {approver.name} is asked to approve this update for {reach.told} until "
        f"{utc_clock(until, now)}; it is sent as soon as they do.{reach.missing}"
    )


def still_asked(store: Store, update_id: int) -> Update | None:
    """Find an update that waits for its approval, on an incident that is still the same."""
    update = store.updates.get(update_id)
    incident = store.incidents.get(update.incident_id) if update else None
    if update is None or incident is None or update.state is not UpdateState.AWAITING:
        return None
    return update if incident.is_open and incident.cycle == update.cycle else None


def to_edit(store: Store, actor: Person, update_id: int) -> Update:
    """Find an update its author wants to change. Raise Refused for anybody else, and for one that is out."""
    update = store.updates.get(update_id)
    if update is None:
        raise Refused("This update is not there any more. Write `update` to send another one.")
    if update.author != actor.id:
        raise Refused("Only whoever wrote this update can change it. Write `update` to send one of your own.")
    if update.state is UpdateState.SENT:
        raise Refused("This update was sent already. Write `update` to send another one.")
    return update


def content(store: Store, update: Update) -> dict[str, object]:
    """Give exactly what is approved."""
    incident = store.incidents.get(update.incident_id)
    audiences = audiences_of(store, incident) if incident else ()
    return dict(steps.content_of(update, tuple(audience.to_json() for audience in audiences)))


# -- inside -----------------------------------------------------------------------------------------------------------


def _begun(store: Store, actor: Person, incident: Incident, draft: Draft, now: datetime) -> Update:
    """Begin an update, or take up one that is not sent yet."""
    if draft.update_id is not None:
        to_edit(store, actor, draft.update_id)
        known = store.updates.lock(draft.update_id)
        if known is not None and known.incident_id == incident.id and known.cycle == incident.cycle:
            return known
    return Update(id=0, incident_id=incident.id, cycle=incident.cycle, author=actor.id, text="", written_at=now)


def _approver(store: Store, incident: Incident, author: Person) -> Person | None:
    """Tell who has to approve an update of somebody; None: nobody. Raise Refused where nobody has command."""
    if incident.severity not in store.organisations.settings().update_approval:
        return None
    holder = incident.roles.get(Role.COMMANDER)
    if holder == author.id:
        return None
    commander = store.people.many([holder]).get(holder) if holder is not None else None
    if commander is None or not commander.active:
        raise Refused(
            f"SEV{incident.severity} updates need the commander's approval, and nobody has command of {incident.ref}: "
            f"press Take command on its card, or write `assign {incident.ref} commander @person`."
        )
    return commander


def _ask(  # noqa: PLR0917 - the whole question
    store: Store, incident: Incident, update: Update, author: Person, trail: Trail, until: datetime, now: datetime
) -> None:
    text = f"{author.name} asked the commander to approve an update: “{update.text}”"
    log.tell(
        store,
        incident,
        EntryKind.UPDATE_REQUESTED,
        text,
        now,
        data={"update": update.id},
        actor=author.id,
        source=trail.source,
        activity=trail.activity,
    )
    home = status_cards.home_of(store, incident.id)
    commander = Decider(DeciderKind.ROLE, f"{Role.COMMANDER}/{incident.id}")
    question = Question(
        kind=steps.SUBJECT,
        subject_id=update.id,
        content=content(store, update),
        groups=(Group(deciders=(commander,)),),
        expires_at=until,
        places=(home,) if home is not None else (),
    )
    asking.ask(store, author, question, now)


def _closed(incident: Incident) -> str:
    if incident.is_open:
        return ""
    return f"{incident.ref} is resolved, so there is nothing new to tell. Write `reopen {incident.ref}` with the reason if it is back."


def _promised(update: Update, now: datetime) -> str:
    if update.next_at is None:
        return " It promises no next one."
    return f" The next one is promised for {utc_clock(update.next_at, now)}."
