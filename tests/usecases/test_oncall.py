"""`oncall` through the whole bot on a real store: who, until when, who is next, on both sides."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.catalog import Service, Side, Team
from domain.escalation import EscalationPolicy, Step, parse_target
from domain.handoff import Handoff
from domain.oncall import Override
from storage.database import Database
from tests.support.rota import (
    CREW,
    OPS,
    PLATFORM,
    PRIMARY,
    Rota,
    buttons,
    card_of,
    lines,
    mention,
    ops,
    organisation,
    primary,
    said,
    texts,
    utc,
)
from tests.support.samples import GRACE, NOW
from usecases.oncall_ports import Feed
from usecases.shift_windows import coming_shifts


@pytest.fixture
async def rota(db: Database) -> AsyncIterator[Rota]:
    return await Rota.made(db)


async def seen(rota: Rota, typed: str, who: str = "ada", **more: Any) -> str:
    """Write `oncall …` and read the card."""
    return texts(card_of(await rota.say(typed, who, **more))["body"])


def after(shown: str, word: str) -> list[str]:
    """The two lines of a schedule: who, and until when."""
    told = lines(shown)
    at = told.index(word)
    return told[at + 1 : at + 3]


# -- everything -----------------------------------------------------------------------------------------------------


async def test_alone_it_shows_all_schedules_by_side_with_the_readers_teams_first(rota: Rota) -> None:
    for_ada, for_lin = lines(await seen(rota, "oncall")), lines(await seen(rota, "oncall", "lin"))
    heads = [line for line in for_ada if line.startswith("**") and "·" in line]
    assert heads == [
        "**Engineering**  ·  Payments  ·  your team",
        "**Operations**  ·  IT Operations",
        "**Platform**  ·  Platform",
    ]
    assert next(line for line in for_lin if "·" in line) == "**Operations**  ·  IT Operations  ·  your team"


async def test_each_schedule_says_who_until_when_and_who_is_next_in_the_readers_zone(rota: Rota) -> None:
    assert after(await seen(rota, "oncall", "lin"), PRIMARY) == [
        "**Grace Hopper**",
        "Until Mon 2026-11-30 14:30 Kolkata (09:00 UTC), then Ada Lovelace",
    ]
    assert after(await seen(rota, "oncall", "grace"), PRIMARY)[1].startswith("Until Mon 2026-11-30 04:00 New York (09")


async def test_where_others_read_along_it_is_utc_alone(rota: Rota) -> None:
    shown = await seen(rota, "oncall", "lin", chat="groupChat")
    assert after(shown, PRIMARY)[1] == "Until Mon 2026-11-30 09:00 UTC, then Ada Lovelace"
    assert "Kolkata" not in shown


async def test_asked_privately_it_is_answered_privately(rota: Rota) -> None:
    await rota.say("oncall", "lin", chat="groupChat", private=True)
    assert (await rota.outbox())[-1]["to"] == "29:lin"


async def test_a_gap_is_said_with_its_end_and_who_comes_then(rota: Rota) -> None:
    assert after(await seen(rota, "oncall", "lin"), OPS) == [
        "⚠ **Nobody on call**",
        "Until Tue 2026-11-24 09:00 Kolkata (03:30 UTC), then Lin Wei 林薇",
    ]


async def test_a_gap_that_comes_is_said_too(rota: Rota) -> None:
    rota.now = utc(2026, 11, 27, 10)  # Friday
    assert after(await seen(rota, "oncall", "lin"), OPS) == [
        "**Lin Wei 林薇**",
        (
            "Until Fri 2026-11-27 18:00 Kolkata (12:30 UTC), "
            "then ⚠ nobody until Mon 2026-11-30 09:00 Kolkata (03:30 UTC), then Lin Wei 林薇"
        ),
    ]


async def test_shifts_in_a_row_of_one_person_are_one_and_who_has_all_is_said_to_have_them(rota: Rota) -> None:
    assert after(await seen(rota, "oncall"), PLATFORM) == [
        "**Zoë Ångström**",
        "Until at least Mon 2027-02-22 08:00 London (08:00 UTC)",
    ]


async def test_at_the_second_of_the_handoff_the_next_one_is_on_call(rota: Rota) -> None:
    rota.now = utc(2026, 11, 30, 9) - timedelta(microseconds=1)
    assert after(await seen(rota, "oncall"), PRIMARY)[0] == "**Grace Hopper**"
    rota.now = utc(2026, 11, 30, 9)
    assert after(await seen(rota, "oncall"), PRIMARY)[0] == "**Ada Lovelace**"


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        (utc(2027, 3, 24, 9), "Mon 2027-03-29 09:00 London (08:00 UTC)"),  # forward on 28 March
        (utc(2027, 10, 28, 9), "Mon 2027-11-01 09:00 London (09:00 UTC)"),  # back on 31 October
    ],
)
async def test_the_handoff_keeps_its_hour_when_the_clocks_change(rota: Rota, now: datetime, ends: str) -> None:
    rota.now = now
    assert ends in after(await seen(rota, "oncall"), PRIMARY)[1]


async def test_an_override_is_marked_and_the_schedule_goes_on_after_it(db: Database) -> None:
    override = Override(person="lin", starts_at=utc(2026, 11, 23, 12), ends_at=utc(2026, 11, 23, 18))
    rota = await Rota.made(db, primary(override))
    assert after(await seen(rota, "oncall"), PRIMARY) == [
        "**Lin Wei 林薇**  ·  override",
        "Until Mon 2026-11-23 18:00 London (18:00 UTC), then Grace Hopper",
    ]


async def test_without_schedules_it_says_so(db: Database) -> None:
    rota = await Rota.made(db, people=CREW, services=(), escalation_policies=(), schedules=())
    answer = await rota.say("oncall")
    assert "There are no schedules" in said(answer)
    assert buttons(card_of(answer)) == {}


async def test_a_schedule_without_anybody_is_a_gap_without_an_end(db: Database) -> None:
    rota = await Rota.made(db, primary(rotations=()))
    assert after(await seen(rota, "oncall checkout"), PRIMARY) == ["⚠ **Nobody on call**", "With no change planned"]


# -- one word ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["oncall checkout", "oncall CheckOut", "oncall service:checkout", "on-call “checkout”"]
)
async def test_a_service_shows_both_sides_and_whom_its_policy_pages(rota: Rota, typed: str) -> None:
    told = lines(await seen(rota, typed))
    assert told[0] == "On call for Checkout"
    assert [line for line in told if "·" in line] == [
        "**Engineering**  ·  Payments",
        "**Operations**  ·  IT Operations",
        "**Platform**  ·  Platform  ·  paged by the escalation policy",
    ]
    assert told.count(PRIMARY) == 1


async def test_policies_of_single_severities_count_and_a_side_without_a_schedule_is_said(db: Database) -> None:
    calm = EscalationPolicy(
        id="calm", steps=(Step(notify=(parse_target(f"schedule:{PLATFORM}"),), wait=timedelta(minutes=5)),)
    )
    loud = EscalationPolicy(
        id="loud",
        steps=(Step(notify=(parse_target("person:ada"),), wait=timedelta(minutes=5)),),
        last_resort=parse_target(f"schedule:{OPS}"),
    )
    service = Service(
        id="search", name="Search", owner="empty", escalation_policy="loud", severity_policies={4: "calm"}
    )
    made = organisation(services=(service,), escalation_policies=(calm, loud))
    teams = (*made.teams, Team(id="empty", name="Search team", side=Side.ENGINEERING))
    rota = await Rota.made(db, services=(service,), escalation_policies=(calm, loud), teams=teams)
    told = lines(await seen(rota, "oncall search"))
    assert "⚠ No schedule: nobody can be on call here." in told
    assert [line for line in told if line in (PRIMARY, OPS, PLATFORM)] == [OPS, PLATFORM]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("oncall team:payments", "On call in Payments"),
        ("oncall IT-OPS", "On call in IT Operations"),
        ("oncall it  operations", "On call in IT Operations"),
        ("oncall Payments-Primary", "On call on payments-primary"),
        ("oncall schedule:payments-primary", "On call on payments-primary"),
        ("oncall build pipeline", "On call for Build pipeline"),
        ("oncall lin", "Lin Wei 林薇"),
        ("oncall @lin", "Lin Wei 林薇"),
        ("oncall @Lin Wei 林薇", "Lin Wei 林薇"),
        ("oncall zoë ångström", "Zoë Ångström"),
        ("oncall me", "Ada Lovelace"),
        ("oncall person:grace", "Grace Hopper"),
    ],
)
async def test_an_id_or_a_name_is_enough_in_any_case(rota: Rota, typed: str, title: str) -> None:
    assert lines(await seen(rota, typed))[0] == title


async def test_of_a_service_and_a_team_with_one_id_the_service_is_shown_and_the_other_named(rota: Rota) -> None:
    shown = await seen(rota, "oncall platform")
    assert "On call for Build pipeline" in shown
    assert "There is also a team of that name: write \\`oncall team:platform\\`." in shown


async def test_a_mention_means_the_person(rota: Rota) -> None:
    text = "oncall <at>Grace Hopper</at>"
    shown = await seen(rota, text, mentions=(mention("Grace Hopper", rota.people["grace"]),))
    assert lines(shown)[0] == "Grace Hopper"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("chekout", "`checkout`"),
        ("paymnts", "`payments`"),
        ("@grase", "`@grace`"),
        ("Grace Hoper", "`@grace`"),
        ("team:payment", "`payments`"),
        ("schedule:payments-primery", "`payments-primary`"),
    ],
)
async def test_an_unknown_word_names_the_nearest(rota: Rota, typed: str, meant: str) -> None:
    answer = said(await rota.say(f"oncall {typed}"))
    assert f"“{typed.partition(':')[2] or typed}”" in answer
    assert meant in answer
    assert answer.endswith("?")


async def test_a_word_far_from_everything_is_one_sentence(rota: Rota) -> None:
    answer = said(await rota.say("oncall " + "qqq " * 2_000))
    assert answer.endswith("Write `oncall` to see all schedules.")
    assert len(answer) < 200


async def test_namesakes_are_told_apart(db: Database) -> None:
    rota = await Rota.made(db, people=(*CREW, replace(GRACE, handle="grace2", object_id=None)))
    answer = said(await rota.say("oncall grace hopper"))
    assert "`@grace`" in answer or "`@grace2`" in answer


# -- a person ---------------------------------------------------------------------------------------------------------


async def test_a_person_has_where_they_are_on_call_and_their_next_three_shifts(rota: Rota) -> None:
    told = lines(await seen(rota, "oncall @grace", "lin"))
    assert told[1:4] == [
        PRIMARY,
        "**On call now**",
        "Until Mon 2026-11-30 14:30 Kolkata (09:00 UTC), then Ada Lovelace",
    ]
    assert told[5:11:2] == [PRIMARY] * 3
    assert [line[:14] for line in told[6:12:2]] == ["Mon 2026-12-07", "Mon 2026-12-21", "Mon 2027-01-04"]


async def test_shifts_of_all_schedules_come_in_their_order(db: Database) -> None:
    evening = Override(person="lin", starts_at=utc(2026, 11, 24, 20), ends_at=utc(2026, 11, 24, 22))
    rota = await Rota.made(db, primary(evening), ops())
    told = lines(await seen(rota, "oncall @lin", "lin"))
    assert told[1] == "Not on call now."
    assert [line for line in told if line.startswith((PRIMARY, OPS))] == [OPS, f"{PRIMARY}  ·  override", OPS]
    assert "Swap" in buttons(card_of(await rota.say("oncall me", "lin")))
    assert "Swap" not in buttons(card_of(await rota.say("oncall @lin", "ada")))


async def test_somebody_without_shifts_has_none_planned(rota: Rota) -> None:
    assert lines(await seen(rota, "oncall @ben"))[1:3] == ["Not on call now.", "No shift is planned."]


async def test_a_shift_far_ahead_is_whole(db: Database) -> None:
    late = Override(person="ben", starts_at=utc(2027, 1, 20), ends_at=utc(2027, 1, 25))
    rota = await Rota.made(db, primary(late))
    assert "Wed 2027-01-20 00:00 – Mon 2027-01-25 00:00" in await seen(rota, "oncall @ben")


def test_a_shift_at_the_edge_of_what_is_looked_at_is_not_cut() -> None:
    edge = Override(person="ben", starts_at=NOW + timedelta(days=7), ends_at=NOW + timedelta(days=9))
    again = Override(person="ben", starts_at=NOW + timedelta(days=390), ends_at=NOW + timedelta(days=420))
    found = coming_shifts([primary(edge, again)], "ben", NOW)
    assert [(shift.starts_at, shift.ends_at) for shift in found] == [
        (edge.starts_at, edge.ends_at),
        (again.starts_at, again.ends_at),
    ]


# -- who is paged, and where it comes from ----------------------------------------------------------------------------


async def handed(rota: Rota, **more: Any) -> None:
    """Let the shift have changed to Ada, and nobody have accepted it."""
    rota.now = utc(2026, 11, 30, 9, 10)
    offer = Handoff(
        id=0,
        schedule=PRIMARY,
        outgoing=rota.people["grace"].id,
        incoming=rota.people["ada"].id,
        boundary_at=utc(2026, 11, 30, 9),
        **more,
    )
    await rota.change(lambda store: store.handoffs.add(offer))


async def test_while_a_handoff_is_not_accepted_it_says_who_is_still_paged(rota: Rota) -> None:
    await handed(rota)
    answer = await rota.say("oncall checkout")
    shown = texts(card_of(answer)["body"])
    assert after(shown, PRIMARY)[0] == "**Ada Lovelace**"
    assert "⚠ Grace Hopper is still paged: the handoff is not accepted yet." in shown
    assert "(Grace Hopper is still paged)" in said(answer)


async def test_half_an_hour_later_the_schedule_decides(rota: Rota) -> None:
    await handed(rota)
    rota.now = utc(2026, 11, 30, 9, 30)
    assert "still paged" not in await seen(rota, "oncall checkout")


async def test_an_outside_calendar_is_named_and_its_trouble_said(db: Database) -> None:
    calendar = primary(rotations=(), calendar="https://calendar.example.org/p.ics")
    rota = await Rota.made(db, calendar)
    feed = Feed(
        schedule=PRIMARY, url=str(calendar.calendar), good_at=utc(2026, 11, 20, 8), error="It answered 404 *x*."
    )
    await rota.change(lambda store: store.feeds.put(feed))
    shown = await seen(rota, "oncall checkout")
    assert "⚠ Its calendar was last read Fri 2026-11-20 08:00 London (08:00 UTC). It answered 404 \\*x\\*." in shown


async def test_somebody_the_schedule_names_but_who_left_is_marked(rota: Rota) -> None:
    def leave(store: Any) -> None:
        grace = store.people.by_handle("grace")
        store.people.save(replace(grace, active=False))

    await rota.change(leave)
    assert (
        after(await seen(rota, "oncall checkout"), PRIMARY)[0] == "**Grace Hopper (not in the organisation any more)**"
    )
