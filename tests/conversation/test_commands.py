"""Every command in every place: 1:1 chat, channel, group chat, slash menu; however people write it."""

import asyncio

import pytest

from server.local_teams.client import TeamsClient
from tests.conversation.stage import Stage
from tests.conversation.talk import a_title, after, ask, card_of, cards_in, declare, kinds, sends

WAYS = [
    "{}",
    "  {}",
    "/{}",
    "/incident {}",
    "incident {}",
    "Incident   {}",
    "/INCIDENT {}",
    "\u00a0{}",
]


async def everywhere(people: TeamsClient, room: str) -> dict[str, tuple[str, str]]:
    """Name a 1:1 chat, a group chat and a channel, each with what has to stand before a command there."""
    return {
        "alone": (await people.personal("ada"), ""),
        "together": (await people.group_chat("ada", "Commands", ["grace"]), "@Incident "),
        "channel": (room, "@Incident "),
    }


async def test_every_command_works_in_every_kind_of_conversation(stage: Stage, people: TeamsClient, room: str) -> None:
    places = await everywhere(people, room)
    await asyncio.gather(*(every_command(stage, people, kind, *place) for kind, place in places.items()))


async def every_command(stage: Stage, people: TeamsClient, kind: str, where: str, at: str) -> None:
    title = a_title()
    card = await ask(people, "ada", where, f"{at}declare {title} sev2 service:checkout", title)
    assert card.has("SEV2 Major", "Checkout")
    (ref,) = {i["ref"] for i in (await stage.api("/incidents"))["items"] if i["title"] == title}
    root = card.root or card.id if kind == "channel" else None

    async def does(words: str, *answer: str) -> None:
        # In an incident's thread its name may be left out.
        await ask(people, "ada", where, at + words.format("" if root else f" {ref}"), *answer, root=root)

    await does("ack{}", f"Ada Lovelace acknowledged {ref}.")
    await does("note{} it is the database", f"Noted on {ref}.")
    await does("status{} identified", f"{ref} is now identified.")
    await does("severity{} 1", f"{ref} is now SEV1 Critical.")
    await does("assign{} commander @Ada Lovelace", f"Ada Lovelace is now commander of {ref}.")
    await does("timeline{}", f"Timeline of {ref}", "it is the database", "oldest first")
    await does("resolve{} rolled back", f"Ada Lovelace resolved {ref}.")
    await does("reopen{} it is back", f"Ada Lovelace reopened {ref}.")
    await does("list", "Open incidents", ref, title)
    await does("help", "What I can do", "Begin an incident")
    await does("show{}", ref, "Investigating", "it is back")

    incident = await stage.incident(ref)
    assert (incident["severity"], incident["status"], incident["services"]) == (1, "investigating", ["checkout"])
    assert incident["roles"] == {"commander": "ada"}
    assert incident["acknowledged_at"] is None
    assert kinds(await stage.timeline(ref)) == [
        "declared", "acknowledged", "note", "status_changed", "severity_changed", "role_assigned", "resolved",
        "reopened",
    ]  # fmt: skip


async def test_a_command_is_understood_however_it_begins(people: TeamsClient) -> None:
    async def one(way: str) -> None:
        chat = await people.group_chat("grace", way, [])
        await ask(people, "grace", chat, "@Incident " + way.format("LiSt  ALL"), "All incidents")

    await asyncio.gather(*(one(way) for way in WAYS))
    alone = await people.personal("grace")
    for way in WAYS[::3]:
        await ask(people, "grace", alone, way.format("LiSt  ALL"), "All incidents")


async def test_blanks_quotes_case_and_the_ways_to_write_a_name_do_not_matter(stage: Stage, people: TeamsClient) -> None:
    where = await people.group_chat("ada", "Words", ["grace"])
    ref, _ = await declare(people, "ada", where)
    number = ref[4:]
    for written, answer in (
        (f"@Incident  ack\u00a0{ref.lower()}", "acknowledged"),
        (f"@incident NOTE inc{number} one", "Noted"),
        (f"@Incident Note #{number}: two", "Noted"),
        (f"@Incident note INC-0{number}  three", "Noted"),
        (f"@Incident status inc-{number} “Identified”", "is now identified"),
        (f"@Incident SEVERITY {ref} SEV-2", "is now SEV2"),
        (f"@Incident assign {ref} Scribe “grace”", "Grace Hopper is now scribe"),
        ("@Incident list service:“checkout”", "Open incidents of Checkout"),
        ("@Incident list ‘mine’", "My open incidents"),
    ):
        await ask(people, "ada", where, written, answer)
    assert [e["text"] for e in await stage.timeline(ref) if e["kind"] == "note"] == ["one", "two", "three"]


async def test_curly_and_straight_quotes_around_a_title_are_not_part_of_it(stage: Stage, people: TeamsClient) -> None:
    where = await people.group_chat("ada", "Quotes", [])
    for left, right in (("“", "”"), ('"', '"'), ("„", "“"), ("«", "»")):
        title = a_title("Quoted")
        ref, _ = await declare(people, "ada", where, f"{left}{title}{right} SEV1")
        incident = await stage.incident(ref)
        assert (incident["title"], incident["severity"]) == (title, 1)
    ref, _ = await declare(people, "ada", where, "The “new” checkout says ‘no’")
    assert (await stage.incident(ref))["title"] == "The “new” checkout says ‘no’"


