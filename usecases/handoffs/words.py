"""What is said about handoffs in sentences: times on the reader's wall clock with UTC beside."""

from datetime import datetime

from domain.handoff import Handoff
from domain.handoff import HandoffState as State
from domain.people import Person
from usecases.wording import exact


def when(at: datetime, reader: Person | None) -> str:
    """Write a moment on the reader's wall clock; for several in UTC."""
    return exact(at, reader.time_zone if reader else None)


def named(handoff: Handoff) -> str:
    """Name it in a sentence."""
    return f"the handoff of {handoff.schedule}"


def off(handoff: Handoff, outgoing: Person, incoming: Person, reader: Person) -> str:
    """Say that nobody needs to answer any more."""
    return (
        f"The handoff of {handoff.schedule} from {outgoing.name} to {incoming.name} "
        f"on {when(handoff.boundary_at, reader)} is off: the schedule has changed. You need not do anything."
    )


def accepted_to_outgoing(handoff: Handoff, incoming: Person, outgoing: Person, now: datetime) -> str:
    """Tell the outgoing person what it means for them."""
    said = f"{incoming.name} accepted {named(handoff)}."
    if now < handoff.boundary_at:
        return f"{said} You are on call until {when(handoff.boundary_at, outgoing)}."
    return f"{said} You are not paged for it any more." if handoff.holds and now < handoff.expires_at else said


def on_the_timeline(handoff: Handoff, incoming: Person, outgoing: Person, now: datetime) -> str:
    """Tell an open incident's timeline."""
    said = f"{incoming.name} accepted {named(handoff)} from {outgoing.name}"
    return (
        f"{said}; the shift changes at {when(handoff.boundary_at, None)}." if now < handoff.boundary_at else f"{said}."
    )


def declined_to_outgoing(handoff: Handoff, incoming: Person, outgoing: Person, now: datetime) -> str:
    """Tell the outgoing person what it means for them."""
    said = f"{incoming.name} declined {named(handoff)}: “{handoff.reason}”."
    if handoff.holds and now < handoff.expires_at:
        at = when(handoff.expires_at, outgoing)
        return f"{said} You are paged until somebody takes over, at the longest until {at}. The lead knows."
    return f"{said} The lead knows."


def declined_to_lead(handoff: Handoff, incoming: Person, outgoing: Person, lead: Person | None, now: datetime) -> str:
    """Tell whoever can put somebody else in."""
    said = (
        f"{incoming.name} declined {named(handoff)} from {outgoing.name} "
        f"on {when(handoff.boundary_at, lead)}: “{handoff.reason}”."
    )
    if handoff.holds and now < handoff.expires_at:
        said += f" {outgoing.name} is paged until somebody takes over, at the longest until {when(handoff.expires_at, lead)}."
    return f"{said} To put somebody else in, write `override {handoff.schedule} @person from <when> to <when>`."


def unanswered(
    handoff: Handoff, incoming: Person, outgoing: Person, on_call: Person | None, reader: Person | None
) -> str:
    """Say that nobody has taken over, and who is on call all the same."""
    what = f"{named(handoff)} on {when(handoff.boundary_at, reader)} from {outgoing.name} to {incoming.name}"
    said = (
        f"Nobody has taken over after {incoming.name} declined {what}."
        if handoff.state is State.DECLINED
        else (f"Nobody accepted {what}.")
    )
    now = f"{on_call.name} is on call by the schedule now." if on_call else "Nobody is on call by the schedule now."
    return f"{said} {now}"


def accepted_after_all(handoff: Handoff, incoming: Person, outgoing: Person) -> str:
    """Tell whoever was told that nobody had."""
    return f"{incoming.name} has accepted {named(handoff)} from {outgoing.name} after all."


def undelivered(handoff: Handoff, person: Person, reader: Person | None, reason: str) -> str:
    """Say that somebody was not asked."""
    return (
        f"I could not tell {person.name} about {named(handoff)} on {when(handoff.boundary_at, reader)}: {reason}. "
        "Please talk to them."
    )
