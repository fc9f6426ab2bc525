import asyncio

import pytest

from storage.database import Database
from storage.types import FAR_MS
from tests.support.lanes import QUICK, HandClock, card, claim, drain, lane_row, new, put, states
from tests.support.samples import incident, person
from usecases.outbox import Ambiguous, Delivered, Failed, Later, MessageClass, MessageState

CHATTER, PAGE = MessageClass.CHATTER, MessageClass.PAGE


async def test_a_lane_is_sent_in_order_and_then_empty(lanes: Database):
    messages = [new() for _ in range(5)]
    await put(lanes, *messages[:2])
    await put(lanes, *messages[2:])
    assert await drain(lanes) == [m.payload["number"] for m in messages]
    assert [state for _, state, _ in await states(lanes)] == ["sent"] * 5
    row = await lane_row(lanes)
    assert (row.next_at, row.lease_until) == (FAR_MS, None)
    assert (await lanes.lanes.claim(5)).next_in_s is None


async def test_a_message_is_written_once_for_its_key(lanes: Database):
    message = new(dedupe_key="once")
    await put(lanes, message, message)
    await put(lanes, message)
    assert len(await drain(lanes)) == 1
    await put(lanes, message)
    assert await drain(lanes) == []
    assert (await lane_row(lanes)).next_at == FAR_MS


async def test_a_claimed_lane_is_nobody_elses_until_its_lease_ends(lanes: Database, clock: HandClock):
    await put(lanes, new(), new())
    (mine,) = await claim(lanes)
    await put(lanes, new())
    assert await claim(lanes) == []
    assert (await lanes.lanes.claim(1)).next_in_s == pytest.approx(30, abs=0.01)
    clock.advance(30.1)
    (theirs,) = await claim(lanes)
    assert (theirs.id, theirs.attempts) == (mine.id, 2)
    assert await lanes.lanes.finish(mine, Delivered("late")) is None
    assert [state for _, state, _ in await states(lanes)] == ["open"] * 3
    assert (await lanes.lanes.finish(theirs, Delivered())).seq == 2


async def test_each_finish_renews_the_lease(lanes: Database, clock: HandClock):
    await put(lanes, new(), new(), new())
    (due,) = await claim(lanes)
    for _ in range(2):
        clock.advance(20)
        due = await lanes.lanes.finish(due, Delivered())
        assert await claim(lanes) == []
    assert due.seq == 3


async def test_the_limit_counts_lanes_and_more_is_told(lanes: Database):
    await put(lanes, *(new(f"lane-{n}") for n in range(5)))
    first = await lanes.lanes.claim(3)
    assert (len(first.messages), first.next_in_s) == (3, 0.0)
    second = await lanes.lanes.claim(3)
    assert len(second.messages) == 2
    assert {m.lane for m in (*first.messages, *second.messages)} == {f"lane-{n}" for n in range(5)}


async def test_what_then_does_is_in_the_same_transaction(lanes: Database):
    await put(lanes, new(), new())
    (due,) = await claim(lanes)

    def fails(store) -> None:
        store.key_value.set("then", "1")
        raise LookupError

    with pytest.raises(LookupError):
        await lanes.lanes.finish(due, Delivered(then=fails))
    assert [state for _, state, _ in await states(lanes)] == ["open", "open"]
    due = await lanes.lanes.finish(due, Delivered(then=lambda store: store.key_value.set("then", "2")))
    assert await lanes.read(lambda store: store.key_value.get("then")) == "2"
    other = new("other")
    await lanes.lanes.finish(due, Failed("gone", then=lambda store: store.outbox.enqueue(other)))
    assert await drain(lanes, "other") == [other.payload["number"]]


async def test_then_may_write_into_its_own_lane(lanes: Database):
    await put(lanes, new())
    (due,) = await claim(lanes)
    again = new()
    following = await lanes.lanes.finish(due, Delivered(then=lambda store: store.outbox.enqueue(again)))
    assert following.payload == again.payload
    assert await lanes.lanes.finish(following, Delivered()) is None
    assert (await lane_row(lanes)).next_at == FAR_MS


