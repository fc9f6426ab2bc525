from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.cards.handoff import reminder, spoken
from domain import handoff as steps
from domain.errors import Refused
from domain.handoff import EXPIRES_AFTER, SCHEDULE_CHANGED, WORDS_LIMIT, Handoff
from domain.handoff import HandoffState as State
from tests.golden.handoff_cards import OFFERED as SHOWN
from tests.golden.handoff_cards import view
from tests.support.samples import ADA, GRACE
from usecases.handoffs import words

MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
GIVER, TAKER, OTHER = 1, 2, 3
PREPARED = Handoff(id=7, schedule="payments-primary", outgoing=GIVER, incoming=TAKER, boundary_at=MONDAY)
OFFERED = replace(PREPARED, state=State.OFFERED, offered_at=MONDAY - timedelta(minutes=30), version=1)
ACCEPTED = replace(OFFERED, state=State.ACCEPTED, accepted_at=MONDAY, version=2)
DECLINED = replace(OFFERED, state=State.DECLINED, reason="ill", version=2)
EXPIRED = replace(OFFERED, state=State.EXPIRED, version=2)
OFF = replace(EXPIRED, reason=SCHEDULE_CHANGED)
EVERY = (PREPARED, OFFERED, ACCEPTED, DECLINED, EXPIRED, OFF)


def test_it_is_offered_once() -> None:
    offered = steps.offer(PREPARED, MONDAY)
    assert offered == replace(PREPARED, state=State.OFFERED, offered_at=MONDAY, version=1)
    assert [steps.offer(h, MONDAY) for h in EVERY[1:]] == [None] * 5


@pytest.mark.parametrize("before", [OFFERED, DECLINED, EXPIRED])
def test_it_is_accepted_by_the_incoming_person_also_late(before: Handoff) -> None:
    after = steps.accept(before, TAKER, MONDAY)
    assert after is not None
    assert (after.state, after.accepted_at, after.decided_by) == (State.ACCEPTED, MONDAY, TAKER)
    assert after.version == before.version + 1
    assert steps.accept(after, TAKER, MONDAY + timedelta(hours=1)) is None


@pytest.mark.parametrize("before", EVERY)
@pytest.mark.parametrize("who", [GIVER, OTHER])
def test_nobody_else_accepts_or_declines_whatever_its_state(before: Handoff, who: int) -> None:
    with pytest.raises(Refused, match="Only the person whose shift begins"):
        steps.accept(before, who, MONDAY)
    with pytest.raises(Refused, match="Only the person whose shift begins"):
        steps.decline(before, who, "no")


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (PREPARED, "too early"),
        (ACCEPTED, "accepted this handoff already. Ask the team lead for an override"),
        (EXPIRED, "has expired, and you are on call"),
        (OFF, "is off: the schedule has changed"),
    ],
)
def test_it_cannot_be_declined_then(before: Handoff, why: str) -> None:
    with pytest.raises(Refused, match=why):
        steps.decline(before, TAKER, "no")


@pytest.mark.parametrize(("before", "why"), [(PREPARED, "too early"), (OFF, "is off")])
def test_it_cannot_be_accepted_then(before: Handoff, why: str) -> None:
    with pytest.raises(Refused, match=why):
        steps.accept(before, TAKER, MONDAY)


def test_declining_keeps_the_reason_and_the_first_one_counts() -> None:
    after = steps.decline(OFFERED, TAKER, "  I am ill  ")
    assert after is not None
    assert (after.state, after.reason, after.decided_by, after.version) == (State.DECLINED, "I am ill", TAKER, 2)
    assert steps.decline(after, TAKER, "another reason") is None


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_an_empty_reason_or_note_says_what_to_write(text: str) -> None:
    with pytest.raises(
        Refused, match=r"^The reason is empty\. Say why you cannot take over; the team lead reads it\.$"
    ):
        steps.decline(OFFERED, TAKER, text)
    with pytest.raises(Refused, match=r"^The note is empty\. Write what the next person should know\.$"):
        steps.write_notes(OFFERED, GIVER, text)


def test_words_have_a_limit() -> None:
    assert steps.write_notes(OFFERED, GIVER, "x" * WORDS_LIMIT) is not None
    with pytest.raises(Refused, match=f"{WORDS_LIMIT} is the most"):
        steps.write_notes(OFFERED, GIVER, "x" * (WORDS_LIMIT + 1))


@pytest.mark.parametrize("before", EVERY[:-1])
def test_the_outgoing_person_writes_notes_at_any_time(before: Handoff) -> None:
    after = steps.write_notes(before, GIVER, "Watch the pool")
    assert after == replace(before, notes="Watch the pool", version=before.version + 1)
    assert steps.write_notes(after, GIVER, " Watch the pool ") is None
    with pytest.raises(Refused, match="Only the person whose shift ends"):
        steps.write_notes(before, TAKER, "Watch the pool")


def test_only_open_ones_expire() -> None:
    assert [h.state for h in map(steps.expire, EVERY) if h] == [State.EXPIRED] * 2


