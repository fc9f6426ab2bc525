"""Whatever people type: markup, other scripts, too much, what no database takes."""

import asyncio

from server.local_teams.client import Seen, TeamsClient
from tests.conversation.stage import Stage, changed
from tests.conversation.talk import a_title, after, ask, card_of, declare, ref_in, settled

TITLES = {
    "<at>Incident</at> is a tag": "&lt;at>Incident&lt;/at> is a tag",
    "*bold* _it_ [link](http://x) `code`": r"\*bold\* \_it\_ \[link\]\(http://x) \`code\`",
    "<script>alert(1)</script> & <b>": "&lt;script>alert(1)&lt;/script> & &lt;b>",
    "&lt;at&gt; typed as entities": "&lt;at&gt; typed as entities",
    "توقف الدفع تماما": "توقف الدفع تماما",
    "🔥👩‍🚒 Größe ½ ﬁ": "🔥👩\u200d🚒 Größe 1⁄2 fi",
    "Incident API is down": "Incident API is down",
    "# heading - and 1. list": "heading",
    "C:\\temp\\new {{x}} ${y} %s": "temp",
    "x" * 200: "x" * 200,
}


async def test_a_title_stands_on_the_card_as_it_was_typed(stage: Stage, people: TeamsClient) -> None:
    async def one(title: str, shown: str) -> None:
        where = await people.group_chat("ada", "Titles", ["grace"])
        said = await people.say("ada", where, f"@Incident declare {title}")
        card = await people.wait_for(after(said, "INC-"), person="ada", conversation=where, what=title)
        ref = ref_in(card)
        stored = (await stage.incident(ref))["title"]
        assert stored == title.replace("½", "1⁄2").replace("ﬁ", "fi")
        if not title.startswith("&lt;"):
            assert card.has(shown), card.texts()
        assert "<at" not in str(card.raw["card"])
        assert "<script" not in card.texts()

    await asyncio.gather(*(one(*pair) for pair in TITLES.items()))


async def test_a_title_that_is_too_long_opens_the_form_and_nothing_typed_is_lost(
    stage: Stage, people: TeamsClient
) -> None:
    for length in (201, 5000, 100_000):
        where = await people.group_chat("ada", "Long", [])
        words = ("word " * (length // 5 + 1))[:length].strip() + "!"
        before = len(await stage.titles())
        form = await ask(people, "ada", where, f"@Incident declare {words}", "characters; 200 is the most")
        assert words.startswith(form.inputs()["title"].strip())
        assert words.startswith(form.inputs()["details"][:8000].rstrip("!"))
        assert len(form.inputs()["details"]) == min(len(words), 8000)
        assert len(await stage.titles()) == before
        await people.press("ada", form, "Declare incident", title=a_title("Short"))
        card = await people.wait_for(card_of("INC-", "Short"), person="ada", conversation=where)
        (note,) = [e["text"] for e in await stage.timeline(ref_in(card)) if e["kind"] == "note"]
        assert note == form.inputs()["details"].strip()


async def test_no_database_ever_sees_nul_or_half_a_character(stage: Stage, people: TeamsClient) -> None:
    where = await people.group_chat("ada", "Odd", [])
    await ask(people, "ada", where, "@Incident help", "What I can do")
    sent = stage.tap.last("Incident</at> help", where)
    text = "<at>Incident</at> declare Nul \x00 and \ud83d half \udc00 a pair"
    odd = changed(sent, id="1799999999991", text=text)
    odd.activity["from"] = {**odd.activity["from"], "name": "Ada \x00\ud800 Lovelace"}
    assert (await stage.tap.deliver(odd))[0][0] == 201
    card = await people.wait_for(card_of("INC-", "half"), person="ada", conversation=where)
    assert (await stage.incident(ref_in(card)))["title"] == "Nul and \ufffd half \ufffd a pair"


async def test_a_note_of_eight_thousand_characters_is_kept_whole_and_one_more_is_refused(
    stage: Stage, people: TeamsClient
) -> None:
    where = await people.group_chat("ada", "Notes", ["grace"])
    ref, _ = await declare(people, "ada", where)
    words = ("all the details of it, " * 400)[:8000].strip()
    words += "." * (8000 - len(words))
    await ask(people, "ada", where, f"@Incident note {ref} {words}", "Noted")
    await ask(
        people, "ada", where, f"@Incident note {ref} {words}x", "8001 characters; 8000 is the most", "stands above"
    )
    assert [e["text"] for e in await stage.timeline(ref) if e["kind"] == "note"] == [words]
    page = await ask(people, "grace", where, f"@Incident timeline {ref}", "Timeline of")
    assert page.has(words)


async def test_lines_of_a_note_stay_lines(stage: Stage, people: TeamsClient) -> None:
    where = await people.group_chat("ada", "Lines", [])
    ref, _ = await declare(people, "ada", where)
    await ask(people, "ada", where, f"@Incident note {ref}\nfirst\n\n  second & <third>", "Noted")
    assert [e["text"] for e in await stage.timeline(ref) if e["kind"] == "note"] == ["first\n\n  second & <third>"]


async def test_numbers_as_long_as_a_page_are_words(stage: Stage, people: TeamsClient) -> None:
    where = await people.group_chat("ada", "Numbers", [])
    digits = "9" * 5000
    for words in (f"declare x sev{digits}", f"severity sev{digits}", f"ack {digits}", f"show INC-{digits}"):
        said = await people.say("ada", where, f"@Incident {words}")
        await people.wait_for(after(said), person="ada", conversation=where, what=words[:30])


async def test_a_timeline_of_hundreds_turns_its_pages_both_ways_and_loses_nothing(
    stage: Stage, people: TeamsClient
) -> None:
    where = await people.group_chat("ada", "Pages", [])
    ref, card = await declare(people, "ada", where)
    await people.press("ada", card, "Add note")
    sent = stage.tap.last("incident.note", card.id)
    for n in range(210):
        text = f"entry {n:03d} " + ("long " * 900 if n % 40 == 0 else "")
        data = {"incident": int(ref[4:]), "version": n, "embedded": True, "text": text}
        value = {"action": {"type": "Action.Execute", "verb": "note.submit", "data": data}, "trigger": "manual"}
        status, _ = (await stage.tap.deliver(changed(sent, id=f"18{n:011d}", value=value)))[0]
        assert status == 200
    assert len(await stage.timeline(ref)) == 211
    await settled(stage, people, ref, card)
    await people.press("ada", card, "Timeline")
    backwards = await turn_through(people, card, "Older")
    assert "of 211, oldest first" in backwards[0]
    forwards = await turn_through(people, card, "Newer")
    assert sorted(spans(backwards)) == sorted(spans(forwards)) == list(range(1, 212))


async def turn_through(people: TeamsClient, card: Seen, title: str) -> list[str]:
    """Turn pages until there are no more; return what each says it shows."""
    ranges: list[str] = []
    while True:
        page = await people.see("ada", card)
        assert page.card
        ranges.append(page.card["body"][1]["text"])
        if title not in page.buttons():
            return ranges
        await people.press("ada", card, title)


def spans(ranges: list[str]) -> list[int]:
    """Count all entries of all pages."""
    numbers: list[int] = []
    for words in ranges:
        first, _, last = words.partition(" of ")[0].partition(" to ")
        numbers += range(int(first), int(last) + 1)
    return numbers
