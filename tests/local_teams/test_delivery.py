"""How activities reach the bot: again when it fails, in turn when there are several."""

import asyncio
import time

import pytest
from aiohttp import web

from server.local_teams import Patience
from tests.local_teams.fake_bot import FakeBot
from tests.local_teams.harness import Stand, listen, served, standing


def failing(times: int, status: int = 500):
    left = [times]

    async def reply(_, __):
        left[0] -= 1
        return web.Response(status=status) if left[0] >= 0 else None

    return reply


async def test_a_message_comes_again_with_the_same_id_until_it_is_taken(stand: Stand):
    stand.bot.reply = failing(2)
    chat = await stand.teams.personal("ada")
    with pytest.raises(AssertionError, match="500"):
        await stand.teams.say("ada", chat, "hello")
    heard = await stand.bot.hear(3)
    assert len({activity["id"] for activity in heard}) == 1
    await stand.teams.wait_for(lambda m: m.has("You said: hello"), person="ada", conversation=chat)


async def test_it_comes_four_times_at_most(stand: Stand):
    stand.bot.reply = failing(99)
    chat = await stand.teams.personal("ada")
    with pytest.raises(AssertionError):
        await stand.teams.say("ada", chat, "hello")
    await stand.bot.hear(4)
    await asyncio.gather(*stand.emulator._courier._tasks)
    assert len(stand.bot.heard) == 4
    assert [d["attempt"] for d in (await stand.teams.traffic())["deliveries"]] == [1, 2, 3, 4]


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refusal_is_final(stand: Stand, status):
    stand.bot.reply = failing(1, status)
    chat = await stand.teams.personal("ada")
    with pytest.raises(AssertionError, match=str(status)):
        await stand.teams.say("ada", chat, "hello")
    assert stand.emulator._courier._tasks == set()


async def test_a_slow_bot_hears_a_message_again():
    async with standing(patience=Patience(message=0.2, redelivery=(0.01,))) as stand:
        never = asyncio.Event()

        async def reply(bot, _):
            if len(bot.heard) == 1:
                await never.wait()

        stand.bot.reply = reply
        chat = await stand.teams.personal("ada")
        with pytest.raises(AssertionError, match="answered 0"):
            await stand.teams.say("ada", chat, "hello")
        await stand.teams.wait_for(lambda m: m.has("You said: hello"), person="ada", conversation=chat)
        never.set()


async def test_a_late_answer_to_a_press_is_lost_and_the_press_comes_again():
    async with standing(patience=Patience(invoke=0.2)) as stand:
        never = asyncio.Event()

        async def reply(_, activity):
            if activity["type"] == "invoke":
                await never.wait()

        chat = await stand.teams.personal("ada")
        await stand.teams.say("ada", chat, "declare X")
        card = await stand.teams.wait_for(lambda m: "Acknowledge" in m.buttons(), person="ada", conversation=chat)
        stand.bot.reply = reply
        outcome = await stand.teams.press("ada", card, "Acknowledge")
        assert (outcome.kind, outcome.text) == ("error", "Unable to reach app. Please try again.")
        heard = await stand.bot.hear(3)
        assert heard[1]["id"] == heard[2]["id"]
        never.set()


async def test_two_processes_are_served_in_turn():
    sock, port = listen()
    first_sock, first_port = listen()
    urls = [f"http://127.0.0.1:{first_port}/api/messages", f"http://127.0.0.1:{port}/api/messages"]
    async with standing(bot_url=urls) as stand:
        bots = [FakeBot(stand.base_url, stand.http), FakeBot(stand.base_url, stand.http)]
        async with served(bots[0].app(), first_sock), served(bots[1].app(), sock):
            chat = await stand.teams.personal("ada")
            for n in range(4):
                await stand.teams.say("ada", chat, f"word {n}")
            assert [len(bot.heard) for bot in bots] == [2, 2]


async def test_nobody_listening_is_told_to_the_page(stand: Stand):
    stand.emulator._courier._urls = ["http://127.0.0.1:1/api/messages"]
    chat = await stand.teams.personal("ada")
    body = {"as": "ada", "conversation": chat, "text": "hello"}
    answer = await stand.teams._post("say", body)
    assert answer["delivery"] == {"status": 0}
    assert answer["message"]["text"] == "hello"


async def test_the_server_stops_at_once_although_pages_are_open():
    async with standing() as stand:
        watcher = stand.teams.watching("ada", await stand.teams.personal("ada"))
        await watcher.__aenter__()
        started = time.monotonic()
    assert time.monotonic() - started < 0.9
    await watcher.__aexit__(None, None, None)
