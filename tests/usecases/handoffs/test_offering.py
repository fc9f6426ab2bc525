"""What happens around a shift change by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Refused
from domain.handoff import HandoffState
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.handoff_desk import HALF, MINUTE, MONDAY, WEEK, HandoffDesk, organisation, weekly
from usecases import handoffs

# -- offering ----------------------------------------------------------------------------------------------------------


async def test_both_get_a_card_half_an_hour_before(desk: HandoffDesk) -> None:
    await desk.at(MONDAY - HALF - timedelta(seconds=1))
    assert await desk.sent() == []
    await desk.at(MONDAY - HALF)
    told = {t.lane: t for t in await desk.sent()}
    assert set(told) == {desk.lane("ada"), desk.lane("grace")}
    assert told[desk.lane("ada")].buttons == ["Accept handoff", "Decline"]
    assert told[desk.lane("grace")].buttons == ["Add note"]
    assert (await desk.one(1)).offered_at == MONDAY - HALF


async def test_the_handoff_after_it_is_planned_with_the_offer(offered: HandoffDesk) -> None:
    assert await offered.story() == ["grace→ada offered", "ada→grace prepared"]


async def test_reminders_come_at_the_shift_change_and_a_quarter_later_and_then_no_more(offered: HandoffDesk) -> None:
    await offered.at(MONDAY - timedelta(seconds=1))
    assert await offered.texts("ada") == []
    await offered.at(MONDAY)
    assert [t.split(",")[0] for t in await offered.texts("ada")] == ["Your shift on payments-primary begins now"]
    await offered.at(MONDAY + 15 * MINUTE)
    (again,) = await offered.texts("ada")
    assert again.startswith("Your shift on payments-primary began 15 min ago")
    assert "Until you do, Grace Hopper is paged." in again
    await offered.at(MONDAY + WEEK - HALF - MINUTE)
    later = [t for t in await offered.texts("ada") if t.startswith("Your shift")]
    assert later == []


async def test_a_reminder_that_waits_is_not_sent_after_the_answer(offered: HandoffDesk) -> None:
    await offered.at(MONDAY)
    await offered.accept("ada", 1)
    reminders = [t for t in await offered.sent("ada") if t.payload["letter"] == handoffs.REMINDER]
    assert [t.activity for t in reminders] == [None]


async def test_after_an_outage_it_is_offered_late_and_nobody_is_reminded_in_the_same_breath(desk: HandoffDesk) -> None:
    await desk.after_outage_at(MONDAY + 5 * MINUTE)
    assert await desk.story() == ["grace→ada offered", "ada→grace prepared"]
    assert len(await desk.sent("ada")) == 1
    assert await desk.paged() == "grace"
    await desk.at(MONDAY + 15 * MINUTE)
    assert len(await desk.sent("ada")) == 1


async def test_after_a_long_outage_the_lead_hears_and_the_plan_goes_on(desk: HandoffDesk) -> None:
    await desk.after_outage_at(MONDAY + timedelta(days=2))
    assert await desk.story() == ["grace→ada expired", "ada→grace prepared"]
    assert "Ada Lovelace is on call by the schedule now." in (await desk.texts("lin"))[0]


async def test_people_and_schedule_are_looked_at_again_when_it_is_offered(desk: HandoffDesk) -> None:
    """Somebody has changed the schedule without planning anew."""
    await desk.db.write(lambda store: store.organisations.replace(organisation(weekly("lin", "zoe"))))
    await desk.at(MONDAY - HALF)
    assert await desk.story() == ["zoe→lin offered", "lin→zoe prepared"]
    assert await desk.sent("ada") == []


async def test_somebody_without_a_teams_account_does_not_stop_the_other_card(db: Database) -> None:
    desk = HandoffDesk(db)
    await desk.open()

    def unlink(store: SqlStore) -> None:
        ada = store.people.by_handle("ada")
        assert ada is not None
        store.people.save(replace(ada, object_id=None))

    await desk.db.write(unlink)
    await desk.at(MONDAY - HALF)
    assert [t.lane for t in await desk.sent()] == [desk.lane("grace")]


async def test_the_lead_hears_when_a_card_does_not_arrive(desk: HandoffDesk) -> None:
    await desk.at(MONDAY - HALF)
    (card,) = await desk.sent("ada")
    await desk.refused(card, "the person has blocked the bot (403)")
    (said,) = await desk.texts("lin")
    assert said.startswith("I could not tell Ada Lovelace about the handoff of payments-primary on Mon 2026-11-30")
    assert "the person has blocked the bot (403)" in said


# -- expiring ----------------------------------------------------------------------------------------------------------


async def test_it_expires_half_an_hour_after_and_the_lead_is_told(offered: HandoffDesk) -> None:
    await offered.at(MONDAY + 29 * MINUTE)
    await offered.sent()
    await offered.at(MONDAY + HALF)
    assert (await offered.one(1)).state is HandoffState.EXPIRED
    said = {t.lane: t.text for t in await offered.sent() if t.payload["letter"] == "sentence"}
    assert said[offered.lane("lin")] == (
        "Nobody accepted the handoff of payments-primary on Mon 2026-11-30 14:30 Kolkata (09:00 UTC) from Grace Hopper "
        "to Ada Lovelace. Ada Lovelace is on call by the schedule now."
    )
    assert set(said) == {offered.lane("ada"), offered.lane("grace"), offered.lane("lin")}


async def test_an_expired_one_can_still_be_accepted_and_is_recorded(offered: HandoffDesk) -> None:
    await offered.at(MONDAY + timedelta(hours=2))
    number = await offered.declare()
    await offered.sent()
    await offered.accept("ada", 1)
    assert (await offered.one(1)).accepted_at == MONDAY + timedelta(hours=2)
    entry = (await offered.see(lambda store: store.timeline.page(number)))[-1]
    assert entry.text == "Ada Lovelace accepted the handoff of payments-primary from Grace Hopper."
    said = {t.lane: t.text for t in await offered.sent() if t.payload["letter"] == "sentence"}
    assert said[offered.lane("grace")] == "Ada Lovelace accepted the handoff of payments-primary."
    assert said[offered.lane("lin")].endswith("after all.")


async def test_it_is_too_late_when_that_shift_is_over(offered: HandoffDesk) -> None:
    await offered.at(MONDAY + WEEK + MINUTE)
    assert "That shift is over" in str((await offered.accept("ada", 1)).notice)
    assert (await offered.one(1)).state is HandoffState.EXPIRED


async def test_declining_an_expired_one_is_too_late(offered: HandoffDesk) -> None:
    await offered.at(MONDAY + HALF)
    with pytest.raises(Refused, match="It has expired, and you are on call by the schedule"):
        await offered.decline("ada", 1)
