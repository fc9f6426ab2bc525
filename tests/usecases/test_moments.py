"""`moment` and `key` through the whole bot on a real store, and what reads them: reviews, figures, exports."""

import csv
import json
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from bot.commands.moment import earlier
from domain import incident as steps
from domain.effort import IDLE, Burst
from domain.errors import Refused
from domain.moment import Moment
from domain.people import BOT_ID
from domain.timeline import EntryKind, TimelineEntry
from server.api.exports import as_csv, as_json, as_markdown, read
from tests.support.care_desk import CareDesk
from tests.support.rota import said, utc
from tests.support.samples import NOW
from tests.usecases.changer import tell
from usecases.metrics import figures
from usecases.moments import moments_of
from usecases.reviews.content import stretches

NASTY = "=cmd|'/c calc'!A1 <b>x</b> *b* 🔥"


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[CareDesk]:
    made = await CareDesk.opened(database_url)
    await tell(made.rota, "declare Checkout is down sev2 service:checkout")
    made.rota.later(minutes=10)
    await tell(made.rota, "ack INC-1", "lin")
    await tell(made.rota, f"note INC-1 {NASTY}", "grace")
    made.rota.later(minutes=20)
    await tell(made.rota, "resolve INC-1 Rolled back")
    made.rota.later(minutes=30)
    yield made
    await made.db.close()


async def test_a_moment_is_put_right_and_what_was_said_before_is_kept(desk: CareDesk) -> None:
    answer = said(await desk.rota.say("moment INC-1 impact 14:03 customers called", "ada"))
    assert answer == ("Ada Lovelace set the beginning of the impact to 2026-11-23 14:03 UTC: customers called.")
    assert "instead of 2026-11-23 14:03 UTC" in said(
        await desk.rota.say("moment INC-1 impact 2026-11-23 09:08", "grace")
    )
    assert "already" in said(await desk.rota.say("moment INC-1 impact 14:08", "ada"))
    await desk.rota.say("moment INC-1 acknowledged 14:20", "ada")
    every = await desk.rota.see(lambda store: store.moments.all(1))
    assert [(one.moment, one.at.minute) for one in every] == [
        (Moment.IMPACT, 3),
        (Moment.IMPACT, 8),
        (Moment.ACKNOWLEDGED, 20),
    ]
    incident = await desk.rota.see(lambda store: store.incidents.get(1))
    assert incident.acknowledged_at == NOW + timedelta(minutes=10), "what was noted stays"
    entries = await desk.rota.see(lambda store: store.timeline.page(1, limit=100))
    assert [entry.kind for entry in entries].count(EntryKind.TIME_CORRECTED) == 3
    assert "Impact began Mon 2026-11-23 14:08" in said(await desk.rota.say("moment INC-1", "ada"))


async def test_phases_and_figures_follow(desk: CareDesk) -> None:
    await desk.rota.say("moment INC-1 impact 14:08", "ada")
    await desk.rota.say("moment INC-1 mitigated 14:38", "ada")
    incident = await desk.rota.see(lambda store: store.incidents.get(1))
    found = await desk.rota.see(lambda store: stretches(store, incident))
    assert [(str(one.phase), one.length) for one in found] == [
        ("detect", timedelta(minutes=10)),
        ("acknowledge", timedelta(minutes=10)),
        ("assemble", timedelta()),
        ("fix", timedelta(minutes=10)),
    ]
    numbers = await desk.rota.see(lambda store: figures(store, NOW - timedelta(days=1), desk.rota.now))
    assert (numbers.time_to_detect.median, numbers.time_to_mitigate.median) == (600.0, 1_800.0)
    await tell(desk.rota, "reopen INC-1 it is back")
    incident = await desk.rota.see(lambda store: store.incidents.get(1))
    assert (await desk.rota.see(lambda store: moments_of(store, incident))).mitigated_at is None
    desk.rota.later(minutes=40)
    await tell(desk.rota, "resolve INC-1 for good")
    incident = await desk.rota.see(lambda store: store.incidents.get(1))
    again = await desk.rota.see(lambda store: moments_of(store, incident))
    assert again.mitigated_at == desk.rota.now, "what was said of its earlier life does not end this one"
    numbers = await desk.rota.see(lambda store: figures(store, NOW - timedelta(days=1), desk.rota.now))
    assert numbers.time_to_mitigate.median == (desk.rota.now - utc(2026, 11, 23, 14, 8)).total_seconds()


async def test_bad_input_gets_one_sentence(desk: CareDesk) -> None:
    for line, answer in (
        ("moment INC-1 lunch 13:00", "Say which moment you mean: impact, detected"),
        ("moment INC-1 impact", "Say when it was"),
        ("moment INC-1 impact 2027-01-01 10:00", "is still to come"),
        ("moment INC-1 impact 2026-01-01 10:00", "more than 30 days before"),
        ("moment INC-1 acknowledged 13:00", "was declared at"),
        ("moment INC-1 impact 99:99", "is no date and time I can read"),
        ("key INC-1 99", "INC-1 has entries 1 to 4"),
        ("key INC-1 x", "Name the entry by its number"),
    ):
        assert answer in said(await desk.rota.say(line, "ada")), line
    assert await desk.rota.see(lambda store: store.moments.all(1)) == []


