"""Much at once: what breaks together is told together, and nothing is lost on the way."""

import asyncio
from datetime import timedelta

import pytest

from tests.scenarios.cast import Cast, Json, step
from tests.scenarios.world import Scene, World, eventually, moment

AWKWARD = "Größe <at>Incident</at> **падает** & [Küche](https://example.org) 支付"


async def test_twenty_incidents_of_one_service_are_one_page_and_one_press(anywhere: World) -> None:
    play = await anywhere.scene(Cast(people="ada grace", steps=(step("person:ada", "PT10M"), step("person:grace"))))
    refs = [await play.declare(f"Error number {n:02d}") for n in range(20)]
    await eventually(lambda: unsent(play), [])
    cards = [m for m in await play.heard("ada") if m.card]
    if len(cards) == 1:
        await play.page("ada", refs[0], *(f"Error number {n:02d}" for n in range(11)), "And 9 more")
        assert all(line.endswith(f"with {refs[0]}") for line in (await lines_of(play, refs))[1:])
    else:  # of two replicas the other one may page for the second incident first
        assert (len(cards), len(anywhere.bots)) == (2, 2)
    for card in cards:
        assert (await anywhere.teams.press(play.id("ada"), card, "Acknowledge")).kind == "card"
    for ref in refs:
        assert (await anywhere.incident(ref))["acknowledged_at"] is not None
    await anywhere.advance("PT1H")
    assert await play.heard("grace") == []


async def test_pages_of_another_service_and_worse_ones_have_a_card_of_their_own(world: World) -> None:
    cast = Cast(
        people="ada", steps=(step("person:ada", "PT10M"),), services={"search": {"escalation_policy": "critical"}}
    )
    play = await world.scene(cast)
    first = await play.declare("A slow page", sev=3)
    await play.page("ada", first)
    other = await play.declare("Another service", service="search")
    worse = await play.declare("All is down", sev=1)
    milder = await play.declare("A slow page again", sev=3)
    await play.paged(other, "ada step 1 +0:00 sent")
    await play.paged(worse, "ada step 1 +0:00 sent")
    assert (await play.delivered(milder))[0].startswith("ada step 1 +0:00 sent with INC-")
    await world.advance("PT3M")
    later = await play.declare("Three minutes later", sev=3)
    await play.paged(later, "ada step 1 +0:00 sent")


async def test_after_the_answer_a_new_incident_of_the_same_service_pages_again(world: World) -> None:
    play = await world.scene(Cast(people="ada", steps=(step("person:ada", "PT10M"),)))
    first = await play.declare("One")
    await world.teams.press(play.id("ada"), await play.page("ada", first), "Acknowledge")
    second = await play.declare("Two")
    await play.page("ada", second, "you are paged")
    await play.paged(second, "ada step 1 +0:00 sent")


async def test_escalating_a_burst_reaches_the_next_person_with_one_card_too(world: World) -> None:
    play = await world.scene(
        Cast(people="ada grace", steps=(step("person:ada", "PT5M"), step("person:grace", "PT30M")))
    )
    refs = [await play.declare(f"Error {n}") for n in range(4)]
    await world.advance("PT6M")
    card = await play.page("grace", refs[0], *(f"Error {n}" for n in range(4)))
    assert len([m for m in await play.heard("grace") if m.card]) == 1
    await world.teams.press(play.id("grace"), card, "Acknowledge")
    for ref in refs:
        assert (await world.incident(ref))["acknowledged_at"] is not None
    told = await play.hears("ada", "You need not do anything")
    assert told.has(play.name("grace"), "acknowledged", refs[0])
    await world.settle()
    assert len(await play.heard("ada", "You need not do anything")) == 1


async def test_fifty_incidents_of_fifty_services_page_fifty_people_in_time(world: World) -> None:
    crew = [f"p{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(50)]
    policies = {f"o{who}": {"steps": [step(f"person:{who}", "PT5M"), step("person:ada", "PT1H")]} for who in crew}
    services = {f"s{who}": {"escalation_policy": f"o{who}"} for who in crew}
    cast = Cast(people=" ".join(["ada", *crew]), policies=policies, services=services)
    play = await world.scene(cast)
    rooms = [await world.teams.group_chat(play.id("rita"), f"Group {n}", []) for n in range(25)]
    refs = await asyncio.gather(
        *(play.declare("It is down", service=f"s{who}", where=rooms[n % 25]) for n, who in enumerate(crew))
    )
    assert len(set(refs)) == 50
    for ref, who in zip(refs, crew, strict=True):
        await play.paged(ref, f"{who} step 1 +0:00 sent")
    pages = [page for ref in refs for page in (await world.api(f"/incidents/{ref}/pages"))["items"]]
    assert max(moment(p["sent_at"]) - moment(p["due_at"]) for p in pages) < timedelta(seconds=20), "20 a second"
    assert len({call["path"] for call in await posts(world, "Show incident")}) >= 50, "each in a chat of its own"


async def posts(world: World, words: str) -> list[Json]:
    calls = (await world.teams.traffic())["calls"]
    return [call for call in calls if call["method"] == "POST" and words in str(call["body"]) and call["status"] == 201]


async def lines_of(play: Scene, refs: list[str]) -> list[str]:
    return [line for found in await asyncio.gather(*map(play.ledger, refs)) for line in found]


@pytest.mark.postgres
async def test_two_incidents_of_one_service_at_the_same_moment_are_both_told(pair: World) -> None:
    crew = [f"p{chr(97 + n)}" for n in range(12)]
    policies = {f"o{who}": {"steps": [step(f"person:{who}", "PT1H")]} for who in crew}
    services = {f"s{who}": {"escalation_policy": f"o{who}"} for who in crew}
    play = await pair.scene(Cast(people=" ".join(crew), policies=policies, services=services))
    rooms = [await pair.teams.group_chat(play.id("rita"), f"Group {n}", []) for n in range(6)]
    wanted = [(who, f"Twin {n} of {who}") for who in crew for n in (1, 2)]
    await asyncio.gather(
        *(play.declare(title, service=f"s{who}", where=rooms[n % 6]) for n, (who, title) in enumerate(wanted))
    )
    for who, title in wanted:  # on one card, or on two where the later one was paged first
        await play.page(who, "INC-", title)
    await eventually(lambda: unsent(play), [])


async def unsent(play: Scene) -> list[str]:
    return [line for line in await lines_of(play, list(play.declared)) if " sent" not in line]


async def test_names_and_titles_of_every_kind_arrive_as_they_were_written(world: World) -> None:
    cast = Cast(
        people="ada grace", names={"ada": "Zoë Ångström-O'Neil 李", "grace": "Ядвига *Bold*"},
        steps=(step("person:ada", "PT5M"), step("person:grace", "PT5M")),
    )  # fmt: skip
    play = await world.scene(cast)
    ref = await play.declare(AWKWARD)
    page = await play.page("ada", ref, "支付", "падает")
    assert links(page) == []
    await world.advance("PT5M")
    await play.page("grace", ref)
    await world.teams.press(play.id("grace"), await play.page("grace", ref), "Acknowledge")
    said = await play.hears("ada", f"acknowledged {ref}. You need not do anything.")
    assert "Ядвига" in said.text
    assert said.raw.get("entities", []) == []


def links(page) -> list[str]:
    """Markdown links that Teams would draw: brackets that nobody has escaped."""
    return [text for text in page.texts().splitlines() if "[Küche](" in text and "\\[" not in text]
