"""Reviews without a database: days, merging, hints and phases."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blameless import hints
from domain.catalog import Side
from domain.errors import Refused
from domain.merging import merged
from domain.phases import Moments, Phase, percents, phases
from domain.review import Review, ReviewState, Section, close, due_after, reminder_after, send, sign_off, write
from domain.review_template import TEMPLATES, Fill, ReviewTemplate

AT = datetime(2026, 11, 23, 14, 18, tzinfo=UTC)


def made(**more: object) -> Review:
    sections = tuple(Section(kind=kind, text="x") for kind in TEMPLATES[0].sections)
    fixed: dict[str, object] = {
        "id": 1,
        "incidents": (1,),
        "owner": 1,
        "due_at": AT,
        "template": "standard",
        "sections": sections,
        "made_at": AT,
        "severity": 1,
    }
    return Review(**(fixed | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("resolved", "severity", "zone", "due"),
    [
        (datetime(2026, 11, 23, 14, tzinfo=UTC), 1, "Europe/London", datetime(2026, 11, 26, 14, tzinfo=UTC)),
        # Five business days: over a weekend; begun on a Saturday, Monday is the first.
        (datetime(2026, 11, 25, 14, tzinfo=UTC), 2, "Europe/London", datetime(2026, 12, 2, 14, tzinfo=UTC)),
        (datetime(2026, 11, 28, 14, tzinfo=UTC), 2, "Europe/London", datetime(2026, 12, 4, 14, tzinfo=UTC)),
        # Clocks go back and forward: the time of day stays.
        (datetime(2026, 10, 24, 8, tzinfo=UTC), 1, "Europe/London", datetime(2026, 10, 27, 9, tzinfo=UTC)),
        (datetime(2026, 3, 27, 1, 30, tzinfo=UTC), 1, "Europe/Berlin", datetime(2026, 3, 30, 0, 30, tzinfo=UTC)),
        # It is Sunday in Kiritimati already.
        (datetime(2026, 11, 28, 20, tzinfo=UTC), 2, "Pacific/Kiritimati", datetime(2026, 12, 3, 20, tzinfo=UTC)),
    ],
)
def test_a_review_is_due_after_calendar_or_business_days(
    resolved: datetime, severity: int, zone: str, due: datetime
) -> None:
    assert due_after(resolved, severity, zone) == due


def test_reminders_come_at_nine_on_the_owners_clock_and_end() -> None:
    review, moment, seen = made(due_at=datetime(2026, 10, 25, 22, tzinfo=UTC)), AT - timedelta(days=90), []
    while (found := reminder_after(review, "Europe/London", moment)) is not None:
        seen.append(found[1].isoformat())
        moment = found[1]
    assert seen[:3] == ["2026-10-24T08:00:00+00:00", "2026-10-25T09:00:00+00:00", "2026-10-26T09:00:00+00:00"]
    assert len(seen) == 6


LINES = st.lists(st.sampled_from("abcdef"), max_size=8).map("\n".join)


@given(LINES, LINES, LINES)
def test_merging_loses_no_line_that_anybody_added(base: str, theirs: str, mine: str) -> None:
    found = merged(base, theirs, mine).split("\n")
    for added in (set(theirs.split("\n")) - set(base.split("\n")), set(mine.split("\n")) - set(base.split("\n"))):
        assert added <= set(found)
    assert merged(base, base, mine) == mine
    assert merged(base, theirs, base) == theirs
    assert merged(base, mine, mine) == mine


def test_two_changes_of_one_line_stand_below_each_other() -> None:
    assert merged("a\nb\nc", "a\nB\nc", "a\nβ\nc") == "a\nB\nβ\nc"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("They should have looked, and Should  have known", ["should have"]),
        ("A human error. The root cause is simply that.", ["human error", "root cause", "simply"]),
        ("“We should have looked,” said Lin.\n> if only", []),
        ("The shoulder havens of simplyfied roots", []),
        ("Er hätte es wissen müssen", ["hätte"]),
    ],
)
def test_wording_that_blames_is_answered_with_a_question(text: str, found: list[str]) -> None:
    assert [hint.words for hint in hints(text)] == found
    assert all(hint.question.endswith("?") for hint in hints(text))


MINUTES = st.none() | st.integers(-60, 600)


@given(MINUTES, MINUTES, MINUTES, MINUTES, MINUTES)
def test_phases_are_in_order_and_make_up_the_whole(
    impact: int | None, acknowledged: int | None, assembled: int | None, identified: int | None, mitigated: int | None
) -> None:
    def at(minutes: int | None) -> datetime | None:
        return None if minutes is None else AT + timedelta(minutes=minutes)

    end = None if mitigated is None else abs(mitigated)
    moments = Moments(
        impact_at=at(impact),
        declared_at=AT,
        acknowledged_at=at(acknowledged),
        assembled_at=at(assembled),
        identified_at=at(identified),
        mitigated_at=at(end),
    )
    found = phases(moments)
    if end is None:
        assert found == ()
        return
    assert [stretch.phase for stretch in found] == [p for p in Phase if p in {stretch.phase for stretch in found}]
    begins = AT if impact is None or impact > 0 else AT + timedelta(minutes=impact)
    assert sum((stretch.length for stretch in found), timedelta()) == AT + timedelta(minutes=end) - begins
    assert all(stretch.length >= timedelta() for stretch in found)
    assert sum(percents(found)) in (0, 100)


def test_templates_are_data_that_comes_back_as_it_was() -> None:
    for template in TEMPLATES:
        assert ReviewTemplate.from_json(template.to_json()) == template
        ids = [section.id for section in template.sections]
        assert len(ids) == len(set(ids))
        assert any(section.fill is Fill.FACTORS for section in template.sections)


def test_the_last_side_makes_it_reviewed_and_one_person_signs_once() -> None:
    sent = send(made(), (Side.ENGINEERING, Side.OPERATIONS))
    assert sent is not None
    first = sign_off(sent, 2, [Side.OPERATIONS], AT)
    assert first is not None
    assert first.state is ReviewState.IN_REVIEW
    assert sign_off(first, 2, [Side.ENGINEERING], AT) is None, "nobody signs for both sides"
    second = sign_off(first, 3, [Side.ENGINEERING, Side.OPERATIONS], AT)
    assert second is not None
    assert second.state is ReviewState.REVIEWED
    with pytest.raises(Refused, match="is reviewed"):
        write(second, "impact", "y", by=1, at=AT)
    with pytest.raises(Refused, match="is in review"):
        close(first, by=1, at=AT)
