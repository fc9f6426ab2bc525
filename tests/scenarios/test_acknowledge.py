"""Whoever acknowledges anywhere stops it for everybody, and everybody who was paged hears of it once."""

import asyncio
from datetime import timedelta

from tests.conversation.stage import changed
from tests.scenarios.cast import Cast, policy, step
from tests.scenarios.world import Scene, World, eventually, moment

TWO = (step("person:ada", "PT5M"), step("person:grace", "PT10M"))
ANSWERED = ["ada step 1 +0:00 sent", "grace step 2 +5:00 sent, answered"]


async def second_step(world: World) -> tuple[Scene, str]:
    """Let Ada and Grace be paged; nobody has answered."""
    play = await world.scene(Cast(people="ada grace lin", steps=TWO, repeat=1))
    ref = await play.declare()
    await play.paged(ref, "ada step 1 +0:00 sent")
    await world.advance("PT5M")
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent")
    return play, ref


async def nothing_more(world: World, play: Scene, ref: str, *lines: str) -> None:
    """A day passes and nobody else is paged."""
    await world.advance("P1D")
    await play.paged(ref, *lines)


async def test_the_button_on_a_page_stops_everything_and_the_others_hear_it_once(anywhere: World) -> None:
    play, ref = await second_step(anywhere)
    outcome = await anywhere.teams.press(play.id("grace"), await play.page("grace", ref), "Acknowledge")
    assert outcome.kind == "card"
    await play.hears(
        "ada", f"@grace acknowledged {ref}. You need not do anything.".replace("@grace", play.name("grace"))
    )
    for who in ("ada", "grace"):
        card = await play.page(who, ref, f"{play.name('grace')} acknowledged at")
        assert "Acknowledge" not in card.buttons()
    await play.told(play.room, ref, "Acknowledged by", play.name("grace"))
    await nothing_more(anywhere, play, ref, *ANSWERED)
    assert len(await play.heard("ada", "You need not do anything")) == 1
    assert await play.heard("grace", "You need not do anything") == []
    assert len(await play.heard("ada", ref)) == 2, "a page and a sentence"


async def test_the_button_on_the_status_card_stops_it_too(world: World) -> None:
    play, ref = await second_step(world)
    card = await play.told(play.room, ref, "not yet")
    assert (await world.teams.press(play.id("lin"), card, "Acknowledge")).kind == "card"
    said = f"{play.name('lin')} acknowledged {ref}. You need not do anything."
    await asyncio.gather(play.hears("ada", said), play.hears("grace", said))
    await nothing_more(world, play, ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent")
    await play.page("ada", ref, f"{play.name('lin')} acknowledged at")


async def test_a_command_in_another_chat_stops_it_too(world: World) -> None:
    play, ref = await second_step(world)
    await play.ask("grace", f"ack {ref}", f"{play.name('grace')} acknowledged {ref}", where=await play.chat("grace"))
    await play.hears("ada", f"{play.name('grace')} acknowledged {ref}. You need not do anything.")
    await play.page("grace", ref, f"{play.name('grace')} acknowledged at")
    await nothing_more(world, play, ref, *ANSWERED)


async def test_an_answer_within_the_first_seconds_leaves_the_next_step_in_peace(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO, last_resort="person:grace"))
    ref = await play.declare()
    await world.teams.press(play.id("ada"), await play.page("ada", ref), "Acknowledge")
    await nothing_more(world, play, ref, "ada step 1 +0:00 sent, answered")
    assert await play.heard("grace") == []


