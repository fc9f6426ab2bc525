"""Where status cards stand, which incident a place is about, and what is drawn anew."""

from collections.abc import Sequence

import pytest

from domain.conversation import ConversationKind, Place, personal_lane
from domain.incident import Status
from tests.support.samples import CHANNEL, object_id, place, thread
from tests.usecases.conftest import Desk
from usecases import status_cards
from usecases.ports import PostedCard
from usecases.status_cards import REDRAW_PAUSE_MS

GROUP, PERSONAL = place("groupChat"), place("personal")


async def here(desk: Desk, where: Place) -> int | None:
    found = await desk.do(lambda i: i.here(where))
    return found.id if found else None


async def posted(desk: Desk, number: int, activity: str, where: Place | None = None) -> PostedCard:
    """Let Teams have posted the newest card of an incident; in a channel it is the root of a thread from then on."""
    card = (await desk.cards(number))[-1]
    await desk.drawn(card.id, activity, where or thread(activity))
    return (await desk.cards(number))[-1]


async def over(desk: Desk, number: int) -> None:
    await desk.do(lambda i: i.resolve(desk.ada, number, "", desk.trail()))


# -- here ---------------------------------------------------------------------------------------------------------


async def test_a_thread_is_about_the_incident_whose_card_is_its_root(desk: Desk) -> None:
    one, two = await desk.declare("One"), await desk.declare("Two")
    await posted(desk, one, "100")
    await posted(desk, two, "200")
    assert await here(desk, thread("100")) == one
    assert await here(desk, thread("200")) == two


async def test_another_thread_is_about_the_only_open_incident_of_the_channel(desk: Desk) -> None:
    one, two = await desk.declare("One"), await desk.declare("Two")
    await posted(desk, one, "100")
    await posted(desk, two, "200")
    assert await here(desk, thread("999")) is None
    await over(desk, one)
    assert await here(desk, thread("999")) == two
    assert await here(desk, thread("100")) == one


async def test_the_channel_itself_is_about_its_only_open_incident(desk: Desk) -> None:
    """A slash command is typed in the channel, not in a thread: the card stands in a thread of it."""
    one = await desk.declare("One")
    await posted(desk, one, "100")
    assert await here(desk, place()) == one


async def test_a_card_that_teams_has_not_named_yet_stands_there_already(desk: Desk) -> None:
    one = await desk.declare("One", where=GROUP)
    assert await here(desk, GROUP) == one


async def test_of_several_resolved_incidents_none_is_meant(desk: Desk) -> None:
    one, two = await desk.declare("One", where=GROUP), await desk.declare("Two", where=GROUP)
    await over(desk, one)
    assert await here(desk, GROUP) == two
    await over(desk, two)
    assert await here(desk, GROUP) is None


async def test_the_last_incident_of_a_quiet_chat_is_meant_even_when_resolved(desk: Desk) -> None:
    one = await desk.declare("One", where=PERSONAL)
    await over(desk, one)
    assert await here(desk, PERSONAL) == one
    assert await here(desk, place("personal", conversation_id="a:other")) is None


async def test_another_channel_and_another_chat_know_nothing(desk: Desk) -> None:
    one = await desk.declare("One")
    await posted(desk, one, "100")
    for other in (GROUP, PERSONAL, place(conversation_id="19:other@thread.tacv2")):
        assert await here(desk, other) is None


# -- showing a card again -----------------------------------------------------------------------------------------


async def shown(desk: Desk, number: int, where: Place) -> Sequence[PostedCard]:
    await desk.do(lambda i: i.stand_again(desk.grace, number, where))
    return await desk.cards(number)


@pytest.mark.parametrize("chat", [GROUP, PERSONAL], ids=["group", "personal"])
async def test_in_a_chat_the_card_moves_down(desk: Desk, chat: Place) -> None:
    n = await desk.declare(where=chat)
    first = await posted(desk, n, "100", chat)
    (again,) = await shown(desk, n, chat)
    assert (again.place, again.activity_id, again.original) == (chat, None, False)
    (moved,) = await desk.outbox("moved")
    assert (moved["activity_id"], moved["ref"], moved["lane"]) == ("100", f"INC-{n}", chat.lane)
    assert moved["place"]["conversation_id"] == chat.conversation_id
    assert first.id != again.id


async def test_a_card_that_is_not_posted_yet_is_forgotten_without_a_word(desk: Desk) -> None:
    n = await desk.declare(where=GROUP)
    assert len(await shown(desk, n, GROUP)) == 1
    assert await desk.outbox("moved") == []


async def test_a_channel_keeps_the_post_its_thread_hangs_on_and_one_more_below(desk: Desk) -> None:
    n = await desk.declare()
    root = await posted(desk, n, "100")
    for _ in range(3):
        cards = await shown(desk, n, thread("100"))
        assert [c.original for c in cards] == [True, False]
        await posted(desk, n, f"{cards[-1].id}00", thread("100"))
    assert (await desk.cards(n))[0] == root
    assert len(await desk.outbox("moved")) == 2


