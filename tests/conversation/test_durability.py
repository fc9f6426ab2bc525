"""Processes end, politely and not; what was said stays said."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import aiohttp
import pytest

from server.local_teams.client import TeamsClient
from tests.conversation.stage import Stage, staged
from tests.conversation.talk import a_title, after, ask, cards_in, declare, kinds, ref_in, sends
from tests.support.product import running


@dataclass(frozen=True)
class Killed:
    """What a bot was doing when it was killed: one card and one answer were on their way, one answer was queued."""

    stage: Stage
    channel: str
    chat: str
    title: str
    ref: str


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage whose bot is killed."""
    folder = tmp_path_factory.mktemp("theatre")
    with staged(folder, f"sqlite:///{folder}/incidents.db") as played:
        yield played


@pytest.fixture(scope="module")
def killed(theatre: Stage) -> Killed:
    """Kill the bot while Teams keeps it waiting, and start it again. What follows is up to the tests."""
    return asyncio.run(kill_it(theatre))


async def kill_it(stage: Stage) -> Killed:
    async with TeamsClient(stage.address) as people:
        channel = await people.channel("ada", stage.room())
        chat = await people.group_chat("ada", "Killed", ["grace"])
        ref, _ = await declare(people, "ada", chat)
        title = a_title()
        for where, words in ((channel, title), (chat, "Noted on")):
            await people.plan_faults(
                {"method": "POST", "conversation": where, "contains": words, "delay": 1.0, "status": 502}
            )
        await people.say("ada", channel, f"@Incident declare {title}")
        await people.say("ada", chat, f"@Incident note {ref} on its way")
        await people.say("ada", chat, f"@Incident note {ref} and one in the queue")
        await begun(people, channel, title)
        await begun(people, chat, "Noted on")
        stage.bots[0].kill()
        stage.restart()
        return Killed(stage, channel, chat, title, ref)


async def begun(people: TeamsClient, where: str, words: str) -> None:
    """Return once the bot has begun to send something."""
    async with asyncio.timeout(30):
        while not await sends(people, where, words):
            pass  # every look is a request: the emulator answers at its own pace


@pytest.fixture
async def people(theatre: Stage) -> AsyncIterator[TeamsClient]:
    async with TeamsClient(theatre.address, patience=45.0) as client:
        yield client


async def test_what_was_said_before_a_kill_is_written_although_nothing_was_delivered(killed: Killed) -> None:
    assert killed.title in await killed.stage.titles()
    notes = [e["text"] for e in await killed.stage.timeline(killed.ref) if e["kind"] == "note"]
    assert notes == ["on its way", "and one in the queue"]


async def test_after_a_kill_new_conversations_are_served_at_once(killed: Killed, people: TeamsClient) -> None:
    where = await people.group_chat("ada", "After the kill", [])
    started = time.monotonic()
    await ask(people, "ada", where, f"@Incident show {killed.ref}", killed.ref)
    assert time.monotonic() - started < 15


async def test_a_restart_keeps_everything_and_ctrl_c_ends_cleanly(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("restart")
    environ = {"DATABASE_URL": f"sqlite:///{folder}/incidents.db", "LOG_LEVEL": "WARNING"}
    title = a_title()
    with running(environ) as first:
        async with TeamsClient(first.emulator) as teams:
            channel = await teams.channel("ada", "General", "Payments")
            ref, card = await declare(teams, "ada", channel, title)
            async with open_page(teams):
                began = time.monotonic()
                assert await asyncio.to_thread(first.stop) == 0
                assert time.monotonic() - began < 15
        assert "Traceback" not in first.log
    with running({**environ, "PORT": str(first.port)}) as second:
        async with TeamsClient(second.emulator) as teams:
            kept = await teams.see("grace", card)
            assert kept.has(title, ref)
            await teams.press("grace", kept, "Acknowledge")
            assert len(await cards_in(teams, "ada", channel, ref)) == 1
            answer = await ask(teams, "grace", channel, "@Incident ack", "acknowledged", root=card.root or card.id)
            assert answer.has(f"Grace Hopper acknowledged {ref} at")


def open_page(teams: TeamsClient):
    """Have a page open, whose event stream would go on for ever."""
    return teams._events("ada")


async def test_a_stop_finishes_what_is_on_its_way(theatre: Stage, killed: Killed, people: TeamsClient) -> None:
    where = await people.group_chat("ada", "Stopped", [])
    ref, _ = await declare(people, "ada", where)
    await people.plan_faults({"method": "POST", "conversation": where, "contains": "Noted on", "delay": 1.0})
    said = await people.say("ada", where, f"@Incident note {ref} just before the end")
    await begun(people, where, "Noted on")
    assert await asyncio.to_thread(theatre.bots[0].stop) == 0
    assert any(after(said, "Noted on")(m) for m in await people.messages("ada", where))
    assert "Traceback" not in theatre.bots[0].log
    theatre.restart()
    await ask(people, "ada", where, "@Incident list", "Open incidents")
    assert len(await sends(people, where, "Noted on")) == 1


async def test_ctrl_c_while_teams_does_not_answer_ends_in_time(
    theatre: Stage, killed: Killed, people: TeamsClient
) -> None:
    where = await people.group_chat("ada", "Silence", [])
    await people.plan_faults({"method": "POST", "conversation": where, "delay": 20.0, "status": 502})
    await people.say("ada", where, "@Incident list")
    await begun(people, where, "Open incidents")
    started = time.monotonic()
    assert await asyncio.to_thread(theatre.bots[0].stop) == 0
    assert time.monotonic() - started < 18
    theatre.restart()


async def test_a_killed_card_arrives_and_a_killed_answer_is_not_doubled_but_owned_up_to(
    killed: Killed, people: TeamsClient
) -> None:
    card = await people.wait_for(
        lambda m: m.from_bot and m.has(killed.title, "INC-"), person="ada", conversation=killed.channel, what="the card"
    )
    assert kinds(await killed.stage.timeline(ref_in(card))) == ["declared"]
    # The lane goes on with what was queued behind the answer that nobody knows the fate of.
    await people.wait_for(
        lambda m: m.from_bot and m.has("Noted on"), person="ada", conversation=killed.chat, what="the queued answer"
    )
    assert len(await sends(people, killed.chat, "Noted on")) == 2
    await ask(people, "ada", killed.chat, f"@Incident show {killed.ref}", "1 message could not be delivered")
    async with aiohttp.ClientSession() as http, http.get(f"{killed.stage.bots[0].address}/readyz") as answer:
        assert answer.status == 200
