"""Processes that are killed, a database that goes away, replicas of two versions: no page is lost, none comes twice."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from scheduling.clock import DevelopmentClock
from storage.unit_of_work import SqlStore
from tests.conversation.gate import Gate
from tests.scenarios.cast import Cast, step
from tests.scenarios.world import Scene, World, eventually
from usecases.work import NewWork

TWO = (step("person:ada", "PT5M"), step("person:grace", "PT10M"))


async def on_its_way(world: World, chat: str, words: str) -> None:
    """Return once the bot has begun to send something to a chat."""

    async def begun() -> bool:
        calls = (await world.teams.traffic())["calls"]
        return any(call["method"] == "POST" and chat in call["path"] and words in str(call["body"]) for call in calls)

    await eventually(begun, wanted=True)


async def pages_in(play: Scene, who: str, ref: str) -> int:
    return len([m for m in await play.heard(who, ref) if m.card is not None])


async def test_a_kill_while_a_page_is_being_sent_loses_nothing_and_doubles_at_most_that_page(world: World) -> None:
    play = await world.scene(Cast(people="ada grace lin", steps=(*TWO, step("person:lin"))))
    chat = await play.chat("ada")
    await world.teams.plan_faults(
        {"method": "POST", "conversation": chat, "delay": 3.0, "delivered": True, "status": 502}
    )
    ref = await play.declare()
    await on_its_way(world, chat, ref)
    world.bots[0].kill()
    await asyncio.to_thread(world.restart)
    await world.advance("PT15M")
    assert [line.split(" +")[0] for line in await play.ledger(ref)] == ["ada step 1", "grace step 2", "lin step 3"]
    await play.page("lin", ref)
    for who in ("grace", "lin"):
        assert await pages_in(play, who, ref) == 1
    assert await pages_in(play, "ada", ref) <= 2
    await world.teams.press(play.id("lin"), await play.page("lin", ref), "Acknowledge")
    await play.hears("grace", f"{play.name('lin')} acknowledged {ref}. You need not do anything.")


@pytest.mark.postgres
async def test_two_replicas_page_once(pair: World) -> None:
    play = await pair.scene(Cast(people="ada grace", steps=TWO, repeat=1))
    rooms = [await pair.teams.group_chat(play.id("rita"), f"Group {n}", []) for n in range(3)]
    refs = [await play.declare(f"Round {n}", where=room) for n, room in enumerate(rooms)]
    await pair.advance("PT21M", index=1)
    chain = ["ada step 1 +0:00", "grace step 2 +5:00", "ada step 1 round 2 +15:00", "grace step 2 round 2 +20:00"]
    for n, ref in enumerate(refs):
        await play.paged(ref, *(f"{line} sent" + (f" with {refs[0]}" if n else "") for line in chain))
    posts = [
        call for call in (await pair.teams.traffic())["calls"] if call["method"] == "POST" and call["status"] == 201
    ]
    for who in ("ada", "grace"):
        chat = await play.chat(who)
        assert len([call for call in posts if chat in call["path"]]) == 2, "three at once are one message, twice"


@pytest.mark.postgres
async def test_when_one_of_two_replicas_is_killed_the_other_one_goes_on(pair: World) -> None:
    play = await pair.scene(Cast(people="ada grace", steps=TWO))
    ref = await play.declare()
    await play.paged(ref, "ada step 1 +0:00 sent")
    pair.bots[0].kill()
    try:
        await pair.advance("PT5M", index=1)
        await play.page("grace", ref)
    finally:
        await asyncio.to_thread(pair.restart, 0)
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent")


@pytest.mark.postgres
async def test_the_database_is_away_when_a_step_is_due_and_the_page_comes_when_it_is_back(
    pair: World, gate: Gate
) -> None:
    steps = (step("person:ada", "PT1S"), step("person:grace", "PT1H"))
    play = await pair.scene(Cast(people="ada grace", steps=steps))
    ref = await play.declare()
    await play.page("ada", ref)
    gate.shut()
    try:
        await eventually(lambda: ready(pair), [503, 503])
        await asyncio.sleep(1.2)  # the step becomes due meanwhile: only real time can pass without a database
    finally:
        gate.open()
    await play.page("grace", ref)
    await eventually(lambda: ready(pair), [200, 200])
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +0:00 sent")
    assert await pages_in(play, "grace", ref) == 1


async def ready(world: World) -> list[int]:
    async with aiohttp.ClientSession() as http:

        async def status(address: str) -> int:
            async with http.get(f"{address}/readyz") as answer:
                return answer.status

        return [await status(bot.address) for bot in world.bots]


async def test_work_of_a_newer_version_waits_for_a_replica_that_knows_it_and_holds_nobody_up(anywhere: World) -> None:
    play = await anywhere.scene(Cast(people="ada grace", steps=TWO))
    ref = await play.declare()
    await play.page("ada", ref)
    await anywhere.write(planned("escalation.step:2", f"incident:{int(ref[4:])}"))
    await anywhere.advance("PT5M")
    await play.page("grace", ref)
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent")
    left = await anywhere.write(lambda store: [w.kind for w in store.work.planned(f"incident:{int(ref[4:])}")])
    assert "escalation.step:2" in left
    assert await ready(anywhere) == [200] * len(anywhere.bots)
    await anywhere.write(lambda store: store.work.cancel(f"incident:{int(ref[4:])}", kinds=("escalation.step:2",)))


def planned(kind: str, subject: str) -> Callable[[SqlStore], Any]:
    def work(store: SqlStore) -> None:
        due = DevelopmentClock().now(store) + timedelta(minutes=4, seconds=50)
        store.work.add(NewWork(kind=kind, dedupe_key=f"{kind}:{subject}", due_at=due, subject=subject))

    return work


async def test_after_an_hour_of_outage_steps_are_not_paged_all_at_once(world: World) -> None:
    """The clock is moved while the process is down: everything is late when it comes up, and only one step is paged."""
    play = await world.scene(Cast(people="ada grace lin", steps=(*TWO, step("person:lin"))))
    ref = await play.declare()
    await play.paged(ref, "ada step 1 +0:00 sent")
    world.bots[0].kill()
    await world.write(lambda store: DevelopmentClock().advance(store, timedelta(hours=1)))
    await asyncio.to_thread(world.restart)
    await play.page("grace", ref)
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent")
    assert await play.heard("lin") == []
    await world.advance("PT10M")
    await play.page("lin", ref)
