"""How messages end that were not delivered, and what follows from it in the same transaction."""

import pytest

from storage.database import Database
from storage.rates import Bucket, Rates
from tests.support.lanes import HandClock, card, new, put, states
from usecases.outbox import Ambiguous, Delivered, DueMessage, Failed, Later, MessageClass

PAGE, CARD, CHATTER = MessageClass.PAGE, MessageClass.CARD, MessageClass.CHATTER


@pytest.fixture
def rates() -> Rates:
    """No lane ever waits for a token."""
    return Rates(short=Bucket(1000, 1), hour=Bucket(1000, 1), tenant=Bucket(1000, 1))


async def head(database: Database) -> DueMessage:
    (due,) = (await database.lanes.claim(5)).messages
    return due


def note(name: str):
    """What follows: a trace in the database."""

    def then(store) -> None:
        store.key_value.set(name, "1")
        store.outbox.enqueue(new("after"))

    return then


async def noted(database: Database, name: str) -> bool:
    return await database.read(lambda store: store.key_value.get(name)) is not None


async def test_a_page_is_tried_again_every_fifteen_seconds_at_the_latest(lanes: Database, clock: HandClock):
    await put(lanes, new("a", PAGE))
    for expected, answer in [(2, Later("no")), (4, Ambiguous("502")), *((e, Later("no")) for e in (8, 15, 15, 15))]:
        await lanes.lanes.finish(await head(lanes), answer)
        wait = (await lanes.lanes.claim(1)).next_in_s
        assert 0.8 * expected - 0.01 <= wait <= 1.2 * expected + 0.01
        clock.advance(wait + 0.01)


async def test_a_page_with_ambiguous_answers_is_given_up_after_an_hour_and_not_after_ten(
    lanes: Database, clock: HandClock
):
    await put(lanes, new("a", PAGE))
    for attempt in range(1, 13):
        await lanes.lanes.finish(await head(lanes), Ambiguous("502", note(f"n{attempt}")))
        assert not await noted(lanes, f"n{attempt}")
        clock.advance(20)
    clock.advance(3_600 - 12 * 20)
    await lanes.lanes.finish(await head(lanes), Ambiguous("502", note("end")))
    assert await noted(lanes, "end")
    assert {lane: state for lane, state, _ in await states(lanes)} == {"a": "dead", "after": "open"}


async def test_a_page_that_teams_puts_off_is_kept_for_longer_than_an_hour(lanes: Database, clock: HandClock):
    await put(lanes, new("a", PAGE))
    clock.advance(3_601)
    await lanes.lanes.finish(await head(lanes), Later("429"))
    assert [state for _, state, _ in await states(lanes)] == ["open"]


async def test_chatter_that_may_have_arrived_is_followed_by_what_it_wants(lanes: Database):
    await put(lanes, new("a", CHATTER))
    await lanes.lanes.finish(await head(lanes), Ambiguous("502", note("end")))
    assert await noted(lanes, "end")
    assert {lane: state for lane, state, _ in await states(lanes)} == {"a": "unknown", "after": "open"}


async def test_what_is_put_off_for_too_long_is_followed_by_what_it_wants_then_and_not_before(
    lanes: Database, clock: HandClock
):
    await put(lanes, new("a", CHATTER))
    await lanes.lanes.finish(await head(lanes), Later("429", after_s=1, slow_down=True, then=note("early")))
    assert not await noted(lanes, "early")
    clock.advance(86_400)
    await lanes.lanes.finish(await head(lanes), Later("429", then=note("end")))
    assert await noted(lanes, "end")
    assert {lane: state for lane, state, _ in await states(lanes)} == {"a": "dead", "after": "open"}


async def test_nothing_follows_from_an_end_that_comes_too_late(lanes: Database, clock: HandClock):
    """The lease ran out and somebody else owns the lane: what we know changes nothing, not even what follows."""
    await put(lanes, new("a", PAGE))
    due = await head(lanes)
    clock.advance(3_601)
    assert (await head(lanes)).id == due.id
    assert await lanes.lanes.finish(due, Ambiguous("502", note("late"))) is None
    assert not await noted(lanes, "late")
    assert [state for _, state, _ in await states(lanes)] == ["open"]


