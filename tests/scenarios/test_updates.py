"""Stakeholders are told: approved or not, sent once to each, promised again, and told that it is over."""

import time
from typing import Any

from domain.audience import Audience
from domain.organisation import OrganisationSettings
from server.local_teams.client import Seen
from storage.known_names import TRUST_S
from tests.scenarios.cast import Cast, Json, step
from tests.scenarios.test_ways import mail_to, mails_to
from tests.scenarios.world import Scene, World, eventually
from tests.support.mail_server import MailBox

CAST = Cast(people="ada grace lin", steps=(step("person:ada", "PT24H"),), channel=True)


async def stage(world: World, *, sev: int = 1, led: bool = True, **more: Any) -> tuple[Scene, str]:
    """Declare an incident of which Leadership hears, with Ada in command and Grace for communications."""
    play = await world.scene(CAST)
    leadership = Audience(
        name="Leadership", services=(play.id("checkout"),), channels=(play.channel,), people=(play.id("lin"),), **more
    )
    await tell_only(play, leadership)
    ref = await play.declare("Checkout fails", sev=sev)
    await play.ask("rita", f"assign {ref} communications @grace", "communications")
    if led:
        await play.ask("rita", f"assign {ref} commander @ada", "commander")
    return play, ref


async def tell_only(play: Scene, audience: Audience) -> None:
    """Make it the only audience, and see to it that the bot does not believe anything else any more."""
    await play.world.bring(play.document(settings=OrganisationSettings(audiences=(audience,)).to_json()), told=False)
    believed = time.monotonic() + TRUST_S

    async def is_believed() -> bool:
        return time.monotonic() > believed

    await eventually(is_believed, wanted=True)


async def write(play: Scene, who: str, text: str, *expected: str) -> Seen:
    return await play.ask(who, f"update {text}", *expected, where=await play.chat(who))


async def asked(play: Scene, *expected: str) -> Seen:
    """Wait for the question in Ada's chat, while it still can be answered."""
    return await play.teams.wait_for(
        lambda m: m.from_bot and m.has("Stakeholder update of", *expected) and "Approve" in m.buttons(),
        person=play.id("ada"),
        conversation=await play.chat("ada"),
        what=f"the question about {expected}",
    )


async def posts(play: Scene, *words: str) -> list[Seen]:
    messages = await play.teams.messages(play.id("ada"), play.channel)
    return [m for m in messages if m.from_bot and m.has(*words)]


async def status(play: Scene, ref: str) -> Json:
    return await play.world.api(f"/incidents/{ref}")


async def test_a_sev1_update_is_approved_by_the_commander_sent_once_and_ended(anywhere: World, post: MailBox) -> None:
    play, ref = await stage(anywhere, emails=("Status@example.org",))
    before = len(mails_to(post, "status@example.org"))
    await write(play, "grace", f"{ref} We *restart* the database.", "Ada", "is asked to approve", "Leadership")
    assert await play.heard("lin", "restart") == []
    question = await asked(play, ref, "restart")
    await play.teams.press(play.id("ada"), question, "Approve", comment="Good")
    told = await play.hears("lin", "Checkout fails", "restart", "Next update")
    assert told.buttons() == []
    first = await play.told(play.channel, "restart", by="ada")
    assert first.root is None
    mail = await mail_to(post, "status@example.org")
    assert "\\*restart" not in str(mail.get_body(("plain",)))
    await write(
        play, "ada", f"{ref} It is back for most.", "is sent to Leadership (1 place, 1 person, mail to 1 address)"
    )
    second = await play.told(play.channel, "back for most", by="ada")
    assert second.root == first.id
    await play.say("ada", f"resolve {ref} bad index on orders")
    await play.hears("lin", "This incident is resolved after")
    await anywhere.settle()
    assert await play.heard("lin", "bad index") == []
    assert len(await play.heard("lin", "restart")) == 1
    assert [m.root for m in await posts(play, "Checkout fails", "Sent")] == [None, first.id, first.id]
    await eventually(lambda: _count(post, before), 3)
    await eventually(lambda: _summaries(play, ref), 3)
    kinds = [e["kind"] for e in await anywhere.timeline(ref) if e["kind"].startswith("update_")]
    assert kinds.count("update_sent") == 3
    assert kinds[:3] == ["update_requested", "update_decided", "update_sent"]
    assert "Ada approved the update: Good" in await play.story(ref, "update_decided")


