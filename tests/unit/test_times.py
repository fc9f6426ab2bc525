from datetime import UTC, datetime

import pytest

from usecases.wording import between, exact


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "said"),
    [
        (utc(2026, 12, 5, 22), None, "Sat 2026-12-05 22:00 UTC"),
        (utc(2026, 12, 5, 22), "UTC", "Sat 2026-12-05 22:00 UTC"),
        (utc(2026, 12, 5, 22), "Europe/London", "Sat 2026-12-05 22:00 London (22:00 UTC)"),
        (utc(2026, 7, 5, 22), "Europe/London", "Sun 2026-07-05 23:00 London (22:00 UTC)"),
        (utc(2026, 12, 5, 16, 30), "Asia/Kolkata", "Sat 2026-12-05 22:00 Kolkata (16:30 UTC)"),
        (utc(2026, 12, 5, 22), "Asia/Kolkata", "Sun 2026-12-06 03:30 Kolkata (Sat 2026-12-05 22:00 UTC)"),
        (utc(2026, 12, 6, 1, 30), "America/St_Johns", "Sat 2026-12-05 22:00 St Johns (Sun 2026-12-06 01:30 UTC)"),
        (utc(2026, 12, 5, 22, 0, 5), "UTC", "Sat 2026-12-05 22:00:05 UTC"),
    ],
)
def test_a_moment_names_weekday_date_and_zone(at: datetime, zone: str | None, said: str) -> None:
    assert exact(at, zone) == said


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "zone", "said"),
    [
        (utc(2026, 12, 5, 10), utc(2026, 12, 5, 12), None, "Sat 2026-12-05 10:00 – 12:00 UTC"),
        (utc(2026, 12, 5, 22), utc(2026, 12, 6, 8), "UTC", "Sat 2026-12-05 22:00 – Sun 2026-12-06 08:00 UTC"),
        (
            utc(2026, 12, 5, 22),
            utc(2026, 12, 6, 8),
            "Europe/London",
            "Sat 2026-12-05 22:00 – Sun 2026-12-06 08:00 London (the same in UTC)",
        ),
        (
            utc(2026, 12, 5, 4, 30),
            utc(2026, 12, 5, 6, 30),
            "Asia/Kolkata",
            "Sat 2026-12-05 10:00 – 12:00 Kolkata (04:30 – 06:30 UTC)",
        ),
        (
            utc(2026, 12, 5, 16, 30),
            utc(2026, 12, 6, 2, 30),
            "Asia/Kolkata",
            "Sat 2026-12-05 22:00 – Sun 2026-12-06 08:00 Kolkata (16:30 – 02:30 UTC)",
        ),
        (
            utc(2026, 12, 5, 20),
            utc(2026, 12, 5, 22),
            "Asia/Kolkata",
            "Sun 2026-12-06 01:30 – 03:30 Kolkata (Sat 2026-12-05 20:00 – 22:00 UTC)",
        ),
        (
            utc(2026, 12, 5, 18),
            utc(2026, 12, 5, 20),
            "Asia/Kolkata",
            "Sat 2026-12-05 23:30 – Sun 2026-12-06 01:30 Kolkata (Sat 2026-12-05 18:00 – 20:00 UTC)",
        ),
        (
            utc(2026, 12, 5, 21),
            utc(2026, 12, 6, 7),
            "Asia/Kolkata",
            "Sun 2026-12-06 02:30 – 12:30 Kolkata (Sat 2026-12-05 21:00 – Sun 2026-12-06 07:00 UTC)",
        ),
        # The clocks go forward within the week: only one end is the same in UTC.
        (
            utc(2027, 3, 22, 9),
            utc(2027, 3, 29, 8),
            "Europe/London",
            "Mon 2027-03-22 09:00 – Mon 2027-03-29 09:00 London (09:00 – 08:00 UTC)",
        ),
    ],
)
def test_a_time_names_a_common_day_once(starts_at: datetime, ends_at: datetime, zone: str | None, said: str) -> None:
    assert between(starts_at, ends_at, zone) == said