async def test_a_card_raised_while_it_was_sent_in_vain_is_not_given_up(lanes: Database, clock: HandClock):
    await put(lanes, card(version=1))
    for _ in range(9):
        await lanes.lanes.finish(await head(lanes), Ambiguous("502"))
        clock.advance(361)
    due = await head(lanes)
    assert due.attempts == 10
    await put(lanes, card(version=2))
    await lanes.lanes.finish(due, Ambiguous("502", note("end")))
    assert not await noted(lanes, "end")
    clock.advance(361)
    again = await head(lanes)
    assert (again.version, again.attempts) == (2, 1)
    await lanes.lanes.finish(again, Delivered())
    assert [state for _, state, _ in await states(lanes)] == ["sent"]


async def test_a_raise_that_comes_with_the_end_itself_undoes_what_followed(lanes: Database, clock: HandClock):
    await put(lanes, card(version=1))
    for _ in range(9):
        await lanes.lanes.finish(await head(lanes), Ambiguous("502"))
        clock.advance(361)
    tries = []

    def then(store) -> None:
        """Stands for another transaction: in the first run the raise is seen, and rolled back with it."""
        tries.append(1)
        store.key_value.set("end", str(len(tries)))
        if len(tries) == 1:
            store.connection.exec_driver_sql("UPDATE outbox_message SET version = 2")

    await lanes.lanes.finish(await head(lanes), Ambiguous("502", then))
    assert len(tries) == 2
    assert await lanes.read(lambda store: store.key_value.get("end")) == "2"
    assert [state for _, state, _ in await states(lanes)] == ["dead"]


async def test_attempts_are_told_by_key(lanes: Database, clock: HandClock):
    first, second, third = new("a", PAGE), new("b", PAGE), new("c", PAGE, not_before_ms=clock.now + 1_000)
    await put(lanes, first, second, third)
    for due in (await lanes.lanes.claim(5)).messages:
        await lanes.lanes.finish(due, Later("429", after_s=1, slow_down=True) if due.lane == "a" else Failed("403"))
    clock.advance(1.1)
    assert {m.lane for m in (await lanes.lanes.claim(5)).messages} == {"a", "c"}
    keys = [first.dedupe_key, second.dedupe_key, third.dedupe_key, "unheard of"]
    found = await lanes.read(lambda store: (store.outbox.attempts(keys), store.outbox.attempts([])))
    assert found == ({first.dedupe_key: 2, second.dedupe_key: 1, third.dedupe_key: 1}, {})


async def test_lanes_are_quiet_when_nothing_is_sent_and_nothing_could_be(lanes: Database, clock: HandClock):
    assert await lanes.lanes.quiet()
    await put(lanes, new("a"))
    assert not await lanes.lanes.quiet()
    due = await head(lanes)
    assert not await lanes.lanes.quiet()
    clock.advance(2)
    assert await lanes.lanes.quiet(), "its owner may be dead"
    await lanes.lanes.finish(due, Later("429", after_s=5, slow_down=True))
    assert await lanes.lanes.quiet()
    clock.advance(5.1)
    assert not await lanes.lanes.quiet()
    await lanes.lanes.finish(await head(lanes), Delivered())
    assert await lanes.lanes.quiet()


class TestNarrow:
    """With so few tokens that messages wait for them."""

    @pytest.fixture
    def rates(self) -> Rates:
        """Give a lane two tokens and one each second, the tenant two and one in 50 ms."""
        return Rates(short=Bucket(2, 1000), tenant=Bucket(2, 50), tenant_for_pages=0)

    async def test_what_waits_for_a_token_of_the_tenant_is_not_quiet(self, lanes: Database):
        await put(lanes, *(new(lane, CHATTER) for lane in "abc"))
        for due in (await lanes.lanes.claim(5)).messages:
            await lanes.lanes.finish(due, Delivered())
        assert [state for _, state, _ in await states(lanes)] == ["sent", "sent", "open"]
        assert not await lanes.lanes.quiet()

    @pytest.mark.parametrize(("waiting", "quiet"), [(PAGE, False), (CHATTER, True)])
    async def test_a_page_whose_lane_has_no_token_is_not_quiet(
        self, lanes: Database, clock: HandClock, waiting: MessageClass, quiet: bool
    ):
        for _ in range(2):
            await put(lanes, new("a", CHATTER))
            await lanes.lanes.finish(await head(lanes), Delivered())
            clock.advance(0.2)
        await put(lanes, new("a", waiting))
        assert not (await lanes.lanes.claim(5)).messages
        assert await lanes.lanes.quiet() is quiet
