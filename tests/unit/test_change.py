from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.change import (
    HAPPENED,
    LINK_LIMIT,
    MOST_LINKS,
    Change,
    ChangeState,
    Risk,
    checked_end,
    checked_links,
    checked_risk,
    checked_title,
    checked_words,
    step,
)
from domain.errors import Refused
from tests.support.samples import NOW, change

S = ChangeState
HOUR = timedelta(hours=1)
LEADS_TO = {
    S.PROPOSED: {S.PLANNED, S.REJECTED, S.CANCELLED},
    S.PLANNED: {S.DONE, S.FAILED, S.ROLLED_BACK, S.CANCELLED},
    S.DONE: {S.FAILED, S.ROLLED_BACK},
    S.FAILED: {S.ROLLED_BACK},
    S.ROLLED_BACK: set(),
    S.REJECTED: set(),
    S.CANCELLED: set(),
}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("to", S)
def test_a_step_leads_where_it_may_and_nowhere_else(state: ChangeState, to: ChangeState) -> None:
    before = change(state=state, version=3)
    if to is state:
        assert step(before, to, by=2, at=NOW) is None
    elif to in LEADS_TO[state]:
        after = step(before, to, by=2, at=NOW, comment=" why ")
        assert after is not None
        assert (after.state, after.ended_by, after.ended_at, after.comment, after.version) == (to, 2, NOW, "why", 4)
    else:
        with pytest.raises(Refused, match=r"^Change 7 .*, so nothing was changed\.$"):
            step(before, to, by=2, at=NOW)


@given(st.lists(st.sampled_from(S), max_size=8))
def test_whatever_is_pressed_the_version_counts_the_steps_and_what_happened_is_never_planned_again(
    presses: list[ChangeState],
) -> None:
    now, steps, happened = change(state=S.PROPOSED, at=NOW + HOUR), 0, False
    for to in presses:
        try:
            after = step(now, to, by=1, at=NOW)
        except Refused:
            continue
        if after is not None:
            now, steps = after, steps + 1
        assert not (happened and now.state not in HAPPENED)
        happened = happened or now.state in HAPPENED
    assert now.version == steps
    assert now.at == (NOW if happened else NOW + HOUR)


def test_a_comment_stays_when_a_later_step_has_none() -> None:
    first = step(change(state=S.PLANNED), S.FAILED, by=1, at=NOW, comment="The migration locked up.")
    assert first is not None
    second = step(first, S.ROLLED_BACK, by=2, at=NOW)
    assert second is not None
    assert second.comment == "The migration locked up."


def test_words_are_kept_in_bounds() -> None:
    assert checked_title("  Deploy \n checkout\x00 ") == "Deploy checkout"
    assert checked_words(" a\r\nb ", "rollback", 10) == "a\nb"
    assert checked_words("", "rollback", 10) == ""
    assert checked_risk(" HIGH ") is Risk.HIGH
    assert checked_end(NOW, None) is None
    assert checked_end(NOW, NOW + HOUR) == NOW + HOUR
    for bad in (
        lambda: checked_title(" \u202e\x00 "),
        lambda: checked_title("x" * 201),
        lambda: checked_words("x" * 11, "rollback", 10),
        lambda: checked_risk("severe"),
        lambda: checked_end(NOW, NOW),
    ):
        with pytest.raises(Refused, match=r"\.$"):
            bad()


def test_links_lead_to_the_web_once_each() -> None:
    good = ("https://ci.example.org/runs/7?a=b#c", "http://wiki.example.org/ä", "https://[2001:db8::1]:8080/x")
    assert checked_links([*good, f" {good[0]} ", ""]) == good


@pytest.mark.parametrize(
    "bad",
    [
        "javascript:alert(1)",
        "ftp://example.org",
        "https://",
        "https://[x",
        "https://a.example/x y",
        "https://a.example/\u202ex",
        "/relative",
        "mailto:a@b.c",
        "https://a.example/" + "x" * LINK_LIMIT,
        "\ud800",
    ],
)
def test_anything_else_is_no_link(bad: str) -> None:
    with pytest.raises(Refused, match="is no link"):
        checked_links([bad])


def test_too_many_links_are_refused() -> None:
    links: list[Any] = [f"https://a.example/{n}" for n in range(MOST_LINKS + 1)]
    with pytest.raises(Refused, match=f"{MOST_LINKS} is the most"):
        checked_links(links)
    assert isinstance(change(), Change)
