import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.cards import kit
from tests.support.markdown import read
from tests.support.samples import NOW, ago

# -- people's words -----------------------------------------------------------------------------------------------

PIECES = [
    *"\\*_[]()<>&`#-+.!~|=1a é🔥;:/@'\"",
    *("\n", "\r", "\r\n", "\n\n", "  ", "\t", "\u200b", "\u202e", "\u00a0"),
    *("**", "__", "***", "](", "[a](https://e.example)", "![", "```", "1. ", "- ", "> ", "# ", "10.0.0.7"),
    *("<at>", "</at>", "<at id='1'>", "<b>", "<!--", "<script>", "<https://e.example>", "https://e.example/_a_"),
    *("&lt;", "&amp;", "&#60;", "&#x3c;", "&lt", "&", "&nbsp;", "&copy;", "&amp;lt;at&amp;gt;", "\\&lt;", "a_b", "é_"),
]
nasty = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)
anything = st.one_of(nasty, st.text(max_size=80))


def without_blanks(text: str) -> str:
    return text.replace("\u200b", "")


@given(anything)
@example("**bold** _italic_ [link](https://e.example) <at>Ada</at> `code`")
@example("# heading\n- list\n1. list\n> quote\n+ list\n* list")
@example("&lt;at&gt;Ada&lt;/at&gt; &#42;&#42;bold&#42;&#42;")
@example("\\*not escaped\\*")
@example("a\\")
@example("_a_b_ __init__ snake_case_name")
def test_no_words_of_a_person_become_markdown_or_a_mention(text: str) -> None:
    seen = read(kit.plain(text))
    assert seen.alive == []
    assert without_blanks(seen.text) == without_blanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.7 does not answer",
        "first line\n10.0.0.7:5432 refuses",
        "3.14 is not 4",
        "-5 degrees",
        "snake_case_name and __init__.py",
        "a < b && c > d",
        "50% of *all* pods",
        "C:\\temp\\new",
        "кнопка «Купить» не работает",
        "הקופה נפלה",
        "👩‍🚒 on it",
        "2026-11-23 14:02",
    ],
)
def test_what_is_copied_from_a_card_is_what_was_typed(text: str) -> None:
    assert read(kit.plain(text)).text == text


def test_a_list_that_a_form_sends_with_old_line_ends_stays_text() -> None:
    assert read(kit.plain("steps:\r- one\r1. two")).alive == []


def test_words_without_marks_are_left_alone() -> None:
    for text in ("Checkout is down", "it's 14:02, isn't it?", "a-b, c+d, e#f", "naïve — “quoted” …"):
        assert kit.plain(text) == text


@given(anything)
def test_a_notification_names_nobody_and_changes_nothing_else(text: str) -> None:
    said = kit.unmarked(text)
    assert "<at>" not in said.lower()
    assert "</at" not in said.lower()
    assert without_blanks(said) == without_blanks(text)


@given(st.text(max_size=60), st.integers(2, 40))
def test_shortening_keeps_the_limit_and_says_so(text: str, limit: int) -> None:
    short = kit.shortened(text, limit)
    assert len(short) <= limit
    if len(text) <= limit:
        assert short == text
    else:
        assert short.endswith("…")
        assert text.startswith(short[:-1])


# -- cards --------------------------------------------------------------------------------------------------------


def test_a_card_speaks_names_nobody_and_keeps_within_1_5() -> None:
    made = kit.card([kit.block("x")], speak="<at>Ada</at> INC-1", actions=[kit.execute("Go", "go", {})], wide=True)
    assert (made["version"], made["msteams"]) == ("1.5", {"width": "Full"})
    assert made["speak"] == made["fallbackText"]
    assert "<at>" not in made["speak"]
    bare = kit.card([kit.block("x")], speak="x")
    assert "actions" not in bare
    assert "msteams" not in bare


def test_a_message_with_a_card_has_a_notification_text_and_one_without_is_plain() -> None:
    card = kit.sentence_card("*hi*")
    with_card = kit.message("hi <at>x</at>", card)
    assert with_card["attachments"] == [{"contentType": kit.MIME, "content": card}]
    assert "<at>" not in with_card["summary"]
    assert kit.message("*hi*") == {"type": "message", "textFormat": "plain", "text": "*hi*"}
    assert card["body"][0]["text"] == "\\*hi\\*"


