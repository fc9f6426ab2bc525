"""What the two people can say, and who hears of it."""

from datetime import timedelta

import pytest

from domain.errors import Refused
from domain.handoff import HandoffState
from domain.timeline import EntryKind, Source
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.handoff_desk import CHANNEL, HALF, MINUTE, MONDAY, PRIMARY, WEEK, HandoffDesk, Told
from usecases import handoffs
from usecases.incidents import Incidents, Trail

# -- accepting ---------------------------------------------------------------------------------------------------------


async def test_accepting_before_the_shift_change(offered: HandoffDesk) -> None:
    await offered.accept("ada", 1)
    after = await offered.one(1)
    assert (after.state, after.accepted_at) == (HandoffState.ACCEPTED, MONDAY - 20 * MINUTE)
    (said,) = [t for t in await offered.texts("grace") if "Handoff" not in t]
    assert said == (
        "Ada Lovelace accepted the handoff of payments-primary. "
        "You are on call until Mon 2026-11-30 04:00 New York (09:00 UTC)."
    )
    assert await offered.texts("lin") == [], "the lead had heard nothing, so there is nothing to take back"
    assert await offered.see(lambda store: store.work.planned("handoff:1")) == [], "neither reminders nor an expiry"
    await offered.at(MONDAY + timedelta(hours=1))
    assert await offered.sent() == []


async def test_accepting_twice_says_so_and_does_nothing_twice(offered: HandoffDesk) -> None:
    first = await offered.accept("ada", 1)
    told = len(await offered.sent())
    offered.now += MINUTE
    again = await offered.accept("ada", 1)
    assert first.notice is None
    assert again.notice == "You accepted this handoff already, on Mon 2026-11-30 08:40 London (08:40 UTC)."
    assert (told > 0, await offered.sent()) == (True, [])
    assert (await offered.one(1)).accepted_at == MONDAY - 20 * MINUTE


@pytest.mark.parametrize("who", ["grace", "lin"])
async def test_only_the_incoming_person_accepts_or_declines(offered: HandoffDesk, who: str) -> None:
    with pytest.raises(Refused, match="Only the person whose shift begins can accept"):
        await offered.accept(who, 1)
    with pytest.raises(Refused, match="Only the person whose shift begins can decline"):
        await offered.decline(who, 1)
    assert (await offered.one(1)).state is HandoffState.OFFERED


async def test_it_is_too_early_to_accept_what_is_only_prepared(desk: HandoffDesk) -> None:
    for act in (desk.accept, desk.decline):
        with pytest.raises(Refused, match="It is too early: you are asked 30 minutes before"):
            await act("ada", 1)


async def test_accepting_stands_on_the_timelines_of_the_teams_open_incidents(offered: HandoffDesk) -> None:
    owned = await offered.declare()
    operated = await offered.declare("Gateway slow", services=("gateway",))
    elsewhere = await offered.declare("Search slow", services=("search",))
    alone = await offered.declare("Nothing in particular", services=())
    over = await offered.declare("Was short")
    await offered.db.write(
        lambda store: Incidents(store, offered.now).resolve(
            offered.people["zoe"], over, "", Trail(Source.MESSAGE, "resolved")
        )
    )
    await offered.accept("ada", 1)

    def lines(store: SqlStore) -> list[list[str]]:
        return [
            [e.text for e in store.timeline.page(n) if e.kind is EntryKind.HANDED_OVER]
            for n in (owned, operated, elsewhere, alone, over)
        ]

    said = (
        "Ada Lovelace accepted the handoff of payments-primary from Grace Hopper; "
        "the shift changes at Mon 2026-11-30 09:00 UTC."
    )
    assert await offered.see(lines) == [[said], [said], [], [], []]
    entry = (await offered.see(lambda store: store.timeline.page(owned)))[-1]
    assert (entry.actor, entry.source) == (offered.people["ada"].id, Source.BUTTON)
    assert entry.data == {"schedule": PRIMARY, "person": offered.people["ada"].id, "before": offered.people["grace"].id}


async def test_both_cards_follow_in_place(offered: HandoffDesk) -> None:
    await offered.accept("ada", 1)
    redrawn = {t.lane: t for t in await offered.sent() if t.payload["letter"] == handoffs.CARD}
    assert {t.payload["activity_id"] for t in redrawn.values()} == {"card-0", "card-1"}
    assert set(redrawn) == {offered.lane("ada"), offered.lane("grace")}
    assert redrawn[offered.lane("ada")].buttons == []
    assert all("accepted" in t.text for t in redrawn.values())


