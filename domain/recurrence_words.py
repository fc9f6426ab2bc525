"""Recurrence rules as people say them."""

from collections.abc import Iterable
from datetime import date

from domain.recurrence_rule import Frequency, Rule

_NOUNS = {
    Frequency.DAILY: "day",
    Frequency.WEEKLY: "week",
    Frequency.MONTHLY: "month",
    Frequency.YEARLY: "year",
}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_WORKING_DAYS = tuple((0, day) for day in range(5))
_ONE_WEEK = 7


def rule_in_words(rule: Rule, last: date | None) -> str:
    """Say a complete rule in English: "every month on the first Sunday until 2027-01-31", "every day, 10 times".

    `last` is the day of its UNTIL on the wall clock it is read on.
    """
    noun = _NOUNS[rule.frequency]
    often = f"every {rule.interval} {noun}s" if rule.interval > 1 else f"every {noun}"
    days = _date_of_year(rule) or f"{_days(rule)}{_months(rule)}"
    ends = f" until {last.isoformat()}" if last else ""
    times = f", {rule.count} time{'s' if rule.count > 1 else ''}" if rule.count else ""
    return f"{often}{days}{ends}{times}"


def _date_of_year(rule: Rule) -> str:
    """Say "on 24 December" where that is all a yearly rule means."""
    whole = rule.frequency is Frequency.YEARLY and not rule.weekdays and not rule.positions
    if whole and len(rule.months) == 1 and all(day > 0 for day in rule.month_days):
        return f" on {_listed(map(str, rule.month_days))} {_MONTHS[rule.months[0] - 1]}"
    return ""


def _days(rule: Rule) -> str:
    if rule.positions:
        return _chosen(rule)
    if rule.month_days and rule.weekdays:
        return f" on {_dates(rule)} if it is {_weekdays(rule)}"
    if rule.month_days:
        return f" on {_dates(rule)}"
    if not rule.weekdays:
        return ""
    each = rule.frequency in (Frequency.MONTHLY, Frequency.YEARLY) and any(not number for number, _ in rule.weekdays)
    return f" on {'each ' if each else ''}{_weekdays(rule)}"


def _chosen(rule: Rule) -> str:
    """Say which days of the matching ones are meant."""
    if rule.month_days and not rule.weekdays and rule.positions == (-1,) and _ends_short_months(rule.month_days):
        return f" on the {_nth(rule.month_days[-1])}, or the last day of a shorter month"
    which = _listed(_place(number) for number in rule.positions)
    if not rule.month_days and len(rule.weekdays) == 1 and not rule.weekdays[0][0]:
        return f" on the {which} {_WEEKDAYS[rule.weekdays[0][1]]}"
    if rule.month_days and rule.weekdays:
        return f" on the {which} of {_dates(rule)} if it is {_weekdays(rule)}"
    return f" on the {which} of {_dates(rule) or _weekdays(rule) or 'the days'}"


def _ends_short_months(days: tuple[int, ...]) -> bool:
    return len(days) > 1 and days == tuple(range(28, days[-1] + 1))


def _months(rule: Rule) -> str:
    if rule.months:
        return f" in {_listed(_MONTHS[month - 1] for month in rule.months)}"
    if rule.frequency is not Frequency.YEARLY:
        return ""
    if any(number for number, _ in rule.weekdays):
        return " of the year"
    return " in each month" if rule.month_days else ""


def _dates(rule: Rule) -> str:
    ahead = [_nth(day) for day in rule.month_days if day > 0]
    back = [f"{_place(day)} day" for day in sorted(rule.month_days, reverse=True) if day < 0]
    return f"the {_listed(ahead + back)}" if rule.month_days else ""


def _weekdays(rule: Rule) -> str:
    if rule.weekdays == _WORKING_DAYS:
        return "Monday to Friday"
    if len(rule.weekdays) == _ONE_WEEK and not any(number for number, _ in rule.weekdays):
        return "any day"
    return _listed(
        f"the {_place(number)} {_WEEKDAYS[day]}" if number else _WEEKDAYS[day] for number, day in rule.weekdays
    )


def _place(number: int) -> str:
    if number == -1:
        return "last"
    place = _ORDINALS[abs(number) - 1] if abs(number) <= len(_ORDINALS) else _nth(abs(number))
    return place if number > 0 else f"{place} to last"


def _nth(number: int) -> str:
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _listed(words: Iterable[str]) -> str:
    *others, final = words
    return f"{', '.join(others)} and {final}" if others else final