async def test_the_ledger_tells_when_each_page_left_and_when_it_was_answered(world: World) -> None:
    play, ref = await second_step(world)
    await world.advance("PT2M")
    before = await world.now()
    await world.teams.press(play.id("grace"), await play.page("grace", ref), "Acknowledge")
    ada, grace = (await world.api(f"/incidents/{ref}/pages"))["items"]
    assert ada["acknowledged_at"] is None
    assert timedelta(0) <= moment(grace["acknowledged_at"]) - before < timedelta(seconds=30)
    incident = await world.incident(ref)
    assert incident["acknowledged_at"] == grace["acknowledged_at"]
    assert (ada["attempts"], grace["attempts"]) == (1, 1)
    for page in (ada, grace):
        assert timedelta(0) <= moment(page["sent_at"]) - moment(page["due_at"]) < timedelta(seconds=30)
        assert (page["way"], page["detail"], page["bundled_into"]) == ("teams", "", None)
    entries = [e for e in await world.timeline(ref) if e["kind"] in ("paged", "acknowledged")]
    assert [(e["kind"], play.local(e["actor"]), e["source"]) for e in entries] == [
        ("paged", "nobody", "timer"), ("paged", "nobody", "timer"), ("acknowledged", "grace", "button"),
    ]  # fmt: skip


async def test_a_step_that_wants_two_people_goes_on_until_two_have_answered(anywhere: World) -> None:
    steps = (step("person:ada person:grace person:lin", "PT5M", acknowledgements=2), step("person:zoe", "PT5M"))
    play = await anywhere.scene(Cast(people="ada grace lin zoe", steps=steps))
    ref = await play.declare()
    card = await play.page("ada", ref, "It takes 2 people")
    await play.page("lin", ref)
    await play.paged(ref, *(f"{who} step 1 +0:00 sent" for who in ("ada", "grace", "lin")))
    await anywhere.teams.press(play.id("ada"), card, "Acknowledge")
    await anywhere.teams.press(play.id("ada"), await play.page("ada", ref), "Show incident")
    assert await play.heard("lin", "You need not do anything") == []
    await play.ask("grace", f"ack {ref}", f"2 of 2 people have acknowledged {ref}")
    await play.hears(
        "lin", f"{play.name('ada')} and {play.name('grace')} acknowledged {ref}. You need not do anything."
    )
    everybody = [f"{who} step 1 +0:00 sent" for who in ("ada", "grace", "lin")]
    await nothing_more(anywhere, play, ref, *(f"{line}, answered" for line in everybody[:2]), everybody[2])


async def test_one_of_two_is_not_enough_and_the_next_step_is_paged(world: World) -> None:
    steps = (step("person:ada person:grace", "PT5M", acknowledgements=2), step("person:zoe", "PT5M"))
    play = await world.scene(Cast(people="ada grace zoe", steps=steps))
    ref = await play.declare()
    await world.teams.press(play.id("ada"), await play.page("ada", ref), "Acknowledge")
    await world.advance("PT5M")
    await play.page("zoe", ref)
    lines = ("ada step 1 +0:00 sent, answered", "grace step 1 +0:00 sent", "zoe step 2 +5:00 sent")
    await nothing_more(world, play, ref, *lines)


async def test_one_of_two_is_not_paged_in_the_next_round_and_the_end_says_how_many_are_missing(anywhere: World) -> None:
    steps = (step("person:ada person:grace", "PT5M", acknowledgements=2), step("person:zoe", "PT5M"))
    play = await anywhere.scene(Cast(people="ada grace zoe", steps=steps, repeat=1))
    ref = await play.declare()
    await anywhere.teams.press(play.id("ada"), await play.page("ada", ref), "Acknowledge")
    await play.told(play.room, "1 of 2 have acknowledged")
    await anywhere.advance("PT21M")
    lines = ["ada step 1 +0:00 sent, answered", "grace step 1 +0:00 sent", "zoe step 2 +5:00 sent"]
    lines += ["grace step 1 round 2 +10:00 sent", "zoe step 2 round 2 +15:00 sent"]
    assert await play.delivered(ref) == lines
    missing = "Only 1 of 2 people have acknowledged after all rounds"
    await play.told(play.room, f"{ref}: {missing} of critical")
    await play.told(play.room, f"{missing}.", "Press Escalate to page again")
    assert await play.story(ref, "unanswered") == [f"{missing} of critical."]


