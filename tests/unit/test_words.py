"""The command text: every row of the agreed table, and what else people and clients write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.transport.inbound import MentionEntity
from bot.words import Cleaned, Mention, clean

BOT = "28:app-1"


def own(name: str = "Incident", text: str | None = None) -> MentionEntity:
    return MentionEntity(BOT, name, f"<at>{name}</at>" if text is None else text)


def person(name: str, text: str | None = None, who: str | None = None) -> MentionEntity:
    who = who or name.lower()
    return MentionEntity(f"29:{who}", name, f"<at>{name}</at>" if text is None else text, f"object-{who}")


def words(text: str, *entities: MentionEntity, bot: str = "Incident") -> Cleaned:
    return clean(text, bot_id=BOT, bot_name=bot, mentions=entities)


TABLE: list[tuple[str, str, str]] = [
    ("Incident Bot", "<at>Incident Bot</at> declare sev1", "declare sev1"),
    ("Incident Bot", "<at>Incident Bot</at>&nbsp;declare sev1", "declare sev1"),
    ("Incident Bot", "<at>Incident Bot</at>\u00a0declare\u00a0sev1\n", "declare sev1"),
    ("Incident Bot", "<at>incident bot</at> x", "x"),
    ("Ops", "<at>Ops</at> declare DevOps Ops pipeline", "declare DevOps Ops pipeline"),
    ("Incident", "<at>Incident</at> declare Incident API is down", "declare Incident API is down"),
    ("Incident", '<at id="0">Incident</at> status', "status"),
    ("Incident", "<at>Incident</at> note &lt;at&gt;Alice&lt;/at&gt;", "note <at>Alice</at>"),
    ("Incident", "/declare sev1", "declare sev1"),
    ("Incident", "<at>Incident</at> /declare sev1", "declare sev1"),
    ("Incident", "/incident declare sev1", "declare sev1"),
    ("Incident", "incident declare sev1", "declare sev1"),
    ("C++ (ops)", "<at>C++ (ops)</at> status", "status"),
    ("Incident", "<at>Incident</at>", ""),
]


@pytest.mark.parametrize(("bot", "text", "expected"), TABLE)
@pytest.mark.parametrize("entity", ["its own", "other case", "without mentioned", "none", "wrong text"])
def test_every_row_of_the_table(bot: str, text: str, expected: str, entity: str) -> None:
    entities = {
        "its own": [own(bot, text[: text.index("</at>") + 5] if "</at>" in text else None)],
        "other case": [own(bot)],
        "without mentioned": [MentionEntity("", "", f"<at>{bot}</at>")],
        "none": [],
        "wrong text": [own(bot, "<at>Somebody</at>")],
    }[entity]
    assert words(text, *entities, bot=bot) == Cleaned(expected, ())


def test_others_become_names_and_their_ids_come_along() -> None:
    found = words("<at>Incident</at> assign <at>Alice</at>", own(), person("Alice"))
    assert found == Cleaned("assign @Alice", (Mention("Alice", "29:alice", "object-alice"),))


def test_only_a_leading_mention_of_the_bot_is_dropped() -> None:
    found = words("<at>Alice</at> <at>Incident</at> status", person("Alice"), own())
    assert found == Cleaned("@Alice @Incident status", (Mention("Alice", "29:alice", "object-alice"),))


def test_only_one_mention_of_the_bot_is_dropped() -> None:
    assert words("<at>Incident</at> <at>Incident</at> help", own(), own()) == Cleaned("@Incident help", ())


def test_people_come_in_the_order_of_the_text() -> None:
    found = words(
        "<at>Incident</at> assign <at>Bob</at> and <at>Alice</at>, not <at>Bob</at>",
        own(),
        person("Alice"),
        person("Bob", who="bob1"),
        person("Bob", who="bob2"),
    )
    assert found.text == "assign @Bob and @Alice, not @Bob"
    assert [each.id for each in found.mentions] == ["29:bob1", "29:alice", "29:bob2"]


def test_a_mention_without_an_entity_is_a_name_and_nobody() -> None:
    assert words("assign <at>Alice</at>") == Cleaned("assign @Alice", ())
    assert words("assign <at>Alice</at>", MentionEntity("", "Alice", "<at>Alice</at>")) == Cleaned("assign @Alice", ())


def test_an_entity_without_a_tag_is_nobody() -> None:
    assert words("assign Alice", person("Alice")) == Cleaned("assign Alice", ())


def test_escaped_text_is_never_a_mention() -> None:
    assert words("note &lt;at&gt;Alice&lt;/at&gt;", person("Alice")) == Cleaned("note <at>Alice</at>", ())
    assert words("note &amp;lt;at&amp;gt;x") == Cleaned("note &lt;at&gt;x", ())


def test_a_name_with_markup_stays_a_name() -> None:
    entity = person("R&D <x>", "<at>R&amp;D &lt;x&gt;</at>", "rd")
    found = words("assign <at>R&amp;D &lt;x&gt;</at> now", entity)
    assert found == Cleaned("assign @R&D <x> now", (Mention("R&D <x>", "29:rd", "object-rd"),))


def test_a_name_is_unescaped_once() -> None:
    assert words("<at>&amp;lt;b&amp;gt;</at> x").text == "@&lt;b&gt; x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("note one\ntwo\n\nthree", "note one\ntwo\n\nthree"),
        ("note one\r\ntwo\rthree", "note one\ntwo\nthree"),
        ("note one\u2028two", "note one\ntwo"),
        ("<at>Incident</at>\nnote x", "note x"),
        ("<p><at>Incident</at> note one</p><p>two<br>three<br/>four</p>", "note one\n\ntwo\nthree\nfour"),
    ],
)
def test_lines_stay_lines(text: str, expected: str) -> None:
    assert words(text, own()).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "declare <b>x</b> is down",
        "declare the <br> tag and <p> are shown",
        "declare <p>half",
        "<p> is a tag",
        "a tag is </p>",
        "declare `code` *bold* [link](http://x)",
        "declare مرحبا بالعالم sev1",
        "declare 👩‍🚒 🔥 down",
        "note נאַקודה\u200f!",
        "note می\u200cخواهم",
        "declare “Checkout” is ‘down’",
        "declare a < b > c & d",
        "incidents are many",
        "status /var/log is full",
        "note @Alice was here",
        "note <at>",
        "note </at>",
        "note <at>open",
        "note <atlas>map</atlas>",
        "note <attention>x</at>",
    ],
)
def test_what_people_type_survives(text: str) -> None:
    assert words(text) == Cleaned(text, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \n\t\u00a0\u200b&nbsp; ", ""),
        ("/", ""),
        ("/incident", ""),
        ("INCIDENT Declare X", "Declare X"),
        ("/ incident declare", "declare"),
        ("//incident declare", "/incident declare"),
        ("incident incident declare", "incident declare"),
        ("incident\u00a0declare", "declare"),
        ("incident\nnote a\nb", "note a\nb"),
        ("\ufeff\u2060declare\u200bx", "declare x"),
        ("ｄｅｃｌａｒｅ ｓｅｖ１", "declare sev1"),
        ("<at></at> declare", "declare"),
        ("<AT>Incident</AT> declare", "declare"),
        ("<at>&nbsp;Incident&nbsp;</at> declare", "declare"),
        ("tom &amp; jerry &#39;x&#39;", "tom & jerry 'x'"),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
    ],
)
def test_edges(text: str, expected: str) -> None:
    assert words(text).text == expected


@pytest.mark.parametrize("bot_id", ["", BOT])
def test_without_a_known_bot_nothing_is_dropped(bot_id: str) -> None:
    found = clean("<at>Alice</at> status", bot_id=bot_id, bot_name="", mentions=[MentionEntity("", "", "")])
    assert found.text == "@Alice status"


@pytest.mark.parametrize(
    "piece", ["<at>", "</at>", "<at ", "<", "&nbsp;", "&", "&#", "<at>x</at>", "/", "\n", "<p>", "x" * 10]
)
def test_a_hundred_thousand_characters_are_no_trouble(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    found = words(text, own(), person("x"))
    assert len(found.text) <= len(text)


@given(st.text(), st.lists(st.tuples(st.text(), st.text(), st.text())))
def test_any_text_has_an_answer(text: str, entities: list[tuple[str, str, str]]) -> None:
    found = clean(text, bot_id=BOT, bot_name="Incident", mentions=[MentionEntity(*each) for each in entities])
    assert found.text == found.text.strip()
    assert clean(text, bot_id=BOT, bot_name="Incident") == clean(text, bot_id=BOT, bot_name="Incident")
