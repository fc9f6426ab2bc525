"""What is said about windows in sentences: times on the reader's wall clock with UTC beside, for several in UTC."""

from datetime import datetime, timedelta

from domain.maintenance import Maintenance, MaintenanceState
from usecases.wording import between, city_of, exact


def titled(window: Maintenance) -> str:
    """Name it with what is done."""
    return f"{window.name} “{window.title}”"


def when(window: Maintenance, zone: str | None) -> str:
    """Say from when to when, of the current or next occurrence."""
    return between(window.starts_at, window.ends_at, zone)


def repeats(window: Maintenance) -> str:
    """Say how often it comes again, and on whose wall clock; empty where it does not."""
    return f"{window.recurrence.words()}, {city_of(window.zone)} time" if window.recurrence else ""


def reminder(window: Maintenance, zone: str | None, now: datetime) -> str:
    """Say that it begins soon."""
    return f"{titled(window)} begins in {ahead(window.starts_at - now)}: {when(window, zone)}. {impact(window)}".strip()


def ahead(long: timedelta) -> str:
    """Write how long it takes until then: "24 h", "1 h 5 min". Seconds that a message takes to arrive do not count."""
    hours, minutes = divmod(-(-max(long.total_seconds(), 0) // 60), 60)
    parts = [f"{hours:.0f} h"] if hours else []
    return " ".join([*parts, *([f"{minutes:.0f} min"] if minutes or not hours else [])])


def begun(window: Maintenance, zone: str | None) -> str:
    """Say that it runs now."""
    return f"{titled(window)} has begun and is planned until {exact(window.ends_at, zone)}. {impact(window)}".strip()


def overrun(window: Maintenance, zone: str | None) -> str:
    """Say that nobody has ended it in time."""
    return f"{titled(window)} has overrun: it was planned until {exact(window.ends_at, zone)}, and nobody has said that it is done."


def finished(window: Maintenance, who: str, evidence: str, after: Maintenance, zone: str | None) -> str:
    """Say that it is done, and when it comes again. `window` as it ran, `after` as it is now."""
    return f"{who} ended {titled(window)}: {evidence}\n{again(after, zone)}".strip()


def cancelled(window: Maintenance, who: str, reason: str, zone: str | None) -> str:
    """Say that it does not happen."""
    called = f"{who} cancelled" if who else "Cancelled:"
    return f"{called} {titled(window)}, {when(window, zone)}.{because(reason)}"


def left_out(window: Maintenance, who: str, reason: str, after: Maintenance, zone: str | None) -> str:
    """Say that one occurrence does not happen, or ends early."""
    return f"{who} cancelled {titled(window)} on {when(window, zone)}.{because(reason)}\n{again(after, zone)}".strip()


def again(window: Maintenance, zone: str | None) -> str:
    """Say when it comes again; empty where it does not."""
    return f"It comes again {when(window, zone)}." if window.is_coming else ""


def moved(window: Maintenance, who: str, zone: str | None) -> str:
    """Say where it was moved to, and that it waits for an approval again."""
    asked = " It has to be approved again." if waits(window) else ""
    return f"{who} moved {titled(window)} to {when(window, zone)}.{asked}"


def extended(window: Maintenance, who: str, zone: str | None) -> str:
    """Say that it takes longer, or less long."""
    return f"{who} moved the end of {titled(window)} to {exact(window.ends_at, zone)}."


def approved(window: Maintenance, who: str, zone: str | None) -> str:
    """Say that it happens."""
    by = f"{who} approved" if who else "Approved:"
    return f"{by} {titled(window)}: it is planned {when(window, zone)}."


def signed_off(window: Maintenance, who: str) -> str:
    """Say that the other side has looked at it."""
    return f"{who} signed off {titled(window)}."


def impact(window: Maintenance) -> str:
    """Say what people notice; empty where nobody has said."""
    return f"Expected impact: {window.impact}" if window.impact else ""


def waits(window: Maintenance) -> bool:
    """Whether somebody still has to approve it."""
    return window.state is MaintenanceState.AWAITING_APPROVAL


def because(reason: str) -> str:
    """Write a reason behind a sentence; empty where there is none."""
    return f" Reason: {reason}" if reason else ""
