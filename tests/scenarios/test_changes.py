"""Changes over HTTP: told by a deployment tool, seen on the card of an incident, linked; and approved by both sides."""

from datetime import timedelta
from typing import Any

import aiohttp

from tests.conversation.stage import ADMIN_TOKEN
from tests.scenarios.cast import Cast
from tests.scenarios.world import Scene, World, eventually


async def deploy(play: Scene, title: str, *, key: str, index: int = 0, **more: Any) -> tuple[int, Any]:
    """Tell of a deployment, as a tool does."""
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", "Idempotency-Key": f"{play.id('run')}-{key}"}
    address = f"{play.world.bots[index].address}/api/v1/changes"
    body = {"title": title, "service": play.id("checkout"), **more}
    async with aiohttp.ClientSession() as http, http.post(address, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def changes(play: Scene) -> list[Any]:
    return (await play.world.api(f"/changes?service={play.id('checkout')}"))["items"]


async def test_what_was_deployed_stands_on_the_card_and_one_press_links_it(anywhere: World) -> None:
    play = await anywhere.scene(Cast(people="ada"))
    await deploy(play, "Too long ago", key="0", at=f"{await anywhere.now() - timedelta(hours=25):%Y-%m-%dT%H:%M:%SZ}")
    status, made = await deploy(play, "Deploy the basket", key="1", risk="high")
    # The pipeline never saw the answer, and asks another replica.
    again = await deploy(play, "Deploy the basket", key="1", risk="high", index=-1)
    assert (status, again) == (201, (200, made))
    assert (await deploy(play, "Deploy 4.13", key="1"))[0] == 409
    ref = await play.declare("Checkout answers 502")
    post = await play.told(
        play.room, ref, "Checkout answers 502", "1 change on", "in the last 24 h", "Deploy", "High risk"
    )
    assert not post.has("Too long ago")
    await anywhere.teams.press(play.id("rita"), post, "Changes")
    await anywhere.teams.press(play.id("ada"), post, "Changes")
    late = (await anywhere.teams.see(play.id("ada"), post)).action("Link as cause")
    await anywhere.teams.press(play.id("rita"), post, "Link as cause")
    await play.told(play.room, ref, f"Cause:** Change {made['id']}, Deploy the basket (done)")
    again = await anywhere.teams.press_action(play.id("ada"), post, late)
    assert again.kind == "card"
    assert await play.story(ref, "cause_linked") == [
        f"Rita linked change {made['id']} “Deploy the basket” as the cause."
    ]
    (item, _) = await changes(play)
    assert (item["title"], item["incidents"], item["source"]) == ("Deploy the basket", [ref], "deploys")


async def test_a_high_risk_is_approved_by_both_sides_and_its_author_asked_how_it_went(anywhere: World) -> None:
    play = await anywhere.scene(Cast(people="ada grace lin", members="ada grace", ops={"members": "lin"}))
    at = (await anywhere.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    words = f"change Upgrade the database service:checkout risk:high at {at:%Y-%m-%dT%H:%M}Z"
    await play.say("ada", words)
    await play.told(play.room, "Upgrade the database", "Waits for approval")
    for who in ("lin", "grace"):
        asked = await play.hears(who, "Upgrade the database")
        await anywhere.teams.press(play.id(who), asked, "Approve")

    async def state() -> str:
        return (await changes(play))[0]["state"]

    await eventually(state, "planned")
    await play.told(play.room, "Upgrade the database", "Planned", "Approved by")
    await anywhere.to(at + timedelta(hours=1))
    question = await play.hears("ada", "How did")
    await anywhere.teams.press(play.id("ada"), question, "Done")
    await eventually(state, "done")
