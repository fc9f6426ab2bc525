"""What becomes of a handoff that was answered, or expired, once the schedule changes or its shift is over."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.errors import Refused
from domain.handoff import HandoffState
from domain.oncall import Override
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.handoff_desk import HALF, MINUTE, MONDAY, PRIMARY, WEEK, HandoffDesk, Told, rotation, weekly
from usecases import handoffs
from usecases.oncall_ports import MadeOverride

HOUR = timedelta(hours=1)


@pytest.fixture
async def offered(database: Database) -> AsyncIterator[HandoffDesk]:
    """20 minutes before MONDAY on every database, both cards delivered and looked at."""
    desk = await HandoffDesk(database).open()
    await desk.at(MONDAY - HALF)
    await delivered(desk)
    await desk.at(MONDAY - 20 * MINUTE)
    yield desk


async def delivered(desk: HandoffDesk) -> None:
    """Let every new card arrive, and nothing wait any more."""
    for n, told in enumerate(await desk.sent()):
        if told.payload["letter"] == handoffs.CARD and not told.payload.get("activity_id"):
            await desk.arrives(told, f"card-{told.payload['handoff']}-{n}")
    await desk.delivered()
    await desk.sent()


async def redrawn(desk: HandoffDesk, who: str, number: int = 1) -> list[Told]:
    """List how somebody's card of a handoff was drawn again since the last look."""
    return [
        told
        for told in await desk.sent(who)
        if told.payload["letter"] == handoffs.CARD and told.payload["handoff"] == number and told.activity
    ]


# -- notes -------------------------------------------------------------------------------------------------------------


async def test_notes_go_along_when_the_lead_puts_somebody_in_for_who_declined(offered: HandoffDesk) -> None:
    await offered.note("grace", 1, "Watch the pool")
    await offered.decline("ada", 1)
    await offered.override("zoe", MONDAY, MONDAY + 3 * HOUR)
    await offered.work()
    taken = await offered.one(await offered.asked("zoe"))
    assert (offered.names(taken), taken.notes) == ("grace→zoe offered", "Watch the pool")
    assert (await offered.one(1)).notes == "Watch the pool"


async def test_notes_come_back_with_the_first_person(offered: HandoffDesk) -> None:
    await offered.note("grace", 1, "Watch the pool")
    first = await offered.override("zoe", MONDAY, MONDAY + 3 * HOUR)
    await offered.work()
    await offered.note("grace", await offered.asked("zoe"), "Watch the pool and the queue")
    await offered.without_override(first)
    assert (await offered.one(1)).notes == "Watch the pool and the queue"
    await offered.note("grace", 1, "All is well")
    await offered.override("zoe", MONDAY, MONDAY + 3 * HOUR)
    await offered.work()
    assert (await offered.one(await offered.asked("zoe"))).notes == "All is well"


async def test_notes_of_another_shift_do_not_go_along(offered: HandoffDesk) -> None:
    await offered.note("grace", 1, "Watch the pool")
    await offered.at(MONDAY + WEEK - HALF)
    await offered.override("zoe", MONDAY + 2 * WEEK, MONDAY + 3 * WEEK)
    assert [h.notes for h in await offered.all()] == ["Watch the pool", "", ""]


async def test_a_note_on_a_declined_one_that_was_replaced_would_reach_nobody(offered: HandoffDesk) -> None:
    await offered.decline("ada", 1)
    await offered.override("zoe", MONDAY, MONDAY + WEEK)
    (card,) = await redrawn(offered, "grace")
    assert card.buttons == []
    with pytest.raises(Refused, match="Nobody would read your note any more"):
        await offered.note("grace", 1, "Watch the pool")


# -- cards of those that are not accepted ------------------------------------------------------------------------------