# -- how sends end ----------------------------------------------------------------------------------------------------


async def test_later_blocks_its_lane_until_teams_wish_is_over(lanes: Database, clock: HandClock):
    await put(lanes, new("a"), new("a"), new("b"))
    due = {m.lane: m for m in await claim(lanes)}
    assert await lanes.lanes.finish(due["a"], Later("429", after_s=7, slow_down=True)) is None
    assert await lanes.lanes.finish(due["b"], Delivered()) is None
    await put(lanes, new("a"))  # may wake the lane, must not send
    assert (await lanes.lanes.claim(5)).next_in_s == pytest.approx(7, abs=0.01)
    clock.advance(6.9)
    assert await claim(lanes) == []
    clock.advance(0.2)
    (again,) = await claim(lanes)
    assert (again.id, again.attempts) == (due["a"].id, 2)


async def test_a_tenant_wide_wish_holds_for_all_lanes_of_the_tenant(lanes: Database, clock: HandClock):
    await put(lanes, new("a"), new("b"), new("c", tenant_id="other"))
    due = {m.lane: m for m in await claim(lanes)}
    await lanes.lanes.finish(due["a"], Later("429", after_s=5, slow_down=True, tenant_wide=True))
    await lanes.lanes.finish(due["b"], Delivered())
    await lanes.lanes.finish(due["c"], Delivered())
    await put(lanes, new("b"), new("c", tenant_id="other"), new("d"))
    assert [m.lane for m in await claim(lanes)] == ["c"]
    clock.advance(4.9)
    assert await claim(lanes) == []
    clock.advance(0.2)
    assert sorted(m.lane for m in await claim(lanes)) == ["a", "b", "d"]


async def test_later_without_a_wish_backs_off_longer_each_time(lanes: Database, clock: HandClock):
    await put(lanes, new("a", CHATTER))
    for expected in (2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300):
        (due,) = await claim(lanes)
        await lanes.lanes.finish(due, Later("no connection"))
        wait = (await lanes.lanes.claim(1)).next_in_s
        assert 0.8 * expected - 0.01 <= wait <= 1.2 * expected + 0.01
        clock.advance(wait + 0.01)


async def test_what_teams_puts_off_for_a_day_is_a_dead_letter(lanes: Database, clock: HandClock):
    await put(lanes, new())
    clock.advance(86_400)
    (due,) = await claim(lanes)
    await lanes.lanes.finish(due, Later("429"))
    assert await states(lanes) == [("a", "dead", 1)]


async def test_an_ambiguous_answer_to_a_card_is_sent_again_up_to_ten_times(lanes, clock):
    await put(lanes, card())
    for attempt in range(1, 11):
        (due,) = await claim(lanes)
        assert due.attempts == attempt
        assert await lanes.lanes.finish(due, Ambiguous("502")) is None
        clock.advance(361)
    assert await claim(lanes) == []
    assert await states(lanes) == [("a", "dead", 10)]


async def test_an_ambiguous_answer_to_chatter_is_unknown_and_never_sent_again(lanes: Database):
    await put(lanes, new("a", CHATTER), new("a", CHATTER))
    (due,) = await claim(lanes)
    following = await lanes.lanes.finish(due, Ambiguous("502"))
    assert following.seq == 2
    await lanes.lanes.finish(following, Delivered())
    assert [state for _, state, _ in await states(lanes)] == ["unknown", "sent"]


async def test_a_dead_message_does_not_hold_up_its_lane(lanes: Database):
    await put(lanes, new(), new())
    (due,) = await claim(lanes)
    assert (await lanes.lanes.finish(due, Failed("403"))).seq == 2


