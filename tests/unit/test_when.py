"""Moments as people type them, in the zone of whoever writes, over both changes of the clocks."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.when import counts_from_start, left_out, read_when
from domain.errors import Refused
from tests.support.samples import NOW

KOLKATA, NEW_YORK, LONDON, NEWFOUNDLAND = "Asia/Kolkata", "America/New_York", "Europe/London", "America/St_Johns"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "zone", "meant"),
    [
        ("2026-12-05 22:00", LONDON, utc(2026, 12, 5, 22)),
        ("2026-12-05T22:00", LONDON, utc(2026, 12, 5, 22)),
        ("2026-12-05 22:00", KOLKATA, utc(2026, 12, 5, 16, 30)),
        ("2026-12-05 22:00", NEWFOUNDLAND, utc(2026, 12, 6, 1, 30)),
        ("2026-07-05 22:00", LONDON, utc(2026, 7, 5, 21)),
        ("2026-12-05T22:00Z", KOLKATA, utc(2026, 12, 5, 22)),
        ("2026-12-05t22:00z", KOLKATA, utc(2026, 12, 5, 22)),
        ("2026-12-05 22:00+01:00", KOLKATA, utc(2026, 12, 5, 21)),
        ("2026-12-05 22:00 -03:30", KOLKATA, utc(2026, 12, 6, 1, 30)),
        ("2026-12-05 22:00:30", LONDON, utc(2026, 12, 5, 22, 0, 30)),
        ("2026-12-05 9:05", LONDON, utc(2026, 12, 5, 9, 5)),
        ("  “2026-12-05   22:00”, ", LONDON, utc(2026, 12, 5, 22)),
        ("now", KOLKATA, NOW),
        ("NOW", KOLKATA, NOW),
        ("today 23:30", LONDON, utc(2026, 11, 23, 23, 30)),
        ("today at 23:30", KOLKATA, utc(2026, 11, 23, 18)),
        ("tomorrow 9:00", NEW_YORK, utc(2026, 11, 24, 14)),
        ("monday 09:00", LONDON, utc(2026, 11, 30, 9)),
        ("Mon 15:00", LONDON, utc(2026, 11, 23, 15)),
        ("fri, at 09:00", KOLKATA, utc(2026, 11, 27, 3, 30)),
        ("+2h", KOLKATA, utc(2026, 11, 23, 16, 18)),
        ("+ 90 minutes", KOLKATA, utc(2026, 11, 23, 15, 48)),
        ("in 3 days", LONDON, utc(2026, 11, 26, 14, 18)),
        ("+1w", LONDON, utc(2026, 11, 30, 14, 18)),
    ],
)
def test_it_means_a_moment(typed: str, zone: str, meant: datetime) -> None:
    assert read_when(typed, zone, NOW) == meant


@pytest.mark.parametrize(
    ("typed", "zone", "meant"),
    [
        # The clocks of New York go forward on 14 March 2027 at 02:00 and back on 7 November at 02:00.
        ("2027-03-14 02:30", NEW_YORK, utc(2027, 3, 14, 7, 30)),
        ("2027-11-07 01:30", NEW_YORK, utc(2027, 11, 7, 5, 30)),
        ("2027-11-07 01:30-05:00", NEW_YORK, utc(2027, 11, 7, 6, 30)),
        # Those of London on 28 March at 01:00.
        ("2027-03-28 01:30", LONDON, utc(2027, 3, 28, 1, 30)),
    ],
)
def test_a_time_the_clocks_leave_out_moves_forward_and_one_that_comes_twice_is_the_first(
    typed: str, zone: str, meant: datetime
) -> None:
    assert read_when(typed, zone, NOW) == meant


def test_days_keep_the_hour_when_the_clocks_change_and_hours_are_elapsed() -> None:
    evening = utc(2027, 3, 27, 20)
    assert read_when("+1d", LONDON, evening) == utc(2027, 3, 28, 19)
    assert read_when("+24h", LONDON, evening) == utc(2027, 3, 28, 20)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("23:00", utc(2026, 12, 5, 23)),
        ("08:00", utc(2026, 12, 6, 8)),
        ("22:00", utc(2026, 12, 6, 22)),
        ("+10h", utc(2026, 12, 6, 8)),
        ("sunday 08:00", utc(2026, 12, 6, 8)),
        ("sat 21:00", utc(2026, 12, 12, 21)),
        ("2026-12-06 08:00", utc(2026, 12, 6, 8)),
    ],
)
def test_an_end_counts_from_its_beginning(typed: str, meant: datetime) -> None:
    assert read_when(typed, LONDON, NOW, after=utc(2026, 12, 5, 22)) == meant


def test_a_time_alone_does_not_say_the_day_of_a_beginning() -> None:
    with pytest.raises(Refused, match=r"today 22:00 or tomorrow 22:00\.$"):
        read_when("22:00", LONDON, NOW)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "soon",
        "5 Dec",
        "2026-12-05",
        "2026-13-05 22:00",
        "2026-12-05 25:00",
        "2026-12-05 22:00+25:00",
        "+h",
        "tomorrow",
        "may 10:00",
        "moonday 10:00",
        "²026-12-05 22:00",
        "x" * 5_000,
    ],
)
def test_what_cannot_be_read_is_said_with_examples(typed: str) -> None:
    with pytest.raises(Refused, match=r"Write it like 2026-12-05 22:00, tomorrow 09:00, now or \+2h\.$") as refused:
        read_when(typed, LONDON, NOW)
    assert len(str(refused.value)) < 160


@pytest.mark.parametrize("typed", ["1999-12-31 10:00", "2400-01-01 10:00"])
def test_a_year_out_of_range_is_said(typed: str) -> None:
    with pytest.raises(Refused, match="from 2000 to 2199"):
        read_when(typed, LONDON, NOW)


@pytest.mark.parametrize(
    ("typed", "zone", "told"),
    [
        ("2027-03-14 02:30", NEW_YORK, "02:30 does not exist on Sun 2027-03-14 in New York, "),
        ("“2027-03-14t2:30:15”", NEW_YORK, "2:30:15 does not exist on Sun 2027-03-14 in New York, "),
        ("2027-03-14 03:30", NEW_YORK, ""),
        ("2027-03-14 02:30Z", NEW_YORK, ""),
        ("2027-03-14 02:30 -05:00", NEW_YORK, ""),
        ("2027-11-07 01:30", NEW_YORK, ""),
        ("now", NEW_YORK, ""),
        ("+2h", NEW_YORK, ""),
        ("2027-03-14 02:30", "UTC", ""),
    ],
)
def test_a_time_the_clocks_leave_out_is_told(typed: str, zone: str, told: str) -> None:
    said = left_out(typed, read_when(typed, zone, NOW), zone)
    assert said.startswith(told)
    assert bool(said) == bool(told)


@pytest.mark.parametrize(
    ("typed", "counts"),
    [
        ("+2h", True),
        ("in 3 days", True),
        ("“23:00”", True),
        ("Sunday, at 08:00", True),
        ("tomorrow 08:00", False),
        ("today at 8:00", False),
        ("now", False),
        ("2026-12-06 08:00", False),
        ("soon", False),
    ],
)
def test_an_end_says_whether_it_counts_from_its_beginning(typed: str, counts: bool) -> None:
    assert counts_from_start(typed) == counts


@given(st.text(max_size=60), st.sampled_from([KOLKATA, NEW_YORK, "UTC"]))
def test_every_text_has_a_moment_or_a_sentence(typed: str, zone: str) -> None:
    try:
        assert read_when(typed, zone, NOW, after=NOW).tzinfo is not None
    except Refused as refused:
        assert str(refused).endswith(".")