async def _summaries(play: Scene, ref: str) -> int:
    said = await play.story(ref, "update_delivered")
    return len([text for text in said if "reached 1 place, 1 person, mail to 1 address" in text])


async def _count(post: MailBox, before: int) -> int:
    return len(mails_to(post, "status@example.org")) - before


async def test_a_rejected_update_comes_back_with_its_words_and_is_asked_again(world: World) -> None:
    play, ref = await stage(world)
    await write(play, "grace", f"{ref} Bob broke it.", "is asked to approve")
    question = await asked(play, "Bob broke it")
    await play.teams.press(play.id("ada"), question, "Reject", comment="No names, please")
    back = await play.teams.wait_for(
        lambda m: "Edit and ask again" in m.buttons(),
        person=play.id("grace"),
        conversation=await play.chat("grace"),
    )
    assert back.has("Bob broke it.", "No names, please")
    await play.teams.press(play.id("grace"), back, "Edit and ask again")
    form = await play.teams.see(play.id("grace"), back)
    assert form.inputs()["text"] == "Bob broke it."
    await play.teams.press(play.id("grace"), back, "Ask for approval", text="A change went wrong.", next="20 min")
    await play.teams.press(play.id("ada"), await asked(play, "A change went wrong."), "Approve")
    await play.hears("lin", "A change went wrong.")
    assert await play.heard("lin", "Bob") == []


async def test_what_was_changed_after_it_was_asked_needs_another_approval(world: World) -> None:
    play, ref = await stage(world)
    await write(play, "grace", f"{ref} The first words.", "is asked to approve")
    question = await asked(play, "The first words.")
    await tell_only(play, Audience(name="Everybody", channels=(play.channel,)))
    await play.teams.press(play.id("ada"), question, "Approve")
    await play.hears("grace", "What was asked about has changed since", "The first words.")
    assert await play.heard("lin", "The first words.") == []
    assert await posts(play, "The first words.") == []


async def test_an_update_nobody_decides_about_comes_back_and_without_a_commander_nothing_typed_is_lost(
    world: World,
) -> None:
    play, ref = await stage(world, led=False)
    form = await write(play, "grace", f"{ref} Long thought about.", "nobody has command", "Take command")
    assert form.inputs()["text"] == "Long thought about."
    await play.say("ada", f"assign {ref} commander me", where=await play.chat("ada"))
    await play.teams.press(play.id("grace"), form, "Send update", text="Long thought about.")
    question = await asked(play, "Long thought about.")
    await world.advance("PT31M")
    await play.hears("grace", "was not sent", "Nobody decided", "Long thought about.")
    assert await play.heard("lin", "Long thought") == []

    async def is_open() -> bool:
        return "Approve" in (await play.teams.see(play.id("ada"), question)).buttons()

    await eventually(is_open, wanted=False)


async def test_a_promise_stands_on_the_card_is_reminded_of_and_becomes_overdue(world: World) -> None:
    play, ref = await stage(world, sev=2)
    chat = await play.chat("grace")
    form = await play.ask("grace", f"update {ref}", "Update stakeholders of", "Goes to Leadership", where=chat)
    assert form.inputs()["next"] == "30 min"
    await play.teams.press(play.id("grace"), form, "Send update", text="More at {next}.", next="12")
    await play.hears("lin", "More at", "UTC")
    await play.told(play.room, ref, "Next update", "promised for")
    await play.say("grace", f"note {ref} we look", where=chat)
    await world.advance("PT10M30S")
    await play.told(play.room, f"{ref} wants an update by", f"update {ref} …")
    await world.advance("PT2M")
    await play.told(play.room, f"The update of {ref} is overdue since")
    await play.told(play.room, ref, "overdue since")
    await write(play, "ada", f"{ref} Still on it.", "is sent to Leadership")
    await play.told(play.room, ref, "Next update", "promised for")


async def test_an_address_that_takes_no_mail_is_named(world: World, post: MailBox) -> None:
    post.answers = {**post.answers, "gone@example.org": "550 no such user"}
    play, ref = await stage(world, sev=2, emails=("gone@example.org", "here@example.org"))
    await write(play, "ada", f"{ref} Half of it works.", "mail to 2 addresses")
    await mail_to(post, "here@example.org")

    async def summed_up() -> list[bool]:
        return [
            "gone@example.org, The mail server refused" in text for text in await play.story(ref, "update_delivered")
        ]

    await eventually(summed_up, [True])
