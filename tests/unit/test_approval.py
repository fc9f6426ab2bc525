"""Approvals: who may decide, how many it takes, and that there is one outcome whatever people press."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.approval import (
    COMMENT_LIMIT,
    Approval,
    ApprovalState,
    Decider,
    DeciderKind,
    Decision,
    Eligible,
    Group,
    can_be_met,
    digest_of,
    expire,
    groups_open_to,
    needed,
    parse_decider,
    vote,
    withdraw,
)
from domain.errors import Refused

NOW = datetime(2026, 11, 23, 14, 18, tzinfo=UTC)
ADA, GRACE, LIN, ZOE, NOOR = range(1, 6)
YES, NO = Decision.APPROVE, Decision.REJECT


def asked(*needs: int, by: int = ADA, **more: Any) -> Approval:
    """An approval with a group for each number; who is in it is said at every press."""
    groups = tuple(Group(deciders=(Decider(DeciderKind.TEAM, f"team-{n}"),), needed=n) for n in needs or (1,))
    return Approval(
        id=7,
        subject_kind="maintenance",
        subject_id=3,
        digest="d",
        requested_by=by,
        requested_at=NOW,
        expires_at=NOW + timedelta(hours=4),
        groups=groups,
        **more,
    )


def say(approval: Approval, person: int, decision: Decision, *eligible: set[int], comment: str = "Why") -> Approval:
    after = vote(approval, person, decision, comment=comment, eligible=eligible, at=NOW)
    assert after is not None
    return after


# -- one group --------------------------------------------------------------------------------------------------------


def test_any_one_of_them_is_enough() -> None:
    after = say(asked(), GRACE, YES, {GRACE, LIN})
    assert (after.state, after.decided_by, after.decided_at) == (ApprovalState.APPROVED, GRACE, NOW)
    assert after.version == 1


def test_so_many_of_them_are_waited_for() -> None:
    one = say(asked(2), GRACE, YES, {GRACE, LIN, ZOE})
    assert one.state is ApprovalState.PENDING
    assert one.decided_at is None
    assert say(one, ZOE, YES, {GRACE, LIN, ZOE}).state is ApprovalState.APPROVED


def test_all_are_those_who_may_decide_when_the_last_one_does() -> None:
    one = say(asked(0), GRACE, YES, {ADA, GRACE, LIN, ZOE})
    assert one.state is ApprovalState.PENDING
    assert needed(one, [{ADA, GRACE, LIN, ZOE}]) == (3,)
    left = say(one, LIN, YES, {ADA, GRACE, LIN})  # Zoë has left
    assert left.state is ApprovalState.APPROVED


def test_all_of_nobody_is_not_enough() -> None:
    assert needed(asked(0), [set()]) == (1,)
    assert not can_be_met(asked(0), [{ADA}])


def test_one_no_ends_it_with_its_comment() -> None:
    one = say(asked(3), GRACE, YES, {GRACE, LIN, ZOE})
    after = say(one, LIN, NO, {GRACE, LIN, ZOE}, comment=" Not on a Friday ")
    assert (after.state, after.decided_by) == (ApprovalState.REJECTED, LIN)
    assert after.votes[-1].comment == "Not on a Friday"


# -- several groups ---------------------------------------------------------------------------------------------------


def test_both_sides_have_to_say_yes_with_different_people() -> None:
    sides = ({GRACE, LIN}, {LIN, ZOE})
    one = say(asked(1, 1), LIN, YES, *sides)
    assert one.state is ApprovalState.PENDING, "Lin is on both sides and counts once"
    assert say(one, GRACE, YES, *sides).state is ApprovalState.APPROVED, "Lin speaks for the other side then"
    assert say(one, ZOE, YES, *sides).state is ApprovalState.APPROVED


def test_who_has_spoken_counts_after_losing_the_seat() -> None:
    one = say(asked(1, 1), GRACE, YES, {GRACE}, {ZOE})
    assert say(one, ZOE, YES, {LIN}, {ZOE}).state is ApprovalState.APPROVED


def by_hand(needs: tuple[int, ...], votes: list[tuple[int, ...]]) -> bool:
    """Try every way to give seats to people: an oracle that knows nothing of augmenting paths."""
    seats = [group for group, need in enumerate(needs) for _ in range(need)]
    return any(
        all(seat in votes[person] for seat, person in zip(seats, chosen, strict=True))
        for chosen in permutations(range(len(votes)), len(seats))
    )


@given(
    needs=st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple),
    people=st.lists(st.sets(st.integers(0, 2)), min_size=1, max_size=5),
)
def test_it_is_approved_at_the_very_vote_that_makes_it_enough(needs: tuple[int, ...], people: list[set[int]]) -> None:
    eligible = [{10 + p for p, groups in enumerate(people) if group in groups} for group in range(len(needs))]
    approval, said = asked(*needs), list[tuple[int, ...]]()
    for person in range(10, 10 + len(people)):
        open_to = groups_open_to(approval, person, eligible)
        if approval.is_open and open_to:
            said.append(open_to)
            approval = say(approval, person, YES, *eligible)
            assert (approval.state is ApprovalState.APPROVED) == by_hand(needs, said)
    everybody = [tuple(g for g in groups if g < len(needs)) for groups in people]
    assert can_be_met(asked(*needs), eligible) == by_hand(needs, [g for g in everybody if g])


presses = st.lists(
    st.tuples(st.sampled_from([ADA, GRACE, LIN, ZOE]), st.sampled_from(["yes", "no", "withdraw", "expire"])),
    max_size=12,
)


@given(presses=presses, need=st.integers(0, 3))
def test_there_is_one_outcome_and_it_stays(presses: list[tuple[int, str]], need: int) -> None:
    """Whatever is pressed in whatever order: nobody votes twice, versions count, and an end is an end."""
    approval = asked(need)
    eligible: Eligible = [{ADA, GRACE, LIN}]
    for person, what in presses:
        try:
            match what:
                case "withdraw":
                    after = withdraw(approval, person, "no need", NOW)
                case "expire":
                    after = expire(approval, NOW)
                case _:
                    decision = YES if what == "yes" else NO
                    after = vote(approval, person, decision, comment="Why", eligible=eligible, at=NOW)
        except Refused as refused:
            assert str(refused).endswith(".")
            after = None
        if after is None:
            continue
        assert approval.is_open, "nothing changes after the end"
        assert after.version == approval.version + 1
        assert {v.person for v in approval.votes} <= {v.person for v in after.votes} <= {GRACE, LIN}
        assert len({v.person for v in after.votes}) == len(after.votes)
        assert (after.decided_at is None) == after.is_open
        approval = after


# -- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "decision", "comment", "why"),
    [
        (ADA, YES, "", "You asked for this decision, so somebody else has to make it."),
        (NOOR, YES, "", "You are not one of those who may decide this."),
        (GRACE, NO, " ", "Say why you reject it"),
        (GRACE, YES, "x" * (COMMENT_LIMIT + 1), "That comment has 1001 characters; 1000 is the most."),
    ],
)
def test_refused_with_a_sentence(person: int, decision: Decision, comment: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        say(asked(), person, decision, {ADA, GRACE}, comment=comment)
    assert why in str(refused.value)


@pytest.mark.parametrize(("first", "second"), [*product([YES, NO], repeat=2)])
def test_pressed_twice_and_thought_twice(first: Decision, second: Decision) -> None:
    one = say(asked(2), GRACE, first, {GRACE, LIN})
    if first is second:
        assert vote(one, GRACE, second, comment="", eligible=[{GRACE}], at=NOW) is None
        return
    with pytest.raises(Refused):
        say(one, GRACE, second, {GRACE, LIN})


@pytest.mark.parametrize(
    ("ended", "word"),
    [
        (lambda a: say(a, LIN, YES, {LIN}), "approved"),
        (lambda a: say(a, LIN, NO, {LIN}), "rejected"),
        (lambda a: expire(a, NOW), "expired"),
        (lambda a: withdraw(a, ADA, "", NOW), "withdrawn"),
    ],
)
def test_too_late_is_said(ended: Any, word: str) -> None:
    over = ended(asked())
    with pytest.raises(Refused, match=f"It is too late: this is {word} already"):
        say(over, GRACE, YES, {GRACE})


def test_only_who_asked_withdraws_it_or_a_change_of_what_it_is_about() -> None:
    with pytest.raises(Refused, match="Only whoever asked"):
        withdraw(asked(), GRACE, "", NOW)
    mine = withdraw(asked(), ADA, " moved ", NOW)
    assert mine is not None
    assert (mine.state, mine.reason, mine.decided_by) == (ApprovalState.WITHDRAWN, "moved", ADA)
    assert withdraw(mine, ADA, "", NOW) is None
    changed = withdraw(asked(), None, "The window was moved.", NOW)
    assert changed is not None
    assert changed.decided_by is None
    with pytest.raises(Refused, match="too late"):
        withdraw(replace(asked(), state=ApprovalState.APPROVED), ADA, "", NOW)


def test_when_somebody_leaves_it_is_seen_that_nobody_can_decide_any_more() -> None:
    one = say(asked(2), GRACE, YES, {GRACE, LIN})
    assert can_be_met(one, [{LIN}])
    assert not can_be_met(one, [{GRACE}])
    assert not can_be_met(one, [{ADA, GRACE}]), "never one's own"
    everybody = say(asked(0), GRACE, YES, {GRACE, LIN})
    assert can_be_met(everybody, [{GRACE, LIN}])
    assert not can_be_met(everybody, [{GRACE}]), "nobody is left to press, though all who are left have said yes"


# -- names and contents -----------------------------------------------------------------------------------------------


def test_a_decider_is_read_back_as_it_was_written() -> None:
    for kind in DeciderKind:
        assert parse_decider(str(Decider(kind, "x"))) == Decider(kind, "x")
    assert parse_decider(" Lead : payments ") == Decider(DeciderKind.LEAD, "payments")
    group = Group(deciders=(Decider(DeciderKind.LEAD, "payments"),), needed=0)
    assert Group.from_json(group.to_json()) == group
    assert asked().subject == "maintenance:3"


@pytest.mark.parametrize("text", ["", "ada", "person:", "boss:ada", ":"])
def test_what_names_nobody_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"names nobody who could decide\. Write one of person:<id>"):
        parse_decider(text)


def test_a_digest_is_of_the_content_and_not_of_its_order() -> None:
    one = {"title": "Neue Zertifikate für Straße", "services": ["checkout"], "at": NOW}
    assert digest_of(one) == digest_of(dict(reversed(one.items())))
    assert digest_of(one) != digest_of({**one, "title": "Neue Zertifikate für Strasse"})