async def test_a_redrawn_card_stays_where_it_is(offered: HandoffDesk) -> None:
    await offered.note("grace", 1, "Watch the pool")
    for redrawn in await offered.sent():
        await offered.arrives(redrawn, "not the id of a new message")
    await offered.delivered()
    await offered.accept("ada", 1)
    cards = [t for t in await offered.sent() if t.payload["letter"] == handoffs.CARD]
    assert sorted(t.payload["activity_id"] for t in cards) == ["card-0", "card-1"]


async def test_a_card_that_arrives_late_is_brought_up_to_date(desk: HandoffDesk) -> None:
    await desk.at(MONDAY - HALF)
    cards = await desk.sent()
    await desk.note("grace", 1, "Watch the pool")
    assert await desk.sent() == [], "nothing stands yet"
    for n, card in enumerate(cards):
        await desk.arrives(card, f"late-{n}")
    assert {t.payload["activity_id"] for t in await desk.sent()} == {"late-0", "late-1"}


async def test_a_message_delivered_twice_follows_where_it_stands_now(offered: HandoffDesk) -> None:
    redelivered = {
        "letter": handoffs.CARD,
        "handoff": 1,
        "reader": offered.people["ada"].id,
        "version": 1,
        "do": "letter",
    }
    await offered.arrives(Told(offered.lane("ada"), redelivered, None), "second")
    await offered.accept("ada", 1)
    (card,) = [t for t in await offered.sent("ada") if t.payload["letter"] == handoffs.CARD]
    assert card.payload["activity_id"] == "second"


# -- declining ---------------------------------------------------------------------------------------------------------


async def test_declining_tells_the_lead_and_the_outgoing_person_at_once(offered: HandoffDesk) -> None:
    await offered.decline("ada", 1, "I have a fever")
    told = await offered.sent()
    said = {t.lane: t.text for t in told if t.payload["letter"] == "sentence"}
    assert said[offered.lane("lin")] == (
        "Ada Lovelace declined the handoff of payments-primary from Grace Hopper on "
        "Mon 2026-11-30 14:30 Kolkata (09:00 UTC): “I have a fever”. "
        "Grace Hopper is paged until somebody takes over, at the longest until Mon 2026-11-30 15:00 Kolkata (09:30 UTC). "
        "To put somebody else in, write `override payments-primary @person from <when> to <when>`."
    )
    assert said[offered.lane("grace")] == (
        "Ada Lovelace declined the handoff of payments-primary: “I have a fever”. You are paged until somebody takes "
        "over, at the longest until Mon 2026-11-30 04:30 New York (09:30 UTC). The lead knows."
    )
    assert (await offered.one(1)).reason == "I have a fever"
    assert {t.message_class for t in told if t.payload["letter"] == "sentence"} == {"page"}, "it must arrive"
    planned = await offered.see(lambda store: store.work.planned("handoff:1"))
    assert [(w.kind, w.due_at) for w in planned] == [
        (handoffs.EXPIRE, MONDAY + HALF),
        (handoffs.CLOSE, MONDAY + WEEK),
    ]
    await offered.at(MONDAY + 20 * MINUTE)
    assert await offered.texts("ada") == [], "nobody is reminded of what they declined"


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
async def test_declining_needs_a_reason(offered: HandoffDesk, reason: str) -> None:
    with pytest.raises(Refused, match="The reason is empty"):
        await offered.decline("ada", 1, reason)
    assert await offered.sent() == []


async def test_declining_twice_tells_nobody_twice(offered: HandoffDesk) -> None:
    await offered.decline("ada", 1)
    await offered.sent()
    again = await offered.decline("ada", 1, "another reason")
    assert again.notice == "You have declined this handoff already; the lead knows."
    assert ((await offered.one(1)).reason, await offered.sent()) == ("I am ill", [])


async def test_the_outgoing_person_stays_until_a_declined_one_would_have_expired(offered: HandoffDesk) -> None:
    await offered.decline("ada", 1)
    assert await offered.paged(MONDAY + 29 * MINUTE) == "grace"
    assert await offered.paged(MONDAY + HALF) is None


