"""One incident from its declaration to its reopening, as people see it."""

import re

import aiohttp

from server.local_teams.client import Seen, TeamsClient
from tests.conversation.stage import API_TOKEN
from tests.conversation.talk import kinds
from tests.support.product import Product


def is_card_of(ref: str, *words: str):
    return lambda m: m.from_bot and m.card is not None and m.has(ref, *words)


async def declare(teams: TeamsClient, person: str, conversation: str, words: str) -> tuple[str, Seen]:
    said = await teams.say(person, conversation, f"@Incident declare {words}")
    card = await teams.wait_for(
        lambda m: m.from_bot and m.card is not None and m.id > said.id and m.has("INC-"),
        person=person,
        conversation=conversation,
    )
    found = re.search(r"INC-\d+", card.texts())
    assert found
    return found[0], card


async def api(product: Product, path: str) -> dict:
    headers = {"Authorization": f"Bearer {API_TOKEN}"}
    async with aiohttp.ClientSession() as http, http.get(f"{product.address}/api/v1{path}", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_an_incident_lives_in_one_card(product: Product, teams: TeamsClient) -> None:
    channel = await teams.channel("ada", "General", "Payments")
    ref, card = await declare(teams, "ada", channel, "Checkout is down sev1 service:checkout")
    assert card.has("Checkout is down", "SEV1 Critical", "Investigating", "Checkout", "not yet")
    assert card.buttons()[:2] == ["Acknowledge", "Take command"]
    assert len(card.buttons()) <= 6

    # Some of it before the card is drawn again: it always shows the newest state.
    await teams.press("grace", card, "Acknowledge")
    await teams.press("grace", card, "Take command")
    await teams.say("ada", channel, "@Incident note restarting *all* pods", root=card.root)
    await teams.say("ada", channel, "@Incident severity 2", root=card.root)
    await teams.say("ada", channel, f"@Incident status {ref} identified")
    card = await teams.wait_for(
        is_card_of(ref, "SEV2 Major", "Identified", r"restarting \*all\* pods"), person="ada", conversation=channel
    )
    assert not {"Acknowledge", "Take command"} & {*card.buttons()}
    await teams.say("ada", channel, f"@Incident resolve {ref.lower()} rolled back")
    await teams.say("grace", channel, f"@Incident reopen #{ref[4:]} errors are back")
    card = await teams.wait_for(is_card_of(ref, "Investigating", "errors are back"), person="ada", conversation=channel)
    assert "Acknowledge" in card.buttons()

    cards = [m for m in await teams.messages("ada", channel) if is_card_of(ref)(m)]
    assert len(cards) == 1, "the same card follows in place"
    incident = await api(product, f"/incidents/{ref}")
    assert (incident["severity"], incident["status"]) == (2, "investigating")
    assert kinds((await api(product, f"/incidents/{ref}/timeline"))["items"]) == [
        "declared", "acknowledged", "role_assigned", "note", "severity_changed", "status_changed", "resolved", "reopened",
    ]  # fmt: skip


async def test_the_figures_count_what_came_in_and_the_keys_that_were_fetched(product: Product) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{product.address}/metrics") as answer:
        figures = await answer.text()
    assert 'incident_signing_key_refreshes_total{outcome="ok"} 1.0' in figures
    assert 'incident_inbound_activities_total{kind="message",status="201"}' in figures
