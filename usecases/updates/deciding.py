"""What follows when somebody has decided about an update, or nobody has."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain import update as steps
from domain.approval import Approval, ApprovalState, Decision
from domain.errors import Unknown
from domain.incident import Incident
from domain.people import BOT_ID, Person
from domain.timeline import EntryKind, Source
from domain.update import Update, UpdateState
from usecases import log
from usecases.approvals.subjects import SubjectKind, SubjectView
from usecases.incidents import Trail
from usecases.ports import Store
from usecases.updates import returning, sending, writing
from usecases.updates.reach import reach_of
from usecases.updates.words import update_view


def _content(store: Store, update_id: int) -> Mapping[str, Any] | None:
    update = writing.still_asked(store, update_id)
    return None if update is None else writing.content(store, update)


def _view(store: Store, update_id: int, zone: str | None, now: datetime) -> SubjectView:
    update = store.updates.get(update_id)
    shown = update_view(store, update, now) if update else None
    if update is None or shown is None:
        raise Unknown("This update is not there any more.")
    lines = (
        ("Incident", shown.headline),
        ("Goes to", reach_of(store, shown.incident).told),
        ("Next update", shown.promise(zone)),
        ("Written by", shown.author),
    )
    return SubjectView(title=f"Stakeholder update of {shown.incident.ref}", lines=lines, text=shown.text(zone))


def decided(store: Store, approval: Approval, actor: Person | None, now: datetime) -> None:
    """Send what was approved; give back to its author what was not."""
    asked = store.updates.get(approval.subject_id)
    incident = store.incidents.lock(asked.incident_id) if asked else None
    update = store.updates.lock(approval.subject_id)
    if update is None or incident is None or update.state is not UpdateState.AWAITING:
        return
    author = store.people.many([update.author]).get(update.author)
    said = _said(approval, actor)
    data = {"update": update.id, "decision": str(approval.state)}
    source = Source.BUTTON if actor else Source.TIMER
    after = log.tell(
        store,
        incident,
        EntryKind.UPDATE_DECIDED,
        said,
        now,
        data=data,
        actor=actor.id if actor else BOT_ID,
        source=source,
    )
    if approval.state is ApprovalState.APPROVED:
        sending.send(store, after, update, reach_of(store, after), author, Trail(source, None), now)
        return
    _give_back(store, after, update, said)


def _give_back(store: Store, incident: Incident, update: Update, why: str) -> None:
    returned = steps.give_back(update)
    store.updates.save(returned, seen=update.version)
    returning.tell(store, incident, returned, why)


def _said(approval: Approval, actor: Person | None) -> str:
    """Say how it was decided, in one sentence."""
    who = actor.name if actor else "Nobody"
    match approval.state:
        case ApprovalState.APPROVED:
            comment = _comment(approval, Decision.APPROVE)
            return f"{who} approved the update{comment or '.'}"
        case ApprovalState.REJECTED:
            return f"{who} rejected the update{_comment(approval, Decision.REJECT) or '.'}"
        case ApprovalState.EXPIRED:
            return "Nobody decided about the update in time, so it was not sent."
        case _:
            if actor is not None:
                return f"{who} withdrew the update before it was sent."
            return f"The update was not sent. {approval.reason}".strip()


def _comment(approval: Approval, decision: Decision) -> str:
    said = next((vote.comment for vote in reversed(approval.votes) if vote.decision is decision), "")
    return f": {said}" if said else ""


UPDATES = SubjectKind(kind=steps.SUBJECT, content=_content, view=_view, decided=decided, gives_back=True)