async def test_when_nobody_was_put_in_everybody_hears_that_the_schedule_decides(offered: HandoffDesk) -> None:
    await offered.decline("ada", 1)
    await offered.at(MONDAY + 29 * MINUTE)
    await offered.sent()
    await offered.at(MONDAY + HALF)
    said = {t.lane: t.text for t in await offered.sent() if t.payload["letter"] == "sentence"}
    assert set(said) == {offered.lane("ada"), offered.lane("grace"), offered.lane("lin")}
    assert said[offered.lane("ada")].endswith("Ada Lovelace is on call by the schedule now.")
    assert (await offered.one(1)).state is HandoffState.DECLINED


async def test_a_declined_one_can_still_be_accepted_and_the_lead_hears_of_it(offered: HandoffDesk) -> None:
    await offered.decline("ada", 1)
    await offered.at(MONDAY + 10 * MINUTE)
    await offered.sent()
    await offered.accept("ada", 1)
    assert (await offered.one(1)).state is HandoffState.ACCEPTED
    assert await offered.paged() is None
    (said,) = await offered.texts("lin")
    assert said == "Ada Lovelace has accepted the handoff of payments-primary from Grace Hopper after all."


async def test_the_lead_puts_somebody_else_in_after_it_was_declined(offered: HandoffDesk) -> None:
    await offered.decline("ada", 1)
    await offered.override("zoe", MONDAY, MONDAY + WEEK)
    assert await offered.story() == ["grace→ada declined", "grace→zoe prepared", "zoe→grace prepared"]
    await offered.work()
    assert await offered.paged(MONDAY) == "grace", "until Zoë accepts"
    await offered.accept("zoe", await offered.asked("zoe"))
    assert await offered.paged(MONDAY) is None
    await offered.at(MONDAY + HALF)
    assert [t for t in await offered.texts("lin") if "Nobody" in t] == []
    answered = await offered.accept("ada", 1)
    assert answered.notice == (
        "The schedule has changed. There is nothing to accept any more; write `handoff` to see yours."
    )
    assert (await offered.one(1)).state is HandoffState.DECLINED


async def test_without_a_lead_the_channel_hears_it(db: Database) -> None:
    desk = await HandoffDesk(db).open(lead=None)
    await desk.at(MONDAY - HALF)
    await desk.decline("ada", 1)
    (said,) = await desk.texts(CHANNEL)
    assert said.startswith(
        "Ada Lovelace declined the handoff of payments-primary from Grace Hopper on Mon 2026-11-30 09:00 UTC"
    )


@pytest.mark.parametrize("lead", ["ada", "grace"])
async def test_a_lead_who_is_one_of_the_two_is_not_enough(db: Database, lead: str) -> None:
    desk = await HandoffDesk(db).open(lead=lead)
    await desk.at(MONDAY - HALF)
    await desk.decline("ada", 1)
    assert len(await desk.texts(CHANNEL)) == 1


async def test_without_lead_and_channel_the_other_members_hear_it(db: Database) -> None:
    desk = await HandoffDesk(db).open(lead=None, channel=None)
    await desk.at(MONDAY - HALF)
    await desk.sent()
    await desk.decline("ada", 1)
    said = [t.lane for t in await desk.sent() if "To put somebody else in" in t.text]
    assert said == [desk.lane("lin"), desk.lane("zoe")]


# -- notes -------------------------------------------------------------------------------------------------------------


async def test_notes_stand_on_both_cards(offered: HandoffDesk) -> None:
    await offered.note("grace", 1, "Pool size is raised.\nTake it back on Friday.")
    redrawn = await offered.sent()
    assert len(redrawn) == 2
    assert all("Take it back on Friday." in str(t.card) for t in redrawn)


async def test_only_the_outgoing_person_writes_notes(offered: HandoffDesk) -> None:
    with pytest.raises(Refused, match="Only the person whose shift ends"):
        await offered.note("ada", 1, "words")


async def test_the_same_notes_again_change_nothing(offered: HandoffDesk) -> None:
    await offered.note("grace", 1, "words")
    await offered.sent()
    again = await offered.note("grace", 1, "words ")
    assert (again.notice, await offered.sent()) == ("These notes stand there already.", [])


async def test_notes_can_still_be_written_after_it_was_accepted(offered: HandoffDesk) -> None:
    await offered.accept("ada", 1)
    await offered.note("grace", 1, "I forgot: the pool")
    assert (await offered.one(1)).notes == "I forgot: the pool"


@pytest.mark.parametrize("text", ["", " \n", "x" * 2_001])
async def test_empty_and_endless_notes_are_refused(offered: HandoffDesk, text: str) -> None:
    with pytest.raises(Refused, match=r"The note is empty|2000 is the most"):
        await offered.note("grace", 1, text)