async def test_acknowledged_and_then_silent_is_paged_again_but_not_after_a_note(anywhere: World) -> None:
    cast = Cast(
        people="ada grace", steps=(step("person:ada", "PT5M"), step("person:grace", "PT5M")), ack_timeout="PT30M"
    )
    play = await anywhere.scene(cast)
    ref = await play.declare()
    await anywhere.teams.press(play.id("ada"), await play.page("ada", ref), "Acknowledge")
    await anywhere.advance("PT20M")
    await play.say("ada", f"note {ref} on it")
    await anywhere.advance("PT20M")
    await play.paged(ref, "ada step 1 +0:00 sent, answered")
    await anywhere.advance("PT17M")
    lines = await play.delivered(ref)
    assert "ada quiet +50:00 sent" in lines
    assert lines[-1] == "grace step 2 +55:00 sent"
    await play.page("ada", ref, "you are paged", "nothing was written for a while")
    assert (await anywhere.incident(ref))["acknowledged_at"] is None


async def test_two_policies_begin_again_after_silence_and_one_acknowledgement_stops_both(anywhere: World) -> None:
    quiet = {
        "one": policy(step("person:ada", "PT1H"), ack_timeout="PT30M"),
        "two": policy(step("person:grace", "PT1H"), ack_timeout="PT30M"),
    }
    services = {"checkout": {"escalation_policy": "one"}, "search": {"escalation_policy": "two"}}
    play = await anywhere.scene(Cast(people="ada grace lin", policies=quiet, services=services))
    ref = await play.declare("Both service:search")
    await asyncio.gather(play.page("ada", ref), play.page("grace", ref))
    await play.ask("lin", f"ack {ref}", f"{play.name('lin')} acknowledged {ref}", where=await play.chat("lin"))
    await anywhere.advance("PT31M")
    again = ["ada step 1 +30:00 sent", "grace step 1 +30:00 sent", "lin quiet +30:00 sent"]
    assert sorted((await play.delivered(ref))[2:]) == again
    await anywhere.teams.press(play.id("grace"), (await play.heard("grace", ref, "you are paged"))[-1], "Acknowledge")
    await play.hears("ada", f"{play.name('grace')} acknowledged {ref}. You need not do anything.")
    await anywhere.advance("PT20M")
    assert len(await play.ledger(ref)) == 5


