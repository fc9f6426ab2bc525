from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.digest import Week, next_told
from domain.errors import Refused

ZONES = ("Europe/London", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe")


@given(st.dates(date(2001, 1, 1), date(2190, 1, 1)))
def test_a_week_is_read_back_as_it_is_written_and_has_its_days(day: date) -> None:
    week = Week.of(day)
    assert Week.parse(str(week)) == week
    assert week.monday <= day < week.monday + timedelta(days=7)
    assert week.following().monday == week.monday + timedelta(days=7)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-W00", "2026-W54", "2025-W53", "W48", "2026-48", "9999-W01", "２０２６-W01"]
)
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="2026-W48"):
        Week.parse(text)


@pytest.mark.parametrize("zone", ZONES)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_the_next_digest_is_on_the_next_monday_at_nine_of_that_zone(zone: str, now: datetime) -> None:
    week = next_told(now, zone)
    at = week.told_at(zone)
    local = at.astimezone(ZoneInfo(zone))
    assert now < at <= now + timedelta(days=7, hours=2)
    assert (local.isoweekday(), local.hour, local.minute) == (1, 9, 0)
    assert Week.last_whole(at, zone) == week


def test_where_the_clocks_change_a_week_is_an_hour_shorter_or_longer() -> None:
    spans = [Week.parse(text).span("Europe/London") for text in ("2027-W12", "2027-W43")]
    lengths = [ends - begins for begins, ends in spans]
    assert lengths == [timedelta(days=7, hours=-1), timedelta(days=7, hours=1)]
