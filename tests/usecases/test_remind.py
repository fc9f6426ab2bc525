"""`remind`: what people may choose about the reminders of an incident."""

from datetime import timedelta

import pytest

from bot.commands.remind import wanted
from domain.errors import Refused
from domain.timeline import EntryKind
from tests.usecases.conftest import Desk
from tests.usecases.test_commands import said, write
from tests.usecases.test_reminders import deadlines, declare, kinds, note, resolve, texts
from tests.usecases.watch import Watch


@pytest.fixture
def watch(desk: Desk) -> Watch:
    return Watch(desk)


async def test_reminders_are_switched_off_and_on_by_command(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 3)
    assert said(await write(desk, "remind INC-1 off")) == "Nobody is reminded to update INC-1."
    assert await kinds(desk, number) == ["reminder.budget:1"]
    assert said(await write(desk, "remind INC-1 OFF")) == "Nobody is reminded to update INC-1."
    found = await deadlines(desk, number)
    assert found
    assert found.update_by is None
    await watch.passes(minutes=58)
    assert said(await write(desk, "remind INC-1 on", desk.grace)) == (
        "INC-1 wants an update every 1 h, the next one by 15:18 UTC."
    )
    await watch.passes(minutes=2)
    assert len(await texts(desk, "update")) == 1  # the first reminder's moment had passed, the deadline had not
    story = (await desk.story(number))[1:]
    assert [(entry.kind, entry.text, entry.actor) for entry in story] == [
        (EntryKind.REMINDED, "Ada Lovelace switched the reminders to update off.", desk.ada.id),
        (EntryKind.REMINDED, "Grace Hopper switched the reminders to update on.", desk.grace.id),
    ]


async def test_an_interval_of_its_own_counts_from_the_last_update(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 3)
    await watch.passes(minutes=4)
    answer = said(await write(desk, "remind INC-1 every 12 min"))
    assert answer == "INC-1 wants an update every 12 min, the next one by 14:30 UTC."
    await watch.passes(minutes=6)
    assert await texts(desk, "wants an update by 14:30 UTC")
    entry = (await desk.story(number))[-1]
    assert (entry.text, entry.data) == (
        "Ada Lovelace asked for an update every 12 min.",
        {"reminders": "every", "seconds": 720},
    )
    await desk.do(lambda i: i.change_severity(desk.ada, number, 1, desk.trail()))
    found = await deadlines(desk, number)
    assert found
    assert found.update_by == desk.now + timedelta(minutes=12)


async def test_an_interval_that_is_over_already_is_said_by_the_answer_alone(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 3)
    await watch.passes(minutes=20)
    answer = said(await write(desk, "remind #1 every 10m"))
    assert answer == "INC-1 wants an update every 10 min, overdue since 14:28 UTC."
    await watch.passes(minutes=30)
    assert await texts(desk, "update") == []
    await note(desk, number)
    await watch.passes(minutes=10)
    assert len(await texts(desk, "update")) == 2


async def test_a_severity_without_reminders_wants_to_know_how_often(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 4)
    with pytest.raises(
        Refused, match="Severity 4 has no reminders to update: say how often, as in `remind INC-1 every"
    ):
        await write(desk, "remind INC-1 on")
    await write(desk, "remind INC-1 every 1h")
    await watch.passes(hours=1)
    assert len(await texts(desk)) == 2
    assert await kinds(desk, number) == []


async def test_remind_without_a_word_tells_how_it_is(desk: Desk) -> None:
    await declare(desk, 3)
    assert said(await write(desk, "remind INC-1")) == "INC-1 wants an update every 1 h, the next one by 15:18 UTC."
    assert said(await write(desk, "remind inc1 every hour")) == (
        "INC-1 wants an update every 1 h, the next one by 15:18 UTC."
    )
    await resolve(desk, 1)
    assert said(await write(desk, "remind INC-1")) == "Nobody is reminded to update INC-1."
    with pytest.raises(Refused, match="to change the reminders of it, first write `reopen INC-1`"):
        await write(desk, "remind INC-1 on")
    with pytest.raises(Refused, match="first write `reopen INC-1`"):
        await write(desk, "remind INC-1 every 5m")


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("every 15m", 15),
        ("every 15 min", 15),
        ("EVERY  90 Minutes", 90),
        ("every PT15M", 15),
        ("every pt1h30m", 90),
        ("every 1h30m", 90),
        ("every 1 h 30 min", 90),
        ("every 1 hour, 5 minutes", 65),
        ("every hour", 60),
        ("every 2 days", 2880),
        ("every 30s", 0.5),
        ("“every 5m”", 5),
        ("every\u00a020\u00a0m", 20),
    ],
)
def test_lengths_of_time_are_read_as_people_write_them(words: str, minutes: float) -> None:
    assert wanted(words) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("every", "“every” says nothing about reminders: write `off`, `on`, or how often, as in `every 15m`."),
        ("maybe later", "“maybe later” says nothing about reminders"),
        ("off please", "“off please” says nothing about reminders"),
        ("15m", "“15m” says nothing about reminders"),
        ("every now and then", "“now and then” is no length of time: write it like 15m, 90 min, 1h or PT15M."),
        ("every 0m", "“0m” is no length of time"),
        ("every -5m", "“-5m” is no length of time"),
        ("every 5", "“5” is no length of time"),
        ("every 5 m x", "“5 m x” is no length of time"),
        ("every m5", "“m5” is no length of time"),
        ("every 1.5h", "“1.5h” is no length of time"),
        ("every 999999999d", "“999999999d” is no length of time"),
        ("every P1M", '"P1M" counts months or years, which have no fixed length'),
        ("every PT0S", '"PT0S" is no time at all'),
        ("every " + "x" * 5_000, "is no length of time"),
    ],
)
def test_what_is_no_length_of_time_is_refused_in_a_sentence(words: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        wanted(words)
    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 250


async def test_more_than_a_week_is_refused(desk: Desk) -> None:
    await declare(desk, 3)
    with pytest.raises(Refused, match="more than seven days apart need no reminder"):
        await write(desk, "remind INC-1 every 8 days")
