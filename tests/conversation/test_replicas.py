"""Two processes, one PostgreSQL: whichever gets an activity, and both at once, it counts once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import psycopg
import pytest

from server.local_teams import LOCAL_TENANT_ID
from server.local_teams.client import Seen, TeamsClient
from tests.conversation.gate import Gate
from tests.conversation.stage import Stage, changed, staged
from tests.conversation.talk import a_title, after, ask, card_of, cards_in, declare, kinds, sends
from tests.support.product import Product, run_command

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def fresh_url(postgres_server: Any) -> Iterator[str]:
    """A database without any table."""
    name = "two_replicas"
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield postgres_server.get_uri(name)
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def gate(fresh_url: str) -> Iterator[Gate]:
    """The way to that database."""
    made = Gate(fresh_url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[Stage]:
    """Two replicas that were started together while the database was still empty."""
    folder = tmp_path_factory.mktemp("pair")
    with staged(folder, gate.url, bots=2, organisation=False, ALLOWED_TENANT_IDS=LOCAL_TENANT_ID) as played:
        yield played


@pytest.fixture
async def people(pair: Stage) -> AsyncIterator[TeamsClient]:
    """People whose activities go to the two replicas in turn."""
    async with TeamsClient(pair.address) as client:
        yield client


@pytest.fixture
async def room(pair: Stage, people: TeamsClient) -> str:
    """A channel of the test's own."""
    return await people.channel("ada", pair.room())


def ready(bot: Product) -> bool:
    return bot.wait_ready() is bot


async def test_two_replicas_started_together_on_an_empty_database_both_serve(pair: Stage, people: TeamsClient) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(ready, pair.bots)) == [True, True]
    assert "Traceback" not in pair.bots[0].log + pair.bots[1].log
    assert run_command("migrate", environ={"DATABASE_URL": pair.database_url}).stdout == "The database is up to date.\n"


async def test_two_replicas_that_get_the_same_message_declare_one_incident(
    pair: Stage, people: TeamsClient, room: str
) -> None:
    title = a_title()
    pair.tap.copies, pair.tap.where = 4, title
    ref, card = await declare(people, "ada", room, title)
    assert [status for status, _ in pair.tap.answers] == [201] * 4
    await ask(people, "ada", room, f"@Incident note {ref} marker", "Noted")
    assert (await pair.titles()).count(title) == 1
    assert [c.id for c in await cards_in(people, "ada", room, ref)] == [card.id]
    assert len(await sends(people, room, title)) == 1


async def test_a_person_unknown_to_both_replicas_is_taken_in_once(pair: Stage, people: TeamsClient, room: str) -> None:
    pair.tap.copies, pair.tap.where = 4, "list all"
    said = await people.say("uma", room, "@Incident list all")
    await people.wait_for(after(said, "You are new to me, Uma Silent"), person="uma", conversation=room)
    await ask(people, "uma", room, "@Incident help", "What I can do")
    greetings = [m for m in await people.messages("uma", room) if m.has("You are new to me")]
    assert len(greetings) == 1
    assert greetings[0].private


async def test_of_two_people_who_acknowledge_at_once_one_has_it_and_the_other_is_told(
    pair: Stage, people: TeamsClient, room: str
) -> None:
    pair.tap.where = ""
    for round_ in range(4):
        ref, card = await declare(people, "ada", room, a_title(f"Round {round_}"))
        first, second = await asyncio.gather(
            people.press("ada", card, "Acknowledge"), people.press("grace", card, "Acknowledge")
        )
        assert (first.kind, second.kind) == ("card", "card")
        told = {
            sent.activity["from"]["name"]: Seen({"card": body["value"]}, "")
            for sent, body in pair.tap.told
            if sent.activity.get("name") == "adaptiveCard/action" and sent.activity.get("replyToId") == card.id
        }
        late = [name for name, view in told.items() if view.has("acknowledged", f"{ref} at")]
        assert len(late) == 1, {name: view.texts() for name, view in told.items()}
        assert kinds(await pair.timeline(ref)) == ["declared", "acknowledged"]
        winner = "Grace Hopper" if late == ["Ada Lovelace"] else "Ada Lovelace"
        assert told[late[0]].has(f"{winner} acknowledged {ref} at")
        assert told[late[0]].has("Acknowledged by", winner)