def test_a_button_keeps_a_copy_of_its_data() -> None:
    data = {"incident": 1}
    made = kit.execute("Go", "go", data)
    data["incident"] = 2
    assert made["data"] == {"incident": 1}


@given(anything)
@example("🔥" * 10)
@example("\x01\x02")
def test_the_weight_is_what_teams_counts(text: str) -> None:
    made = kit.block(text)
    encoded = json.dumps(made, separators=(",", ":"), ensure_ascii=False).encode("utf-16-le", "surrogatepass")
    assert kit.weight(made) == len(encoded)


# -- times --------------------------------------------------------------------------------------------------------

SPANS = {
    -5: "0 s",
    0: "0 s",
    59.9: "59 s",
    60: "1 min",
    3_599: "59 min",
    3_600: "1 h",
    3_660: "1 h 1 min",
    86_399: "23 h 59 min",
    86_400: "1 d",
    90_000: "1 d 1 h",
    86_400 * 400: "400 d",
}


@pytest.mark.parametrize("seconds", SPANS)
def test_a_length_of_time_is_written_as_people_say_it(seconds: float) -> None:
    assert kit.span(seconds) == SPANS[seconds]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


MOMENTS = [
    # today, for everybody and for one reader
    (NOW, None, NOW, "14:18 UTC"),
    (NOW, "UTC", NOW, "14:18 UTC"),
    (NOW, "Europe/Berlin", NOW, "15:18 Berlin (14:18 UTC)"),
    (NOW, "America/New_York", NOW, "09:18 New York (14:18 UTC)"),
    (NOW, "Asia/Kolkata", NOW, "19:48 Kolkata (14:18 UTC)"),
    (NOW, "America/Argentina/Buenos_Aires", NOW, "11:18 Buenos Aires (14:18 UTC)"),
    (NOW, "Europe/London", NOW, "14:18 UTC"),
    (utc(2026, 7, 1, 9), "Europe/London", utc(2026, 7, 1, 10), "10:00 London (09:00 UTC)"),
    # another day: in UTC, in the reader's zone, or in one of them only
    (ago(days=1), None, NOW, "2026-11-22 14:18 UTC"),
    (ago(days=1), "Europe/Berlin", NOW, "2026-11-22 15:18 Berlin (2026-11-22 14:18 UTC)"),
    (utc(2026, 11, 23, 0, 30), "America/New_York", NOW, "2026-11-22 19:30 New York (00:30 UTC)"),
    (utc(2026, 11, 22, 20, 0), "Asia/Kolkata", NOW, "01:30 Kolkata (2026-11-22 20:00 UTC)"),
    # the night clocks change in Berlin: 03:00 becomes 02:00 on 25 October, 02:00 becomes 03:00 on 29 March
    (utc(2026, 10, 25, 0, 30), "Europe/Berlin", utc(2026, 10, 25, 6), "02:30 Berlin (00:30 UTC)"),
    (utc(2026, 10, 25, 1, 30), "Europe/Berlin", utc(2026, 10, 25, 6), "02:30 Berlin (01:30 UTC)"),
    (utc(2026, 3, 29, 0, 59), "Europe/Berlin", utc(2026, 3, 29, 6), "01:59 Berlin (00:59 UTC)"),
    (utc(2026, 3, 29, 1, 0), "Europe/Berlin", utc(2026, 3, 29, 6), "03:00 Berlin (01:00 UTC)"),
]


@pytest.mark.parametrize(("at", "zone", "now", "written"), MOMENTS)
def test_a_moment_is_in_utc_and_in_the_readers_zone(
    at: datetime, zone: str | None, now: datetime, written: str
) -> None:
    assert kit.moment(at, zone, now) == written


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware
    st.timedeltas(timedelta(0), timedelta(days=3)),
    st.sampled_from(["Europe/London", "Asia/Kolkata", "Pacific/Apia", "America/St_Johns", "Australia/Lord_Howe"]),
)
def test_every_written_moment_has_the_local_and_the_utc_clock(at: datetime, later: timedelta, zone: str) -> None:
    written = kit.moment(at, zone, at + later)
    if not at.astimezone(ZoneInfo(zone)).utcoffset():
        assert written == kit.moment(at, None, at + later)
        return
    local, _, universal = written.partition(" (")
    assert f"{at.astimezone(ZoneInfo(zone)):%H:%M}" in local
    assert f"{at:%H:%M} UTC)" in universal
    assert (f"{at:%Y-%m-%d}" in universal) == ((at + later).date() != at.date())
