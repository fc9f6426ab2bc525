"""Who is on call, told a second time by walking: every handoff is played in order, every window is written out.

The walk is slow and knows nothing of division, prepared edges or bounds; whatever it and the arithmetic disagree on is
a fault of one of them.
"""

from collections import deque
from datetime import UTC, timedelta
from itertools import groupby, islice, pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.durations import ShiftLength, ShiftUnit
from domain.oncall import ImportedShift, Override, PeopleChange, Rotation, Schedule, WeeklyWindow
from domain.shifts import (
    ShiftChange,
    ShiftSource,
    next_change,
    next_opening,
    next_shift,
    open_at,
    shift_at,
    shifts_between,
)
from tests.support.shift_plans import utc, wall

DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
SPAN = 45 * DAY
"""How long a story lasts; a rotation starts in its first half."""
AROUND = {  # a story begins some weeks before a clock change
    "Europe/London": (wall(2026, 3, 5), wall(2026, 10, 1)),
    "America/New_York": (wall(2026, 2, 15), wall(2026, 10, 10)),
    "Australia/Lord_Howe": (wall(2026, 3, 15), wall(2026, 9, 10)),
    "Africa/Cairo": (wall(2026, 4, 1), wall(2026, 10, 5)),
    "America/Santiago": (wall(2026, 3, 15), wall(2026, 8, 15)),
    "America/St_Johns": (wall(2010, 2, 20), wall(2010, 10, 20)),
    "Pacific/Apia": (wall(2011, 12, 10),),
    "Asia/Kolkata": (wall(2026, 1, 20),),
}


# --- the walk ---------------------------------------------------------------------------------------------------


def moment_of(time, zone):
    """The first moment that shows this time, else the time read with the offset before the gap."""
    around = [(time + n * DAY).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() for n in (-1.5, 1.5)]
    shown = [(time - offset).replace(tzinfo=UTC) for offset in around]
    right = [at for at in shown if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == time]
    return min(right) if right else shown[0]


def handoff_walls(rotation):
    """The wall-clock times of all handoffs, one after the other."""
    time, months = rotation.starts, 0
    while True:
        yield time
        if rotation.shift.unit is ShiftUnit.DAYS:
            time += rotation.shift.count * DAY
            continue
        months += rotation.shift.count
        years, month = divmod(rotation.starts.month - 1 + months, 12)
        for day in (rotation.starts.day, 30, 29, 28):
            try:
                time = rotation.starts.replace(year=rotation.starts.year + years, month=month + 1, day=day)
                break
            except ValueError:
                continue


def handoffs(rotation, zone):
    if rotation.shift.unit is ShiftUnit.SECONDS:
        at = moment_of(rotation.starts, zone)
        while True:
            yield at
            at += timedelta(seconds=rotation.shift.count)
    for time in handoff_walls(rotation):
        yield moment_of(time, zone)


def entries(people):
    """Tell apart the places of somebody who stands in the list twice."""
    return [(person, people[:n].count(person)) for n, person in enumerate(people)]


def turned_to(queue, people):
    """Put whoever goes on after a change of people at the head of the new list."""
    new, heir = deque(entries(people)), next((entry for entry in queue if entry[0] in people), None)
    if heir is None:
        return new
    new.rotate(-new.index(heir if heir in new else (heir[0], 0)))
    return new


def turns(rotation, zone, until):
    """Play a rotation: (since, until, (number, person)) for each stretch of a turn."""
    queue, waiting = deque(entries(rotation.people)), [(moment_of(c.starts, zone), c.people) for c in rotation.changes]
    for number, (begins, ends) in enumerate(pairwise(handoffs(rotation, zone))):
        if number:
            queue.rotate(-1)
        since = begins
        while waiting and waiting[0][0] < ends:
            at, people = waiting.pop(0)
            yield since, at, (number, queue[0][0])
            since, queue = at, turned_to(queue, people)
        yield since, ends, (number, queue[0][0])
        if ends > until:
            return


def occurrences(windows, zone, first, last):
    """Write out all windows; those that leave no minute of a week out never close."""
    week = set()
    for window in windows:
        length = (window.ends - window.starts - 1) % 1440 + 1
        week |= {(day * 1440 + window.starts + n) % 10_080 for day in window.days for n in range(length)}
    if len(week) == 10_080:
        yield utc(1, 1, 1), utc(9999, 1, 1)
        return
    for window in windows:
        midnight = first.replace(hour=0, minute=0, tzinfo=None) - 20 * DAY
        while midnight < last.replace(tzinfo=None) + 20 * DAY:
            if midnight.weekday() in window.days:
                closes = midnight if window.ends > window.starts else midnight + DAY
                opens = moment_of(midnight + timedelta(minutes=window.starts), zone)
                yield opens, moment_of(closes + timedelta(minutes=window.ends), zone)
            midnight += DAY