def test_only_open_ones_are_taken_back_and_before_the_shift_change_an_accepted_one() -> None:
    back = [steps.take_back(h, SCHEDULE_CHANGED, MONDAY) for h in EVERY]
    assert [h and h.is_off for h in back] == [True, True, None, None, None, None]
    before = [steps.take_back(h, SCHEDULE_CHANGED, MONDAY - timedelta(microseconds=1)) for h in EVERY]
    assert [h and h.is_off for h in before] == [True, True, True, None, None, None]
    assert before[2] == replace(OFF, version=3), "nobody has accepted it any more"


def test_only_one_that_was_taken_back_is_prepared_again() -> None:
    again = [steps.prepare_again(h, holds=False, notes="Watch the pool") for h in EVERY]
    assert again[:-1] == [None] * 5
    assert again[-1] == replace(PREPARED, holds=False, notes="Watch the pool", version=3)


def test_the_rule_is_followed_once() -> None:
    assert steps.hold(OFFERED, True) is None
    assert steps.hold(OFFERED, False) == replace(OFFERED, holds=False, version=2)


@pytest.mark.parametrize("held", [PREPARED, OFFERED, DECLINED])
def test_the_outgoing_person_is_responsible_from_the_shift_change_until_it_would_expire(held: Handoff) -> None:
    tick = timedelta(microseconds=1)
    assert held.responsible(MONDAY - tick) is None
    assert held.responsible(MONDAY) == GIVER
    assert held.responsible(MONDAY + EXPIRES_AFTER - tick) == GIVER
    assert held.responsible(MONDAY + EXPIRES_AFTER) is None
    assert replace(held, holds=False).responsible(MONDAY) is None


@pytest.mark.parametrize("done", [ACCEPTED, EXPIRED, OFF])
def test_then_the_schedule_decides(done: Handoff) -> None:
    assert done.responsible(MONDAY) is None


def test_what_each_state_still_allows() -> None:
    assert [h.is_open for h in EVERY] == [True, True, False, False, False, False]
    assert [h.is_off for h in EVERY] == [False] * 5 + [True]
    assert [h.can_be_accepted for h in EVERY] == [False, True, False, True, True, False]
    assert [h.is_late for h in EVERY] == [False, False, False, True, True, False]


# -- sentences ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "zone", "said"),
    [
        (MONDAY, "Europe/London", "Mon 2026-11-30 09:00 London (09:00 UTC)"),
        (MONDAY, "America/New_York", "Mon 2026-11-30 04:00 New York (09:00 UTC)"),
        (MONDAY, "UTC", "Mon 2026-11-30 09:00 UTC"),
        # Another day there: the day of UTC is named too.
        (MONDAY + timedelta(hours=12), "Asia/Kolkata", "Tue 2026-12-01 02:30 Kolkata (Mon 2026-11-30 21:00 UTC)"),
        # The hour that comes twice: UTC tells which one.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/London", "Sun 2026-10-25 01:30 London (00:30 UTC)"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/London", "Sun 2026-10-25 01:30 London (01:30 UTC)"),
    ],
)
def test_a_moment_names_date_time_and_zone_with_utc_beside(at: datetime, zone: str, said: str) -> None:
    assert words.when(at, replace(ADA, time_zone=zone)) == said


def test_a_moment_for_several_readers_is_in_utc() -> None:
    assert words.when(MONDAY, None) == "Mon 2026-11-30 09:00 UTC"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(-1, "begins now"), (0, "begins now"), (0.5, "begins now"), (1, "began 1 min ago"), (15, "began 15 min ago")],
)
def test_a_reminder_says_since_when(minutes: float, said: str) -> None:
    text = reminder(view(minutes=0, now=MONDAY + timedelta(minutes=minutes)))
    assert text.startswith(f"Your shift on payments-primary {said}, and you have not accepted")
    assert "Until you do, Ada Lovelace is paged." in text


def test_a_reminder_does_not_promise_what_the_rule_does_not() -> None:
    assert "is paged" not in reminder(view(replace(SHOWN, holds=False)))


@pytest.mark.parametrize(
    ("minutes", "holds", "more"),
    [
        (-5, True, "You are on call until Mon 2026-11-30 09:00 London (09:00 UTC)."),
        (5, True, "You are not paged for it any more."),
        (5, False, ""),
        (35, True, ""),
    ],
)
def test_the_outgoing_person_hears_what_an_acceptance_means_for_them(minutes: int, holds: bool, more: str) -> None:
    handoff = replace(SHOWN, holds=holds)
    text = words.accepted_to_outgoing(handoff, GRACE, ADA, MONDAY + timedelta(minutes=minutes))
    assert text == f"Grace Hopper accepted the handoff of payments-primary. {more}".strip()


def test_a_notification_says_who_and_when_in_the_readers_zone() -> None:
    assert spoken(view(), "America/New_York") == (
        "Handoff of payments-primary from Ada Lovelace to Grace Hopper on Mon 2026-11-30 04:00 New York (09:00 UTC): offered."
    )