async def test_shown_again_and_again_in_a_channel_the_cards_do_not_pile_up(desk: Desk) -> None:
    """One status card per conversation: of those shown later only the newest stays alive."""
    n = await desk.declare()
    await posted(desk, n, "100")
    for number in range(5):
        await shown(desk, n, place())
        await posted(desk, n, f"20{number}")
    assert len(await desk.cards(n)) <= 2


async def test_a_card_in_another_conversation_stays(desk: Desk) -> None:
    n = await desk.declare(where=GROUP)
    await posted(desk, n, "100", GROUP)
    cards = await shown(desk, n, PERSONAL)
    assert [c.place for c in cards] == [GROUP, PERSONAL]


async def test_showing_a_card_changes_nothing_about_the_incident(desk: Desk) -> None:
    n = await desk.declare()
    before = await desk.incident(n)
    await shown(desk, n, GROUP)
    assert await desk.incident(n) == before


# -- redrawing ----------------------------------------------------------------------------------------------------


async def test_every_card_follows_a_change_wherever_it_stands(desk: Desk) -> None:
    n = await desk.declare()
    await shown(desk, n, GROUP)
    await shown(desk, n, PERSONAL)
    await desk.sending()
    await desk.do(lambda i: i.acknowledge(desk.grace, n, desk.trail()))
    drawn = {m["lane"]: m["version"] for m in await desk.outbox("draw")}
    assert drawn == {CHANNEL: 2, GROUP.base_id: 2, personal_lane(object_id(1)): 2}


async def test_many_changes_wait_as_one_drawing_and_a_pause_follows_the_last(desk: Desk) -> None:
    n = await desk.declare(where=GROUP)
    card = await posted(desk, n, "100", GROUP)
    await desk.sending()
    for status in (Status.IDENTIFIED, Status.MONITORING, Status.IDENTIFIED):
        await desk.do(lambda i, s=status: i.change_status(desk.ada, n, s, desk.trail()))
    (waiting,) = await desk.outbox("draw")
    assert (waiting["card"], waiting["version"]) == (card.id, 4)
    assert card.sent_at_ms + REDRAW_PAUSE_MS > card.sent_at_ms


async def test_a_place_that_is_closed_to_us_is_not_drawn_again(desk: Desk) -> None:
    n = await desk.declare()
    await shown(desk, n, GROUP)
    await desk.db.write(lambda s: s.conversations.remember(GROUP, at=desk.now))
    await desk.db.write(lambda s: s.conversations.block(GROUP.base_id, "gone"))
    await desk.sending()
    await desk.do(lambda i: i.acknowledge(desk.ada, n, desk.trail()))
    assert {m["lane"]: m["version"] for m in await desk.outbox("draw")} == {CHANNEL: 2, GROUP.base_id: 1}


# -- doubles ------------------------------------------------------------------------------------------------------


async def test_a_double_of_a_card_is_taken_in_once_and_follows(desk: Desk) -> None:
    n = await desk.declare(where=GROUP)
    card = await posted(desk, n, "100", GROUP)
    for _ in range(2):
        await desk.do(lambda i: status_cards.adopt(i._store, card, GROUP, "101"))
    first, double = await desk.cards(n)
    assert (first, double.activity_id, double.original) == (card, "101", False)
    await desk.do(lambda i: i.acknowledge(desk.ada, n, desk.trail()))
    assert {m["card"] for m in await desk.outbox("draw")} == {first.id, double.id}


async def test_the_card_itself_and_one_on_its_way_are_no_doubles(desk: Desk) -> None:
    n = await desk.declare(where=GROUP)
    waiting = (await desk.cards(n))[0]
    await desk.do(lambda i: status_cards.adopt(i._store, waiting, GROUP, "100"))
    card = await posted(desk, n, "100", GROUP)
    await desk.do(lambda i: status_cards.adopt(i._store, card, GROUP, "100"))
    assert await desk.cards(n) == [card]


async def test_a_message_that_becomes_the_card_is_changed_in_place(desk: Desk) -> None:
    n = await desk.declare(where=GROUP, card_activity="form-1")
    (card,) = await desk.cards(n)
    assert card.activity_id == "form-1"
    assert await desk.see(lambda s: s.cards.at(GROUP.base_id, "form-1")) == card


def test_the_kinds_of_place_are_the_ones_teams_names() -> None:
    assert [str(k) for k in ConversationKind] == ["personal", "groupChat", "channel"]
    assert (place().lane, thread("1").lane, GROUP.lane) == (CHANNEL, CHANNEL, GROUP.conversation_id)
    assert PERSONAL.lane == personal_lane(object_id(1).upper())
    assert (thread("1").thread_root, place().thread_root) == ("1", None)
