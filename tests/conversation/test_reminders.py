"""Reminders as people see them: the whole bot, and a hand on its clock."""

import re
from collections.abc import Iterator

import aiohttp
import pytest

from server.local_teams.client import Seen, TeamsClient
from tests.conversation.talk import a_title, card_of, declare
from tests.support.product import Product, running


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One of this module's own: moving the clock would make the reminders of other tests' incidents due."""
    folder = tmp_path_factory.mktemp("reminders")
    with running({"DATABASE_URL": f"sqlite:///{folder}/incidents.db", "LOG_LEVEL": "WARNING"}) as server:
        yield server


async def later(product: Product, length: str) -> None:
    """Let time pass, with everything that becomes due meanwhile."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{product.address}/dev/clock", json={"advance": length}) as answer,
    ):
        assert answer.status == 200, await answer.text()


async def replies(teams: TeamsClient, channel: str, card: Seen, words: str) -> list[Seen]:
    return [m for m in await teams.messages("ada", channel) if m.root == card.root and m.from_bot and m.has(words)]


async def test_an_incident_asks_for_what_it_needs_in_its_thread(product: Product, teams: TeamsClient) -> None:
    channel = await teams.channel("ada", "General", "Payments")
    ref, card = await declare(teams, "ada", channel, f"{a_title()} sev2")
    await teams.say("ada", channel, f"@Incident assign {ref} communications @Grace Hopper", root=card.root)
    await teams.wait_for(card_of(ref, "Grace Hopper"), person="ada", conversation=channel)
    await later(product, "PT26M")
    asked = await teams.wait_for(
        lambda m: m.from_bot and m.has(f"{ref} wants an update by"), person="ada", conversation=channel
    )
    assert asked.root == card.root
    assert "Grace Hopper" in asked.text
    assert len(await replies(teams, channel, card, f"{ref} has no commander")) == 1
    said = await teams.say("ada", channel, "@Incident remind off", root=card.root)
    told = await teams.wait_for(
        lambda m: m.from_bot and m.id > said.id and m.has(f"Nobody is reminded to update {ref}"),
        person="ada",
        conversation=channel,
    )
    assert told.root == card.root
    await later(product, "PT94M")
    await teams.wait_for(
        lambda m: m.from_bot and m.has(f"{ref}: the 2 h target to resolve it is used up"),
        person="ada",
        conversation=channel,
    )
    texts = [m.text for m in await replies(teams, channel, card, ref)]
    assert len([text for text in texts if re.search("wants an update by|overdue", text)]) == 1
    assert len([text for text in texts if "target" in text]) == 3