async def test_failures_are_listed_for_their_incident_newest_first(lanes: Database, clock: HandClock):
    def work(store):
        ada = store.people.add(person(1, id=0))
        return store.incidents.add(incident(id=0, declared_by=ada.id)).id

    number = await lanes.write(work)
    await put(lanes, card("a", incident_id=number), new("a", CHATTER, incident_id=number), card("a", key="card:2"))
    (due,) = await claim(lanes)
    due = await lanes.lanes.finish(due, Failed("The bot was removed.\0"))
    due = await lanes.lanes.finish(due, Ambiguous("No answer."))
    await lanes.lanes.finish(due, Failed("of no incident"))
    found = await lanes.read(lambda store: store.outbox.failures(number))
    assert [(f.state, f.reason, f.incident_id, f.at_ms) for f in found] == [
        (MessageState.UNKNOWN, "No answer.", number, clock.now),
        (MessageState.DEAD, "The bot was removed.\ufffd", number, clock.now),
    ]
    assert len(await lanes.read(lambda store: store.outbox.failures(number, limit=1))) == 1


# -- a worker that died -----------------------------------------------------------------------------------------------


async def test_after_a_crash_chatter_is_unknown_and_pages_and_cards_are_sent_again(lanes: Database, clock: HandClock):
    await put(lanes, new("chat", CHATTER), new("chat", CHATTER), new("page", PAGE), card("card"))
    assert len(await claim(lanes)) == 3
    clock.advance(30.1)
    found = {m.lane: m for m in await claim(lanes)}
    assert {lane: (m.seq, m.attempts) for lane, m in found.items()} == {"chat": (2, 1), "page": (1, 2), "card": (1, 2)}
    (failed,) = [row for row in await states(lanes) if row[1] == "unknown"]
    assert failed == ("chat", "unknown", 1)


async def test_what_is_put_back_is_not_a_crash(lanes: Database):
    await put(lanes, new("a", CHATTER), new("a", CHATTER))
    (due,) = await claim(lanes)
    await lanes.lanes.put_back(due)
    (again,) = await claim(lanes)
    assert (again.id, again.attempts) == (due.id, 1)
    await lanes.lanes.put_back(due)  # its fence is an old one by now
    assert await claim(lanes) == []


async def test_finishing_without_more_leaves_the_rest_to_others(lanes: Database):
    await put(lanes, new(), new())
    (due,) = await claim(lanes)
    assert await lanes.lanes.finish(due, Delivered(), more=False) is None
    (following,) = await claim(lanes)
    assert following.seq == 2


# -- cards ------------------------------------------------------------------------------------------------------------


async def test_an_open_card_is_raised_and_not_doubled(lanes: Database):
    first = card(version=1)
    await put(lanes, first, new("a", CHATTER))
    await put(lanes, card(version=3))
    await put(lanes, card(version=2))
    (due,) = await claim(lanes)
    assert (due.version, due.seq) == (3, 1)
    assert (await lanes.lanes.finish(due, Delivered())).message_class is CHATTER
    await put(lanes, card(version=4))
    assert [state for _, state, _ in await states(lanes)] == ["sent", "open", "open"]


async def test_several_drawings_in_one_transaction_are_one_message(lanes: Database):
    first, second = card(version=1), card(version=2, not_before_ms=5)
    await put(lanes, first, card(key="card:2"), second)
    assert len(await states(lanes)) == 2
    (due,) = await claim(lanes)
    assert (due.version, due.payload) == (2, second.payload)


async def test_a_card_raised_while_it_is_sent_is_sent_again(lanes: Database):
    await put(lanes, card(version=1), new("a", CHATTER))
    (due,) = await claim(lanes)
    newer = card(version=2)
    await put(lanes, newer)
    again = await lanes.lanes.finish(due, Delivered("act"))
    assert (again.id, again.version, again.payload, again.attempts) == (due.id, 2, newer.payload, 1)
    following = await lanes.lanes.finish(again, Delivered("act"))
    assert following.message_class is CHATTER


