"""Stakeholder updates as they are: who hears of what, what can be promised, and what exactly is approved."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.approval import digest_of
from domain.audience import Audience
from domain.errors import Refused
from domain.update import (
    APPROVAL_LEAST,
    APPROVAL_TAKES,
    PLACEHOLDERS,
    TEMPLATES,
    UPDATE_LIMIT,
    Update,
    UpdateState,
    approval_until,
    content_of,
    filled,
    give_back,
    send,
    unknown_placeholder,
    write,
)
from tests.support.samples import NOW

MINUTE = timedelta(minutes=1)
EMPTY = Update(id=0, incident_id=12, cycle=0, author=1, text="", written_at=NOW)
WRITTEN = write(EMPTY, "It is down.", next_at=NOW + 30 * MINUTE, at=NOW)


@pytest.mark.parametrize(
    ("more", "heard"),
    [
        ({}, True),
        ({"severities": (1, 2)}, True),
        ({"severities": (3,)}, False),
        ({"services": ("checkout", "search")}, True),
        ({"services": ("search",)}, False),
        ({"severities": (2,), "services": ("search",)}, False),
    ],
)
def test_an_audience_hears_of_its_severities_and_services(more: dict[str, tuple[int, ...]], heard: bool) -> None:
    audience = Audience(name="Leadership", emails=("a@example.org",), **more)  # type: ignore[arg-type]
    assert audience.hears_of(2, ("checkout", "accounts")) is heard


def test_an_incident_without_services_concerns_those_who_hear_of_all() -> None:
    assert Audience(name="A").hears_of(1, ())
    assert not Audience(name="A", services=("checkout",)).hears_of(1, ())


@pytest.mark.parametrize("text", ["", "  \n", "x" * (UPDATE_LIMIT + 1)])
def test_an_update_says_something_and_not_too_much(text: str) -> None:
    with pytest.raises(Refused):
        write(EMPTY, text, next_at=None, at=NOW)


@pytest.mark.parametrize("lead", [-MINUTE, timedelta(0), 59 * MINUTE / 60, timedelta(days=7, seconds=1)])
def test_a_promise_lies_ahead_and_not_too_far(lead: timedelta) -> None:
    with pytest.raises(Refused, match="later than now and within seven days"):
        write(EMPTY, "Down.", next_at=NOW + lead, at=NOW)


@given(st.one_of(st.none(), st.timedeltas(MINUTE, timedelta(days=7))))
def test_an_approval_is_waited_for_between_ten_minutes_and_half_an_hour_and_never_beyond_the_promise(
    lead: timedelta | None,
) -> None:
    asked = write(EMPTY, "Down.", next_at=None if lead is None else NOW + lead, at=NOW)
    if lead is not None and lead < APPROVAL_LEAST:
        with pytest.raises(Refused, match="ten minutes or later"):
            approval_until(asked, NOW)
        return
    until = approval_until(asked, NOW)
    assert NOW + APPROVAL_LEAST <= until <= NOW + APPROVAL_TAKES
    assert asked.next_at is None or until <= asked.next_at


def test_what_was_sent_is_not_written_again_and_what_came_back_is() -> None:
    with pytest.raises(Refused, match="sent already"):
        write(send(WRITTEN, ("Leadership",), NOW), "Other words.", next_at=None, at=NOW)
    again = write(give_back(WRITTEN), "Other words.", next_at=None, at=NOW)
    assert (again.state, again.text, again.version) == (UpdateState.AWAITING, "Other words.", 3)


@pytest.mark.parametrize(
    "changed",
    [
        content_of(replace(WRITTEN, text="It is up."), ()),
        content_of(replace(WRITTEN, next_at=NOW + 31 * MINUTE), ()),
        content_of(replace(WRITTEN, next_at=None), ()),
        content_of(WRITTEN, (Audience(name="A").to_json(),)),
        content_of(WRITTEN, (Audience(name="A", emails=("b@example.org",)).to_json(),)),
    ],
    ids=["text", "promise", "no promise", "audience", "its members"],
)
def test_every_change_of_words_promise_and_audience_needs_another_approval(changed: dict[str, object]) -> None:
    assert digest_of(changed) != digest_of(content_of(WRITTEN, ()))
    assert digest_of(content_of(send(WRITTEN, (), NOW), ())) == digest_of(content_of(WRITTEN, ()))


@pytest.mark.parametrize("template", TEMPLATES.values())
def test_every_template_is_filled_without_rest(template: str) -> None:
    values = dict.fromkeys(PLACEHOLDERS, "{title} <at>x</at>")
    assert unknown_placeholder(template) is None
    assert "{status}" not in filled(template, values)
    assert filled("{title}", values) == "{title} <at>x</at>", "what a title says is no placeholder"


def test_what_is_no_placeholder_stays() -> None:
    assert filled("{a} {} {next} {{title}}", {"title": "T"}) == "{a} {} {next} {T}"
    assert unknown_placeholder("{title} {ETA}") == "ETA"