class Walk:
    """A schedule played from `first` to `last`."""

    def __init__(self, schedule, first, last):
        self.overrides = [(o.starts_at, o.ends_at, o.person) for o in schedule.overrides]
        self.imported = [(i.starts_at, i.ends_at, i.person) for i in schedule.imported]
        self.rotations = [
            (
                list(turns(r, schedule.time_zone, last)),
                list(occurrences(r.only, schedule.time_zone, first, last)) if r.only else None,
            )
            for r in schedule.rotations
        ]
        spans = [*self.overrides, *self.imported]
        for played, hours in self.rotations:
            spans += [*played, *(hours or ())]
        self.edges = sorted({at for span in spans for at in span[:2]})

    def planned(self, at):
        """What decides without overrides: (source, what exactly, person)."""
        for layer in range(len(self.rotations) - 1, -1, -1):
            played, hours = self.rotations[layer]
            if hours is None or any(opens <= at < closes for opens, closes in hours):
                for since, until, (number, person) in played:
                    if since <= at < until:
                        return ShiftSource.ROTATION, (layer, number), person
        found = [(shift[0], n) for n, shift in enumerate(self.imported) if shift[0] <= at < shift[1]]
        return (
            (ShiftSource.CALENDAR, max(found), self.imported[max(found)[1]][2])
            if found
            else (ShiftSource.NOBODY, 0, None)
        )

    def final(self, at):
        """What decides."""
        found = [n for n, (since, until, _) in enumerate(self.overrides) if since <= at < until]
        return (ShiftSource.OVERRIDE, found[-1], self.overrides[found[-1]][2]) if found else self.planned(at)

    def pieces(self, decide, first, last):
        """Longest stretches in which the same decides: (since, until, what)."""
        marks = [first, *(at for at in self.edges if first < at < last), last]
        found = []
        for what, group in groupby(pairwise(marks), key=lambda pair: decide(pair[0])):
            steps = list(group)
            found.append((steps[0][0], steps[-1][1], what))
        return found


# --- what is drawn ----------------------------------------------------------------------------------------------


@st.composite
def rotations(draw, zone, first):
    unit = draw(st.sampled_from(ShiftUnit))
    count = {
        ShiftUnit.SECONDS: st.sampled_from([21_600, 43_200, 86_400, 100_001]),
        ShiftUnit.DAYS: st.sampled_from([1, 1, 2, 7, 10]),
        ShiftUnit.MONTHS: st.sampled_from([1, 2]),
    }[unit]
    quarters = st.sampled_from([0, 15, 30, 60, 90, 105, 120, 150, 165, 540, 1020, 1380, 1410])
    walls = st.builds(lambda day, minute: first + day * DAY + timedelta(minutes=minute), st.integers(0, 25), quarters)
    starts = draw(walls)
    lists = st.lists(st.sampled_from("abcde"), min_size=1, max_size=4).map(tuple)
    times = sorted(at for at in draw(st.sets(walls, max_size=3)) if at > starts)
    times = [
        at for n, at in enumerate(times) if moment_of(at, zone) >= max(moment_of(t, zone) for t in [starts, *times[:n]])
    ]
    windows = st.builds(
        lambda days, edges: WeeklyWindow(first_day=days[0], last_day=days[1], starts=edges[0], ends=edges[1] or 1440),
        st.tuples(st.integers(0, 6), st.integers(0, 6)),
        st.tuples(quarters, quarters).filter(lambda edges: edges[0] != (edges[1] or 1440)),
    )
    return Rotation(
        starts=starts,
        shift=ShiftLength(unit, draw(count)),
        people=draw(lists),
        only=tuple(draw(st.lists(windows, max_size=3))),
        changes=tuple(PeopleChange(starts=at, people=draw(lists)) for at in times),
    )