async def test_two_people_who_write_at_once_lose_nothing(pair: Stage, people: TeamsClient, room: str) -> None:
    ref, _ = await declare(people, "ada", room)
    texts = [f"note number {n}" for n in range(8)]
    where = [await people.group_chat("ada", f"Writers {n}", ["grace"]) for n in range(8)]
    await asyncio.gather(
        *(people.say("ada", chat, f"@Incident note {ref} {text}") for chat, text in zip(where, texts, strict=True))
    )
    timeline = await pair.timeline(ref)
    assert sorted(e["text"] for e in timeline if e["kind"] == "note") == texts
    assert [e["seq"] for e in timeline] == list(range(1, 10))
    assert (await pair.incident(ref))["version"] == 9


async def test_one_form_sent_by_two_people_at_once_declares_one_incident(
    pair: Stage, people: TeamsClient, room: str
) -> None:
    title = a_title()
    form = await ask(people, "ada", room, "@Incident declare", "Declare an incident")
    outcomes = await asyncio.gather(
        people.press("ada", form, "Declare incident", title=title),
        people.press("grace", form, "Declare incident", title=title),
        people.press("rahul", form, "Declare incident", title=title),
    )
    assert {outcome.kind for outcome in outcomes} == {"card"}
    assert (await pair.titles()).count(title) == 1
    for person in ("ada", "grace", "rahul"):
        assert (await people.see(person, form)).has(title, "Investigating")


async def test_where_tenants_are_listed_all_others_are_refused_at_the_door(
    pair: Stage, people: TeamsClient, room: str
) -> None:
    ref, card = await declare(people, "ada", room)
    body = {"as": "gus", "conversation": room, "text": f"@Incident resolve {ref}"}
    assert (await people._post("say", body))["delivery"]["status"] == 403
    outcome = await people.press_action("gus", card, card.action("Acknowledge"))
    assert (outcome.kind, outcome.status) == ("error", 403)
    assert kinds(await pair.timeline(ref)) == ["declared"]


async def test_while_the_database_is_away_the_channel_is_asked_to_come_again_and_nothing_is_lost(
    pair: Stage, people: TeamsClient, gate: Gate, room: str
) -> None:
    ref, card = await declare(people, "ada", room)
    await people.press("grace", card, "Take command")
    press = pair.tap.last("incident.command", card.id)
    gate.shut()
    try:
        away = await pair.tap.deliver(changed(press, id="1799999999997"), times=2)
        assert [status for status, _ in away] == [503, 503]
        assert await unready(pair.bots[0]) == await unready(pair.bots[1]) == 503
        body = {"as": "ada", "conversation": room, "text": f"@Incident note {ref} said meanwhile"}
        said = await people._post("say", body)
        assert said["delivery"]["status"] == 503
    finally:
        gate.open()
    # The channel comes again by itself.
    await people.wait_for(
        lambda m: m.from_bot and m.has(f"Noted on {ref}"), person="ada", conversation=room, what="the late answer"
    )
    assert kinds(await pair.timeline(ref)) == ["declared", "role_assigned", "note"]
    await people.wait_for(card_of(ref, "said meanwhile"), person="ada", conversation=room)
    for bot in pair.bots:
        bot.wait_ready()
        assert "Traceback" not in bot.log


async def unready(bot: Product) -> int:
    """Ask a replica whether it can work."""
    async with aiohttp.ClientSession() as http, http.get(f"{bot.address}/readyz") as answer:
        return answer.status
