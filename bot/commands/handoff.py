"""`handoff`: what I hand over and what I take over."""

from datetime import datetime, timedelta

from bot.cards.handoff import handoff_card, spoken
from bot.grammar import unquoted
from bot.turn import Answer, Command, Reply, Turn
from domain.errors import Unknown
from domain.handoff import Handoff
from domain.oncall import HandoffRule
from domain.shifts import Shift, shift_at, shifts_of
from usecases import handoffs
from usecases.handoffs.views import OTHERS_SHOWN
from usecases.shift_windows import bounded
from usecases.wording import exact

AHEAD = timedelta(days=60)
"""How far shifts are looked for; ours: two turns of a rotation of four."""


def run(turn: Turn, rest: str) -> Answer:
    """Show my open handoffs, or the current or next one of a schedule."""
    wanted = unquoted(rest).removeprefix("schedule:")
    if wanted:
        return _of_schedule(turn, wanted)
    mine = handoffs.of_person(turn.store, turn.actor.id)
    if not mine:
        return Reply(text=_no_handoff(turn))
    return _shown(turn, mine[0], [*mine[1 : 1 + OTHERS_SHOWN]])


def _of_schedule(turn: Turn, wanted: str) -> Reply:
    schedule = turn.store.schedules.get(wanted)
    if schedule is None:
        known = ", ".join(s.id for s in turn.store.schedules.all()[:10])
        raise Unknown(f"There is no schedule “{wanted[:80]}”." + (f" There are: {known}." if known else ""))
    handoff = handoffs.of_schedule(turn.store, schedule.id, turn.now)
    if handoff is not None:
        return _shown(turn, handoff, [])
    if schedule.handoff is HandoffRule.OFF:
        return Reply(text=f"{schedule.id} changes shifts without a handoff.")
    return Reply(text=f"{schedule.id} has no handoff planned: no other person is coming on call.")


def _shown(turn: Turn, handoff: Handoff, others: list[Handoff]) -> Reply:
    view = handoffs.handoff_view(turn.store, handoff, turn.now)
    card = handoff_card(view, turn.actor, zone=turn.zone, others=others)
    return Reply(text=spoken(view, turn.zone), card=card)


def _no_handoff(turn: Turn) -> str:
    """Say when the asker is on call; without a handoff that is what the question is about."""
    schedules = {schedule.id: schedule for schedule in turn.store.schedules.all()}
    found = [
        shift
        for schedule in schedules.values()
        for shift in shifts_of(schedule, turn.actor.handle, turn.now, turn.now + bounded(schedule, AHEAD))
    ]
    if not found:
        return f"You have no open handoff, and no shift in the next {AHEAD.days} days."
    first = min(found, key=lambda shift: (_start(shift, turn.now), shift.schedule))
    if _start(first, turn.now) > turn.now:
        return f"You have no open handoff. Your next shift is on {first.schedule}: it begins on {_at(turn, first.starts_at)}."
    ends_at = shift_at(schedules[first.schedule], turn.now).ends_at  # the window may have cut it
    if ends_at is None or ends_at >= turn.now + AHEAD:
        return f"You have no open handoff. You are on call for {first.schedule}, and no end is in sight."
    return f"You have no open handoff. You are on call for {first.schedule} until {_at(turn, ends_at)}."


def _start(shift: Shift, now: datetime) -> datetime:
    return shift.starts_at or now


def _at(turn: Turn, at: datetime | None) -> str:
    return exact(at or turn.now, turn.zone)


COMMAND = Command(
    word="handoff",
    usage="handoff [schedule]",
    meaning="Show what you hand over or take over: accept, decline, add notes.",
    run=run,
    example="handoff payments-primary",
    aliases=("handover",),
)