async def test_an_expired_one_is_drawn_again_when_its_shift_is_over(offered: HandoffDesk) -> None:
    await offered.at(MONDAY + WEEK - MINUTE)
    card = (await redrawn(offered, "ada"))[-1]
    assert card.buttons == ["Accept handoff"]
    await delivered(offered)
    await offered.at(MONDAY + WEEK)
    (card,) = await redrawn(offered, "ada")
    assert card.buttons == []
    assert "You can still accept it" not in str(card.card)
    assert "Nobody accepted it in time, and the schedule decides who is paged. That shift is over." in str(card.card)


async def test_one_that_was_declined_is_drawn_again_when_its_shift_is_over(offered: HandoffDesk) -> None:
    await offered.decline("ada", 1, "I have a fever")
    await offered.at(MONDAY + WEEK - MINUTE)
    await delivered(offered)
    await offered.at(MONDAY + WEEK)
    (card,) = await redrawn(offered, "ada")
    assert card.buttons == []
    assert "Ada Lovelace declined: “I have a fever”. The lead knows. That shift is over." in str(card.card)


async def test_one_that_was_accepted_late_is_left_alone_when_its_shift_is_over(offered: HandoffDesk) -> None:
    await offered.at(MONDAY + HOUR)
    await offered.accept("ada", 1)
    await delivered(offered)
    await offered.at(MONDAY + WEEK)
    assert await redrawn(offered, "ada") == []


async def test_shifts_that_end_before_a_declined_one_would_expire_leave_no_button_either(database: Database) -> None:
    quick = weekly(rotations=(rotation("ada", "grace", shift="PT20M"),))
    desk = await HandoffDesk(database, now=MONDAY + MINUTE).open(quick)
    await desk.work()
    await delivered(desk)
    (first, *_) = await desk.all()
    taker = next(handle for handle, who in desk.people.items() if who.id == first.incoming)
    await desk.decline(taker, first.id)
    await desk.at(MONDAY + 40 * MINUTE)
    assert (await redrawn(desk, taker, first.id))[-1].buttons == []


async def test_a_shift_by_override_is_over_when_the_override_ends(offered: HandoffDesk) -> None:
    await offered.override("zoe", MONDAY, MONDAY + 3 * HOUR)
    await offered.work()
    number = await offered.asked("zoe")
    await delivered(offered)
    await offered.at(MONDAY + 3 * HOUR - MINUTE)
    assert (await redrawn(offered, "zoe", number))[-1].buttons == ["Accept handoff"]
    await delivered(offered)
    await offered.at(MONDAY + 3 * HOUR)
    assert (await redrawn(offered, "zoe", number))[-1].buttons == []


async def test_a_declined_one_that_is_replaced_loses_its_button_and_gets_it_back(offered: HandoffDesk) -> None:
    await offered.decline("ada", 1, "I have a fever")
    await delivered(offered)
    number = await offered.override("zoe", MONDAY, MONDAY + WEEK)
    (card,) = await redrawn(offered, "ada")
    assert card.buttons == []
    assert "The lead knows. The schedule has changed." in str(card.card)
    assert "is paged until" not in str(card.card)
    await delivered(offered)
    await offered.at(MONDAY - 10 * MINUTE)
    await offered.without_override(number)
    (card,) = await redrawn(offered, "ada")
    assert card.buttons == ["Accept handoff"]
    await offered.accept("ada", 1)
    assert (await offered.one(1)).state is HandoffState.ACCEPTED


async def test_one_whose_schedule_is_gone_loses_its_button(offered: HandoffDesk) -> None:
    await offered.at(MONDAY + HOUR)
    await delivered(offered)
    await offered.imports(weekly(id="other"))
    (card,) = await redrawn(offered, "ada")
    assert card.buttons == []


async def test_a_shift_that_gets_longer_is_over_later(offered: HandoffDesk) -> None:
    await offered.at(MONDAY + HOUR)
    await offered.override("ada", MONDAY + WEEK, MONDAY + WEEK + 3 * HOUR)
    await offered.at(MONDAY + WEEK + HOUR)
    assert (await redrawn(offered, "ada"))[-1].buttons == ["Accept handoff"]
    await delivered(offered)
    await offered.at(MONDAY + WEEK + 3 * HOUR)
    assert [card.buttons for card in await redrawn(offered, "ada")] == [[]]


