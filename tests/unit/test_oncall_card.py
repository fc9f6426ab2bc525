"""What the cards of on-call, overrides and swaps offer to whom, and what they say. How they look is in tests/golden."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.oncall import oncall_card, words_in
from bot.cards.override import number_in
from domain.errors import Refused
from domain.people import Person
from domain.shifts import ShiftSource
from domain.swap import SwapState
from tests.golden.oncall_cards import (
    BEGINS,
    CREW,
    NASTY,
    OPS,
    PLATFORM,
    PRIMARY,
    TEAMS,
    WIDE,
    ZOE,
    looked_up,
    made,
    shelf,
    swapped,
)
from tests.support.markdown import read
from tests.support.rota import texts
from tests.support.samples import ADA, GRACE, LIN, NOW, person
from usecases.oncall import Group, OnCallView, Row, Stretch


def card(activity: dict[str, Any]) -> dict[str, Any]:
    return activity["attachments"][0]["content"]


def titles(activity: dict[str, Any]) -> list[str]:
    return [action["title"] for action in card(activity).get("actions", ())]


# -- what is offered --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reader", "offered"), [(LIN, ["Decline"]), (ADA, ["Decline"]), (GRACE, ["Take back"]), (ZOE, [])]
)
def test_an_override_can_be_undone_by_its_people_and_its_maker(reader: Person, offered: list[str]) -> None:
    assert titles(made(reader)) == offered
    assert titles(made(reader, now=BEGINS - timedelta(microseconds=1))) == offered
    assert titles(made(reader, now=BEGINS)) == []


@pytest.mark.parametrize(
    ("reader", "state", "stale", "offered"),
    [
        (GRACE, SwapState.ASKED, "", ["Accept swap", "Decline"]),
        (GRACE, SwapState.ASKED, "It has begun.", ["Decline"]),
        (ADA, SwapState.ASKED, "", ["Withdraw"]),
        *((reader, state, "", []) for reader in (ADA, GRACE) for state in SwapState if state is not SwapState.ASKED),
    ],
)
def test_a_swap_offers_what_makes_sense_now(reader: Person, state: SwapState, stale: str, offered: list[str]) -> None:
    assert titles(swapped(reader, state, stale=stale)) == offered


def test_only_a_reader_whom_teams_can_refresh_for_is_named() -> None:
    assert card(made(LIN))["refresh"]["userIds"] == [LIN.channel_user_id]
    unseen = person(3, "Lin Wei", handle="lin", channel_user_id=None)
    assert "refresh" not in card(made(unseen))
    assert "refresh" not in card(swapped(GRACE, SwapState.ACCEPTED))


def test_swap_is_offered_to_whoever_has_a_shift_to_give() -> None:
    assert titles(looked_up("@lin", LIN)) == ["Swap"]
    assert titles(looked_up("@lin", ADA)) == titles(looked_up("@zoe", ZOE)) == []
    assert titles(looked_up("payments", ADA)) == ["Override", "Swap"]


# -- what is said -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", CREW, ids=lambda p: p.handle)
def test_every_time_names_its_zone_and_utc(reader: Person) -> None:
    for activity in (looked_up("payments", reader), made(reader), swapped(reader)):
        shown = texts(card(activity)["body"])
        city = reader.time_zone.rpartition("/")[2].replace("_", " ")
        assert city in shown
        assert "UTC)" in shown
        assert city in activity["summary"]


def test_for_everybody_only_utc_is_said() -> None:
    shown = looked_up(reader=LIN, zone=None)
    assert "Kolkata" not in str(shown)
    assert "09:00 UTC" in shown["summary"]


def test_both_sides_are_named_and_a_gap_has_a_sign_and_words() -> None:
    shown = texts(card(looked_up("checkout"))["body"])
    assert "**Engineering**" in shown
    assert "**Operations**" in shown
    assert "⚠ **Nobody on call**" in shown


def row(stretch: Stretch, *following: Stretch, **more: Any) -> Row:
    given: dict[str, Any] = {"schedule": PRIMARY, "team": TEAMS[0], "still_paged": None}
    return Row(**{**given, "current": stretch, "following": following, **more})


def stretch(who: Person | None, hours: float | None = 1, **more: Any) -> Stretch:
    given: dict[str, Any] = {
        "handle": who.handle if who else None,
        "person": who,
        "starts_at": NOW,
        "ends_at": NOW + timedelta(hours=hours) if hours is not None else None,
        "source": ShiftSource.ROTATION if who else ShiftSource.NOBODY,
    }
    return Stretch(**{**given, **more})


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        (row(stretch(ADA), stretch(GRACE, 5)), "Until Mon 2026-11-23 15:18 UTC, then Grace Hopper"),
        (
            row(stretch(ADA), stretch(None, None)),
            "Until Mon 2026-11-23 15:18 UTC, then ⚠ nobody with no change planned",
        ),
        (
            row(stretch(ADA), stretch(None, 3), stretch(ADA, 5)),
            "Until Mon 2026-11-23 15:18 UTC, then ⚠ nobody until Mon 2026-11-23 17:18 UTC, then Ada Lovelace",
        ),
        (row(stretch(ADA, at_least=True)), "Until at least Mon 2026-11-23 15:18 UTC"),
        (row(stretch(ADA, None)), "With no change planned"),
        (row(stretch(None), stretch(GRACE, 5)), "Until Mon 2026-11-23 15:18 UTC, then Grace Hopper"),
    ],
)
def test_a_row_says_until_when_and_who_comes_then(shown: Row, line: str) -> None:
    view = OnCallView(words="", title="On call", groups=(Group(team=TEAMS[0], rows=(shown,)),), now=NOW)
    assert line in texts(oncall_card(view, None)["body"]).splitlines()


def test_somebody_nobody_knows_is_named_by_the_handle() -> None:
    unknown = Stretch(handle="g*ne", person=None, starts_at=NOW, ends_at=None, source=ShiftSource.CALENDAR)
    view = OnCallView(words="", title="On call", groups=(Group(team=None, rows=(row(unknown),)),), now=NOW)
    shown = texts(oncall_card(view, None)["body"])
    assert "**g\\*ne (not in the organisation any more)**  ·  from the calendar" in shown
    assert "**Without a team**" in shown


def test_a_persons_words_stay_words() -> None:
    cards = [looked_up("@wide", WIDE), made(LIN, maker=WIDE), swapped(GRACE, asker=WIDE), looked_up(said=NASTY)]
    cards.append(looked_up("platform-primary", at=shelf(PRIMARY, OPS, PLATFORM)))
    for activity in cards:
        assert "<at>" not in activity["summary"]
        for block in card(activity)["body"]:
            told = texts(block)
            assert set(read(told).alive) <= {"emphasis"}


# -- what comes back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, "", "7", 0, -1, True, 2**31, 1.5, [1], {"a": 1}])
def test_a_number_that_is_none_of_ours_is_refused(value: object) -> None:
    with pytest.raises(Refused, match=r"Write `oncall` to go on\.$"):
        number_in({"override": value}, "override")


@settings(max_examples=50)
@given(st.one_of(st.none(), st.integers(), st.text(max_size=400), st.lists(st.text())))
def test_words_of_a_button_are_short_text(value: object) -> None:
    found = words_in({"words": value}, "words")
    assert isinstance(found, str)
    assert len(found) <= 200