async def test_a_refused_card_that_was_raised_meanwhile_gets_another_chance(lanes: Database):
    await put(lanes, card(version=1))
    (due,) = await claim(lanes)
    await put(lanes, card(version=2))
    again = await lanes.lanes.finish(due, Failed("too large"))
    assert again.version == 2
    assert await lanes.lanes.finish(again, Failed("too large")) is None
    assert await states(lanes) == [("a", "dead", 1)]


async def test_a_card_that_may_not_be_drawn_yet_lets_others_pass(lanes: Database, clock: HandClock):
    later = clock.now + 3000
    await put(lanes, card(not_before_ms=later), new(), new())
    (due,) = await claim(lanes)
    assert due.seq == 2
    following = await lanes.lanes.finish(due, Delivered())
    assert following.seq == 3
    assert await lanes.lanes.finish(following, Delivered()) is None
    assert (await lanes.lanes.claim(1)).next_in_s == pytest.approx(3, abs=0.01)
    clock.advance(3)
    (drawn,) = await claim(lanes)
    assert drawn.seq == 1


async def test_anything_else_that_must_wait_holds_its_place_and_all_behind_it(lanes: Database, clock: HandClock):
    waiting = new("a", CHATTER, not_before_ms=clock.now + 5000)
    await put(lanes, waiting, new("a", CHATTER), card(not_before_ms=clock.now + 2000))
    assert await claim(lanes) == []
    assert (await lanes.lanes.claim(1)).next_in_s == pytest.approx(5, abs=0.01)
    clock.advance(2)
    assert (await lanes.lanes.claim(1)).next_in_s == pytest.approx(3, abs=0.01)
    clock.advance(3)
    assert len(await drain(lanes)) == 3


async def test_a_card_in_front_of_a_waiting_message_goes_when_its_time_has_come(lanes: Database, clock: HandClock):
    await put(lanes, card(not_before_ms=clock.now + 2000), new(not_before_ms=clock.now + 5000))
    assert (await lanes.lanes.claim(1)).next_in_s == pytest.approx(2, abs=0.01)
    clock.advance(2)
    (drawn,) = await claim(lanes)
    assert drawn.seq == 1
    assert await lanes.lanes.finish(drawn, Delivered()) is None
    assert (await lanes.lanes.claim(1)).next_in_s == pytest.approx(3, abs=0.01)


async def test_a_page_overtakes_what_waits_for_its_next_attempt(lanes: Database, clock: HandClock):
    await put(lanes, card(version=1), new("a", CHATTER))
    (drawing,) = await claim(lanes)
    assert await lanes.lanes.finish(drawing, Later("503")) is None
    await put(lanes, new("a"), new("a", CHATTER))
    (page,) = await claim(lanes)
    assert page.message_class is PAGE
    await put(lanes, new("a"))
    another = await lanes.lanes.finish(page, Ambiguous("502"))  # a page that fails holds up no other
    assert (another.message_class, another.seq) == (PAGE, 5)
    assert await lanes.lanes.finish(another, Delivered()) is None
    assert await claim(lanes) == []  # everything else keeps its place behind the card
    clock.advance(2.5)
    page = (await claim(lanes))[0]
    assert (page.message_class, page.attempts) == (PAGE, 2)
    drawing = await lanes.lanes.finish(page, Delivered())
    assert (drawing.seq, drawing.attempts) == (1, 2)
    assert (await lanes.lanes.finish(drawing, Delivered())).message_class is CHATTER


async def test_who_slows_down_sends_no_page_either(lanes: Database, clock: HandClock):
    await put(lanes, card())
    (drawing,) = await claim(lanes)
    assert await lanes.lanes.finish(drawing, Later("429", slow_down=True)) is None
    await put(lanes, new())
    assert await claim(lanes) == []
    assert (await lanes.lanes.claim(1)).next_in_s == pytest.approx(2, abs=0.41)
    clock.advance(2.5)
    assert [m.message_class for m in await claim(lanes)] == [PAGE]