async def test_a_press_that_comes_too_late_says_so_and_draws_the_cards_again(offered: HandoffDesk) -> None:
    await offered.at(MONDAY + WEEK + MINUTE)
    await delivered(offered)
    answered = await offered.accept("ada", 1)
    assert answered.notice == "That shift is over. There is nothing to accept any more; write `handoff` to see yours."
    assert (await offered.one(1)).state is HandoffState.EXPIRED
    told = await offered.sent()
    assert [(t.payload["letter"], t.lane) for t in told] == [
        (handoffs.CARD, offered.lane("ada")),
        (handoffs.CARD, offered.lane("grace")),
    ]
    assert [t.buttons for t in told] == [[], []]


# -- an accepted one ---------------------------------------------------------------------------------------------------


async def test_an_accepted_one_that_is_replaced_is_off_and_both_are_told_once(offered: HandoffDesk) -> None:
    await offered.note("grace", 1, "Watch the pool")
    await offered.accept("ada", 1)
    await delivered(offered)
    await offered.override("zoe", MONDAY, MONDAY + WEEK)
    assert await offered.story() == ["grace→ada expired", "grace→zoe prepared", "zoe→grace prepared"]
    replaced = await offered.one(1)
    assert (replaced.is_off, replaced.accepted_at, replaced.decided_by) == (True, None, None)
    told = await offered.sent()
    said = [t.text for t in told if t.payload["letter"] == "sentence"]
    assert ["is off: the schedule has changed" in text for text in said] == [True, True]
    cards = [t for t in told if t.payload["letter"] == handoffs.CARD]
    assert {t.lane for t in cards} == {offered.lane("ada"), offered.lane("grace")}
    assert not any("takes over at the shift change" in str(t.card) for t in cards)
    await offered.work()
    assert (await offered.one(await offered.asked("zoe"))).notes == "Watch the pool"
    await offered.at(MONDAY)
    assert await offered.paged() == "grace", "Zoë has not accepted"


async def test_whoever_had_accepted_is_asked_again_when_the_schedule_is_as_it_was(offered: HandoffDesk) -> None:
    await offered.accept("ada", 1)
    number = await offered.override("zoe", MONDAY, MONDAY + WEEK)
    await offered.work()
    await delivered(offered)
    await offered.without_override(number)
    await offered.work()
    assert await offered.asked("ada") == 1
    await offered.at(MONDAY)
    assert await offered.paged() == "grace", "Ada was told that she need not do anything"
    await offered.accept("ada", 1)
    assert await offered.paged() is None


async def test_what_was_accepted_stands_once_the_shift_has_begun(offered: HandoffDesk) -> None:
    await offered.accept("ada", 1)
    await offered.at(MONDAY)
    await offered.imports(weekly("lin", "zoe"))
    assert (await offered.story())[0] == "grace→ada accepted"


async def test_an_accepted_one_survives_an_override_of_later(offered: HandoffDesk) -> None:
    await offered.accept("ada", 1)
    await offered.override("zoe", MONDAY + HOUR, MONDAY + 2 * HOUR)
    assert (await offered.story())[0] == "grace→ada accepted"


async def test_planning_finds_an_accepted_one_that_does_not_happen_any_more(offered: HandoffDesk) -> None:
    await offered.accept("ada", 1)
    await offered.sent()

    def put_in(store: SqlStore) -> None:
        override = Override(person="zoe", starts_at=MONDAY, ends_at=MONDAY + HOUR)
        by = offered.people["lin"].id
        store.schedules.add_override(
            MadeOverride(id=0, schedule=PRIMARY, override=override, made_by=by, made_at=offered.now)
        )
        handoffs.plan_all(store, offered.now)

    await offered.db.write(put_in)
    assert (await offered.one(1)).is_off
    assert len([text for text in await offered.texts("grace") if "is off" in text]) == 1
