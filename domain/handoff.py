"""Handoffs: one person's shift ends, another's begins, and the second one says "I have it"."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refused
from domain.incident import checked_text

OFFERED_BEFORE = timedelta(minutes=30)
"""How long before the shift change it is offered (contract section 8)."""
SECOND_REMINDER = timedelta(minutes=15)
"""After the shift change; the first reminder comes at it."""
EXPIRES_AFTER = timedelta(minutes=30)
"""After the shift change; then the lead is told. Ours: as long again as the second reminder took."""
WORDS_LIMIT = 2_000
"""Characters of notes, and of a reason; ours: a card with both and everything else stays below Teams' limit."""
SCHEDULE_CHANGED = "The schedule has changed."
OVERTAKEN = "That shift is over."
"""Why a handoff is off, or an answer to it means nothing any more."""


class HandoffState(StrEnum):
    """How a handoff stands."""

    PREPARED = "prepared"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """One handoff at one shift change. People are named by their ids, times are UTC."""

    id: int
    schedule: str
    outgoing: int
    incoming: int
    boundary_at: datetime
    """The shift change."""
    holds: bool = True
    """Whether the outgoing person stays responsible until it is accepted or expires."""
    state: HandoffState = HandoffState.PREPARED
    notes: str = ""
    """What the outgoing person writes."""
    reason: str = ""
    """Why it was declined; of an expired one, why nobody is asked any more."""
    offered_at: datetime | None = None
    accepted_at: datetime | None = None
    decided_by: int | None = None
    version: int = 0
    """Grows with every change; a write names the version it has read."""

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to say something."""
        return self.state in (HandoffState.PREPARED, HandoffState.OFFERED)

    @property
    def is_off(self) -> bool:
        """Whether it was taken back: its shift change does not happen, or is over."""
        return self.state is HandoffState.EXPIRED and bool(self.reason)

    @property
    def is_late(self) -> bool:
        """Whether it was declined or has expired, and can be accepted all the same."""
        return self.state in (HandoffState.DECLINED, HandoffState.EXPIRED) and not self.is_off

    @property
    def can_be_accepted(self) -> bool:
        """Whether saying yes still means something; whether the schedule still says so is another question."""
        return self.is_late or self.state is HandoffState.OFFERED

    def is_pending(self, at: datetime) -> bool:
        """Tell whether something is still to come: an answer, or the shift change it was accepted for."""
        return self.is_open or (self.state is HandoffState.ACCEPTED and at < self.boundary_at)

    @property
    def expires_at(self) -> datetime:
        """When the schedule decides, whatever anybody said."""
        return self.boundary_at + EXPIRES_AFTER

    def responsible(self, at: datetime) -> int | None:
        """Tell who is paged instead of whom the schedule names; None: the schedule decides.

        Once it is accepted or has expired the schedule decides; a declined one stays with the outgoing person until
        it would have expired.
        """
        held = self.state in (HandoffState.OFFERED, HandoffState.PREPARED, HandoffState.DECLINED)
        return self.outgoing if held and self.holds and self.boundary_at <= at < self.expires_at else None


def offer(handoff: Handoff, at: datetime) -> Handoff | None:
    """Ask both people; None when that was done already."""
    if handoff.state is not HandoffState.PREPARED:
        return None
    return _stepped(replace(handoff, state=HandoffState.OFFERED, offered_at=at))


def write_notes(handoff: Handoff, person: int, text: str) -> Handoff | None:
    """Write what matters; None when exactly this stands there already."""
    if person != handoff.outgoing:
        raise Refused("Only the person whose shift ends writes the notes of this handoff.")
    if handoff.is_off:
        raise Refused("This handoff is off, so your note would reach nobody.")
    notes = _checked(text, "note", "Write what the next person should know.")
    return None if notes == handoff.notes else _stepped(replace(handoff, notes=notes))


def accept(handoff: Handoff, person: int, at: datetime) -> Handoff | None:
    """Take over; None when it is accepted already. An expired or declined one can still be accepted."""
    if person != handoff.incoming:
        raise Refused("Only the person whose shift begins can accept this handoff.")
    if handoff.state is HandoffState.ACCEPTED:
        return None
    if not handoff.can_be_accepted:
        raise Refused(_not_now(handoff))
    return _stepped(replace(handoff, state=HandoffState.ACCEPTED, accepted_at=at, decided_by=person))


def decline(handoff: Handoff, person: int, reason: str) -> Handoff | None:
    """Say no, with a reason; None when that was said already."""
    may_decline(handoff, person)
    if handoff.state is HandoffState.DECLINED:
        return None
    why = _checked(reason, "reason", "Say why you cannot take over; the team lead reads it.")
    return _stepped(replace(handoff, state=HandoffState.DECLINED, reason=why, decided_by=person))


def may_decline(handoff: Handoff, person: int) -> None:
    """Raise Refused for whoever cannot decline, and where it is too early or too late for it."""
    if person != handoff.incoming:
        raise Refused("Only the person whose shift begins can decline this handoff.")
    if handoff.state is HandoffState.ACCEPTED:
        raise Refused("You have accepted this handoff already. Ask the team lead for an override instead.")
    if handoff.state is HandoffState.EXPIRED and not handoff.is_off:
        raise Refused("It has expired, and you are on call by the schedule. Ask the team lead for an override instead.")
    if handoff.is_off or handoff.state is HandoffState.PREPARED:
        raise Refused(_not_now(handoff))


def expire(handoff: Handoff) -> Handoff | None:
    """Stop waiting; None when somebody has answered."""
    return _stepped(replace(handoff, state=HandoffState.EXPIRED)) if handoff.is_open else None


def take_back(handoff: Handoff, why: str, at: datetime) -> Handoff | None:
    """End it, because there is nothing to hand over any more; None when it is history.

    An acceptance ends with it until the shift change; from then on it stands.
    """
    if not handoff.is_pending(at):
        return None
    return _stepped(replace(handoff, state=HandoffState.EXPIRED, reason=why, accepted_at=None, decided_by=None))


def hold(handoff: Handoff, holds: bool) -> Handoff | None:  # noqa: FBT001 - it is what the step says
    """Follow the schedule's rule; None when it says the same."""
    return None if handoff.holds == holds else _stepped(replace(handoff, holds=holds))


def prepare_again(handoff: Handoff, *, holds: bool, notes: str) -> Handoff | None:
    """Plan one anew that was taken back: the schedule is as it was. None for any other."""
    if not handoff.is_off:
        return None
    again = replace(handoff, state=HandoffState.PREPARED, reason="", offered_at=None, holds=holds, notes=notes)
    return _stepped(again)


def _not_now(handoff: Handoff) -> str:
    if handoff.state is HandoffState.PREPARED:
        return "It is too early: you are asked 30 minutes before the shift change."
    return "This handoff is off: the schedule has changed. Write `handoff` to see yours."


def _checked(text: str, what: str, ask: str) -> str:
    if not text.strip():
        raise Refused(f"The {what} is empty. {ask}")
    words = checked_text(text, what)
    if len(words) > WORDS_LIMIT:
        raise Refused(f"That {what} has {len(words)} characters; {WORDS_LIMIT} is the most. Link to the rest.")
    return words


def _stepped(handoff: Handoff) -> Handoff:
    return replace(handoff, version=handoff.version + 1)