@st.composite
def stories(draw):
    """A schedule, and from when to when it is looked at."""
    zone = draw(st.sampled_from(sorted(AROUND)))
    begins = draw(st.sampled_from(AROUND[zone]))
    drawn = draw(st.lists(rotations(zone, begins), max_size=3))
    first = begins.replace(tzinfo=UTC)
    edges = (
        [moment_of(at, zone) for r in drawn for at, _ in zip(handoff_walls(r), range(8), strict=False)] if drawn else []
    )
    inside = [at for at in edges if first <= at < first + SPAN]
    moments = st.integers(0, 2 * SPAN // DAY).map(lambda n: first + n * DAY / 2)
    moments = st.one_of(moments, st.sampled_from(inside)) if inside else moments
    spans = st.tuples(moments, moments).filter(lambda span: span[0] != span[1]).map(sorted)
    people = st.sampled_from("abckm")
    overrides = draw(st.lists(st.tuples(people, spans), max_size=4))
    imported = sorted(draw(st.lists(st.tuples(people, spans), max_size=3)), key=lambda shift: shift[1][0])
    return Schedule(
        id="s",
        team="t",
        time_zone=zone,
        rotations=tuple(drawn),
        overrides=tuple(Override(person=who, starts_at=since, ends_at=until) for who, (since, until) in overrides),
        imported=tuple(ImportedShift(person=who, starts_at=since, ends_at=until) for who, (since, until) in imported),
    ), first


# --- the comparisons --------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(stories())
def test_the_shifts_of_a_window_are_those_of_the_walk_and_cover_it_exactly(story):
    schedule, first = story
    last = first + SPAN
    expected = Walk(schedule, first, last).pieces(Walk(schedule, first, last).final, first, last)
    found = shifts_between(schedule, first, last)
    assert [(shift.starts_at, shift.ends_at, shift.source, shift.person) for shift in found] == [
        (since, until, source, person) for since, until, (source, _, person) in expected
    ]
    assert all(shift.starts_at < shift.ends_at for shift in found)
    assert all(before.ends_at == after.starts_at for before, after in pairwise(found))
    assert (found[0].starts_at, found[-1].ends_at) == (first, last)


def bounded(since, until, what, first, last):
    """As `shift_at` tells it: nothing happens before a story or, without rotations, after it."""
    source, _, person = what
    return (person, None if since == first else since, None if until == last else until, source)


def interesting(pieces):
    """Moments next to every edge, and in between."""
    for since, until, _ in pieces:
        yield from (since, since + (until - since) / 2, until - INSTANT)


@settings(max_examples=40)
@given(stories())
def test_the_shift_at_any_moment_is_the_whole_piece_of_the_walk(story):
    schedule, first = story
    before, last = first - 5 * DAY, first + 2 * SPAN
    walk = Walk(schedule, before, last)
    pieces = walk.pieces(walk.final, before, last)
    for since, until, what in pieces if not schedule.rotations else pieces[:-1]:
        expected = bounded(since, until, what, before, last)
        for at in interesting([(since, until, what)]):
            found = shift_at(schedule, at)
            assert (found.person, found.starts_at, found.ends_at, found.source) == expected


def changes_of(walk, first, last):
    """All changes there are, by their definition."""
    final = walk.pieces(walk.final, first, last)
    for at in [since for since, _, _ in walk.pieces(walk.planned, first, last)][1:]:
        past = [(until, what[2]) for since, until, what in final if since < at and what[2] is not None]
        now = next(what[2] for since, until, what in final if since <= at < until)
        if past and now is not None and past[-1][1] != now:
            yield ShiftChange(at, past[-1][1], now, touching=past[-1][0] >= at)


@settings(max_examples=25)
@given(stories())
def test_changes_and_next_shifts_are_those_of_the_walk(story):
    schedule, first = story
    before, last = first - 5 * DAY, first + 2 * SPAN
    walk = Walk(schedule, before, last)
    pieces, changes = walk.pieces(walk.final, before, last), list(changes_of(walk, before, last))
    for at in islice(interesting(pieces[:-1]), 0, None, max(1, len(pieces) // 10)):
        change = next_change(schedule, at)
        assert (change if change and change.at < last else None) == next((c for c in changes if c.at > at), None)
        current = walk.final(at)[2]
        others = ((since, what[2]) for since, _, what in pieces if since > at and what[2] not in (None, current))
        shift = next_shift(schedule, at)
        assert ((shift.starts_at, shift.person) if shift and shift.starts_at < last else None) == next(others, None)
        assert shift is None or shift == shift_at(schedule, shift.starts_at)


@settings(max_examples=40)
@given(stories(), st.data())
def test_windows_are_open_when_the_walk_says_so(story, data):
    schedule, first = story
    for windows in (r.only for r in schedule.rotations if r.only):
        hours = list(occurrences(windows, schedule.time_zone, first, first + SPAN))
        edges = sorted({at for span in hours for at in span if first <= at < first + SPAN})
        for at in [*edges, *(at - INSTANT for at in edges), first + data.draw(st.floats(0, 1)) * SPAN]:
            is_open = any(opens <= at < closes for opens, closes in hours)
            assert open_at(windows, schedule.time_zone, at) == is_open
            following = at if is_open else min(opens for opens, closes in hours if opens > at and opens < closes)
            assert next_opening(windows, schedule.time_zone, at) == following