async def test_resolving_stops_it_and_everybody_who_was_paged_hears_it(world: World) -> None:
    play, ref = await second_step(world)
    await play.say("lin", f"resolve {ref} a loose cable")
    said = f"{play.name('lin')} resolved {ref}. You need not do anything."
    await asyncio.gather(play.hears("ada", said), play.hears("grace", said))
    assert "Acknowledge" not in (await play.page("ada", ref, "Resolved at")).buttons()
    await nothing_more(world, play, ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent")


async def test_reopening_begins_again_and_a_button_from_before_does_nothing(anywhere: World) -> None:
    play = await anywhere.scene(Cast(people="ada grace", steps=TWO))
    ref = await play.declare()
    old = await play.page("ada", ref)
    await play.say("grace", f"resolve {ref} it is fine")
    await play.page("ada", ref, "Resolved at")
    await anywhere.advance("PT1H")
    await play.say("grace", f"reopen {ref} it is back")
    await play.paged(ref, "ada step 1 +0:00 sent", "ada step 1 +60:00 sent")
    stale = await anywhere.teams.press_action(play.id("ada"), old, old.action("Acknowledge"))
    assert stale.kind in ("card", "message")
    assert (await anywhere.incident(ref))["acknowledged_at"] is None
    await anywhere.advance("PT5M")
    await play.paged(ref, "ada step 1 +0:00 sent", "ada step 1 +60:00 sent", "grace step 2 +65:00 sent")
    newest = (await play.heard("ada", ref, "you are paged"))[-1]
    await anywhere.teams.press(play.id("ada"), newest, "Acknowledge")
    assert (await anywhere.incident(ref))["acknowledged_at"] is not None


async def test_a_press_that_is_doubled_or_brought_again_counts_once(anywhere: World) -> None:
    play, ref = await second_step(anywhere)
    card = await play.page("grace", ref)
    anywhere.tap.copies, anywhere.tap.where = 4, card.id
    try:
        await anywhere.teams.press(play.id("grace"), card, "Acknowledge")
    finally:
        anywhere.tap.copies, anywhere.tap.where = 1, ""
    version = (await anywhere.incident(ref))["version"]
    pressed = anywhere.tap.last("page.ack", card.id)
    answers = await anywhere.tap.deliver(changed(pressed, id="1799999999901"), times=2)
    assert [status for status, _ in answers] == [200, 200]
    assert (await anywhere.incident(ref))["version"] == version
    assert len([e for e in await anywhere.timeline(ref) if e["kind"] == "acknowledged"]) == 1
    await play.hears("ada", "You need not do anything")
    await anywhere.settle()
    assert len(await play.heard("ada", "You need not do anything")) == 1


async def test_of_two_people_who_press_at_once_one_has_it_and_both_are_told_who(anywhere: World) -> None:
    play, ref = await second_step(anywhere)
    cards = await asyncio.gather(play.page("ada", ref), play.page("grace", ref))
    await asyncio.gather(
        anywhere.teams.press(play.id("ada"), cards[0], "Acknowledge"),
        anywhere.teams.press(play.id("grace"), cards[1], "Acknowledge"),
    )
    entries = [e for e in await anywhere.timeline(ref) if e["kind"] == "acknowledged"]
    assert len(entries) == 1
    winner = play.local(entries[0]["actor"])
    for who in ("ada", "grace"):
        await play.page(who, ref, f"{play.name(winner)} acknowledged at")
    await nothing_more(anywhere, play, ref, *(
        line + (", answered" if line.startswith(winner) else "")
        for line in ("ada step 1 +0:00 sent", "grace step 2 +5:00 sent")
    ))  # fmt: skip


async def test_an_answer_at_the_very_moment_of_the_time_out_leaves_no_doubt(anywhere: World) -> None:
    """Whoever is first: either the next step is never paged, or it is told at once that somebody has it."""
    pairs = {"a": ("ada", "adam"), "b": ("ben", "bob"), "c": ("cleo", "cora"), "d": ("dan", "dora")}
    races = {
        name: policy(step(f"person:{who}", "PT1S"), step(f"person:{other}", "PT1H"))
        for name, (who, other) in pairs.items()
    }
    services = {f"service{name}": {"escalation_policy": name} for name in races}
    people = " ".join(who for pair in pairs.values() for who in pair)
    play = await anywhere.scene(Cast(people=people, policies=races, services=services))
    delays = zip(pairs.items(), (0.9, 0.96, 1.0, 1.04), strict=True)
    await asyncio.gather(*(race(anywhere, play, name, pair, delay) for (name, pair), delay in delays))


async def race(world: World, play: Scene, name: str, pair: tuple[str, str], delay: float) -> None:
    first, second = pair
    ref = await play.declare(f"Race {delay}", service=f"service{name}")
    card = await play.page(first, ref)
    await asyncio.sleep(max(0.0, delay - (await world.now() - play.declared[ref]).total_seconds()))
    await world.teams.press(play.id(first), card, "Acknowledge")
    await world.settle()
    await eventually(lambda: pending(play, ref), 0)
    lines = await play.delivered(ref)
    assert lines[0] == f"{first} step 1 +0:00 sent, answered"
    assert lines[1:] in ([], [f"{second} step 2 +0:00 sent"], [f"{second} step 2 +0:00 not_needed"])
    if lines[1:] == [f"{second} step 2 +0:00 sent"]:
        await play.hears(second, f"{play.name(first)} acknowledged {ref}. You need not do anything.")
        await play.page(second, ref, f"{play.name(first)} acknowledged at")


async def pending(play: Scene, ref: str) -> int:
    return len([line for line in await play.ledger(ref) if "pending" in line])