async def test_a_page_waits_fifteen_seconds_at_most_for_a_card_that_was_told_to_slow_down(
    lanes: Database, clock: HandClock
):
    await put(lanes, card())
    for _ in range(9):
        (drawing,) = await claim(lanes)
        assert await lanes.lanes.finish(drawing, Later("429", slow_down=True)) is None
        clock.advance(400)
    (drawing,) = await claim(lanes)
    assert await lanes.lanes.finish(drawing, Later("429", slow_down=True)) is None
    await put(lanes, new())
    assert (await lanes.lanes.claim(1)).next_in_s == pytest.approx(15, abs=0.01)
    clock.advance(15.1)
    assert [m.message_class for m in await claim(lanes)] == [PAGE]


async def test_a_newer_version_does_not_hasten_a_card_that_failed(lanes: Database, clock: HandClock):
    await put(lanes, card(version=1))
    (drawing,) = await claim(lanes)
    assert await lanes.lanes.finish(drawing, Later("503")) is None
    await put(lanes, card(version=2))
    assert await claim(lanes) == []
    clock.advance(2.5)
    (drawing,) = await claim(lanes)
    assert drawing.version == 2


async def test_a_raise_never_postpones_a_card(lanes: Database, clock: HandClock):
    await put(lanes, card(version=1, not_before_ms=clock.now + 1000))
    await put(lanes, card(version=2, not_before_ms=clock.now + 4000))
    clock.advance(1)
    (due,) = await claim(lanes)
    assert due.version == 2


# -- health and tidying -----------------------------------------------------------------------------------------------


async def test_health_counts_and_knows_what_is_overdue(lanes: Database, clock: HandClock):
    await put(lanes, new("a"), new("a"), new("b", not_before_ms=clock.now + 60_000), new("c", CHATTER), new("d"))
    clock.advance(10)
    health = await lanes.lanes.health()
    assert (health.open, health.dead, health.unknown, health.oldest_overdue_ms) == (5, 0, 0, 10_000)
    due = {m.lane: m for m in await claim(lanes)}
    await lanes.lanes.finish(due["a"], Later("429", after_s=100, slow_down=True))
    await lanes.lanes.finish(due["c"], Ambiguous("502"))
    await lanes.lanes.finish(due["d"], Failed("403"))
    clock.advance(20)
    health = await lanes.lanes.health()
    assert (health.open, health.dead, health.unknown, health.oldest_overdue_ms) == (3, 1, 1, 0)
    assert health.by_state == {"open": 3, "dead": 1, "unknown": 1}


async def test_old_keys_and_old_sent_messages_are_forgotten_and_failures_stay(lanes: Database, clock: HandClock):
    await lanes.write(lambda store: store.inbound.first_time("k", at_ms=clock.now))
    await put(lanes, new("a"), new("a"), new("a"))
    (due,) = await claim(lanes)
    due = await lanes.lanes.finish(due, Delivered())
    await lanes.lanes.finish(due, Failed("403"), more=False)
    clock.advance(47 * 3600)
    assert await lanes.lanes.sweep() == 0
    clock.advance(2 * 3600)
    assert await lanes.lanes.sweep() == 1
    clock.advance(6 * 24 * 3600)
    assert await lanes.lanes.sweep() == 1
    assert [state for _, state, _ in await states(lanes)] == ["dead", "open"]


async def test_on_postgres_the_servers_clock_counts(postgres_url: str):
    """Two replicas whose clocks differ by an hour share the lanes as if they did not."""
    database = Database.open(postgres_url, rates=QUICK)
    assert "statement_timestamp" in database._sql.claim.text
    await put(database, new())
    (due,) = await claim(database)
    assert await asyncio.wait_for(database.lanes.finish(due, Delivered()), 30) is None
    await database.close()