async def test_the_slash_menu_answers_privately_and_declares_for_everybody(
    stage: Stage, people: TeamsClient, room: str
) -> None:
    title = a_title()
    said = await people.say("ada", room, f"/incident declare {title}", slash=True)
    card = await people.wait_for(after(said, title, "INC-"), person="grace", conversation=room, what="a public card")
    assert not card.private
    (ref,) = {i["ref"] for i in (await stage.api("/incidents"))["items"] if i["title"] == title}
    for words, answer in (
        ("help", "What I can do"),
        ("list", "Open incidents"),
        (f"show {ref}", "Investigating"),
        (f"timeline {ref}", "Timeline of"),
        (f"note {ref} psst", "Noted on"),
        (f"ack {ref}", "acknowledged"),
        ("dacklare", "Did you mean"),
        ("note INC-99999 x", "There is no INC-99999"),
    ):
        answered = await ask(people, "ada", room, f"/incident {words}", answer, slash=True)
        assert answered.private, words
    assert [m.id for m in await people.messages("grace", room) if m.from_bot] == [card.id]


async def test_a_private_look_has_the_readers_own_time(people: TeamsClient, room: str) -> None:
    ref, card = await declare(people, "ada", room)
    assert not card.has("Kolkata")
    private = await ask(people, "rahul", room, f"/incident show {ref}", ref, slash=True)
    assert private.has("Kolkata (", "UTC)")
    alone = await ask(people, "rahul", await people.personal("rahul"), f"timeline {ref}", "Timeline of")
    assert alone.has("times in Kolkata, UTC in brackets")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dclare Checkout", "declare"),
        ("asign me", "assign"),
        ("resovle INC-1", "resolve"),
        ("timelien", "timeline"),
        ("acknowlege", "ack"),
        ("🔥🔥🔥", "help"),
        ("what is going on?", "help"),
    ],
)
async def test_unknown_words_get_the_nearest_commands(people: TeamsClient, typed: str, meant: str) -> None:
    where = await people.group_chat("ada", "Typos", [])
    answer = await ask(people, "ada", where, f"@Incident {typed}", "Did you mean", f"“{meant}”")
    assert "Declare incident" in answer.buttons()


async def test_a_bare_mention_gets_help(people: TeamsClient, room: str) -> None:
    await ask(people, "ada", room, "@Incident", "What I can do")
    await ask(people, "ada", await people.group_chat("ada", "Bare", []), "@Incident \u00a0 ", "What I can do")


async def test_an_incident_that_does_not_exist_is_said_in_one_sentence(people: TeamsClient) -> None:
    where = await people.group_chat("ada", "Unknown", [])
    for words in ("show INC-999999", "ack 999999", "note #999999 x", "resolve inc999999999 done", "timeline INC-0"):
        answer = await ask(people, "ada", where, f"@Incident {words}")
        assert answer.card is None
        assert answer.text.startswith("There is no INC-"), answer.texts()


async def test_show_moves_the_card_in_a_chat_and_keeps_the_first_post_of_a_channel(
    people: TeamsClient, room: str
) -> None:
    where = await people.group_chat("ada", "Show", ["grace"])
    ref, first = await declare(people, "ada", where)
    second = await ask(people, "grace", where, f"@Incident show {ref}", ref, "Declared")
    assert second.id != first.id
    await people.wait_for(
        lambda m: m.id == first.id and m.has("further down"), person="ada", conversation=where, what="the old card"
    )
    assert [m.id for m in await cards_in(people, "ada", where, ref)] == [second.id]

    ref, post = await declare(people, "ada", room)
    shown = await ask(people, "grace", room, f"@Incident show {ref}", ref, "Declared")
    await people.press("grace", post, "Acknowledge")
    for card in (post, shown):
        await people.wait_for(
            lambda m, card=card: m.id == card.id and m.has("Acknowledged by"), person="ada", conversation=room
        )
    assert len(await sends(people, room, f"{ref} SEV")) == 2


async def test_the_card_follows_in_every_conversation_where_it_stands(people: TeamsClient, room: str) -> None:
    ref, _ = await declare(people, "ada", room)
    places = {room: "ada", await people.personal("grace"): "grace"}
    places[await people.group_chat("rahul", "Also here", ["ada"])] = "rahul"
    for where, person in places.items():
        if where != room:
            at = "" if person == "grace" else "@Incident "
            await ask(people, person, where, f"{at}show {ref}", ref, "Declared")
    await ask(people, "grace", await people.personal("grace"), f"resolve {ref} all good", "resolved")
    for where, person in places.items():
        card = await people.wait_for(card_of(ref, "Resolved", "all good"), person=person, conversation=where)
        assert card.buttons()[0] == "Reopen"
        assert len(await cards_in(people, person, where, ref)) == 1
        assert len(await sends(people, where, f"{ref} SEV")) == 1