async def test_an_open_incident_is_not_mitigated_by_hand(desk: CareDesk) -> None:
    await tell(desk.rota, "declare Search is slow sev3")
    assert "INC-2 is not mitigated yet" in said(await desk.rota.say("moment INC-2 mitigated 15:00", "ada"))


@pytest.mark.parametrize(
    ("text", "zone", "meant"),
    [
        ("14:00", "UTC", utc(2026, 11, 23, 14)),
        ("23:30", "UTC", utc(2026, 11, 22, 23, 30)),
        ("14:00", "Asia/Kolkata", utc(2026, 11, 23, 8, 30)),
        ("20 min ago", "UTC", NOW - timedelta(minutes=20)),
        ("2026-11-20T10:00Z", "Asia/Kolkata", utc(2026, 11, 20, 10)),
    ],
)
def test_a_time_alone_is_the_last_one(text: str, zone: str, meant: datetime) -> None:
    assert earlier(text, zone, NOW) == meant


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(Refused):
        earlier("25:00", "UTC", NOW)


async def test_key_moments_stand_in_front_in_the_exports(desk: CareDesk) -> None:
    assert said(await desk.rota.say("key INC-1 3", "ada")) == "Entry 3 of INC-1 is a key moment."
    assert "already" in said(await desk.rota.say("key INC-1 3", "ada"))
    whole = await desk.rota.see(lambda store: read(store, 1))
    rows = [*csv.DictReader(StringIO(as_csv(whole).decode("utf-8-sig")))]
    assert [row["key"] for row in rows] == ["False", "False", "True", "False"]
    assert rows[2]["text"] == f"'{NASTY}", "no spreadsheet takes it for a formula"
    items = json.loads(as_json(whole))["items"]
    assert (items[2]["text"], items[2]["key"]) == (NASTY, True)
    lines = as_markdown(whole).decode().splitlines()
    assert lines[4] == (
        "- 2026-11-23T14:28:00.000Z ★ Grace Hopper noted: =cmd\\|'/c calc'!A1 \\<b\\>x\\</b\\> \\*b\\* 🔥"
    )
    await desk.rota.say("key INC-1 3 off", "ada")
    assert await desk.rota.see(lambda store: store.moments.keys(1)) == set()


async def test_the_work_of_all_and_the_moment_both_sides_joined_are_estimated(desk: CareDesk) -> None:
    numbers = await desk.rota.see(lambda store: figures(store, NOW - timedelta(days=1), desk.rota.now))
    # Ada at the beginning and, 30 minutes later, at the end; Lin and Grace once each.
    assert (numbers.work.hours, numbers.work.reactive.n) == (0.7, 1)
    assert numbers.work.both_sides.median == 600.0, "Lin operates, and joined after ten minutes"
    assert numbers.work.reactive.percent is None, "no team of this organisation has said its capacity"
    long = await desk.rota.see(lambda store: figures(store, NOW - timedelta(days=40), desk.rota.now))
    assert long.work.hours is None


async def test_bursts_are_what_a_look_at_every_entry_gives(database_url: str) -> None:
    """The database cuts them; here every entry is looked at, on hundreds of incidents made at random."""
    chance = random.Random(4)
    desk = await CareDesk.opened(database_url)
    people = [desk.rota.people[name].id for name in ("ada", "grace", "lin")]
    entries: list[TimelineEntry] = []

    def fill(store: Any) -> None:
        for number in range(1, 101):
            declared = steps.declare(title="x", severity=3, services=(), declared_by=people[0], at=NOW)
            assert store.incidents.add(declared.incident).id == number
            at = NOW
            for seq in range(1, chance.randint(2, 25)):
                at += chance.choice((timedelta(seconds=7), timedelta(minutes=12), IDLE, IDLE + timedelta(seconds=1)))
                actor = chance.choice((*people, BOT_ID))
                entry = TimelineEntry(incident_id=number, seq=seq, at=at, kind=EntryKind.NOTE, actor=actor, text="x")
                entries.append(entry)
                store.timeline.append(entry)

    await desk.rota.change(fill)
    expected: list[Burst] = []
    for entry in (entry for entry in entries if entry.actor != BOT_ID):
        last = next((b for b in reversed(expected) if (b.incident, b.person) == (entry.incident_id, entry.actor)), None)
        if last is not None and entry.at - last.ends <= IDLE:
            expected[expected.index(last)] = Burst(last.incident, last.person, last.begins, entry.at)
        else:
            expected.append(Burst(entry.incident_id, entry.actor, entry.at, entry.at))
    window = (NOW - timedelta(days=1), NOW + timedelta(days=1))
    found = await desk.rota.see(lambda store: store.metrics.bursts(*window, None))
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    some = await desk.rota.see(lambda store: store.metrics.bursts_in([3, 5]))
    assert sorted(some, key=repr) == sorted((b for b in expected if b.incident in (3, 5)), key=repr)
    await desk.db.close()
