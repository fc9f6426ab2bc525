"""Figures about incidents, said honestly: median, 90th percentile and how many there were; never a mean."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

REPEATS_WITHIN = timedelta(days=90)
"""How far back an incident of the same kind makes one a repetition (incident practice, section 7)."""
FEW = 10
"""Below so many a comparison says nothing: no trend is shown (incident practice, section 7)."""
_TOP = 0.9
_NUMBERS = re.compile(r"\d+")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in seconds; None where nothing was measured. `n` is how many were."""

    median: float | None
    p90: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Share:
    """How many of `n`, in percent, 0 to 100; None of none."""

    percent: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What figures need to know of an incident. Times are UTC; None: it has not happened, or nobody knows."""

    id: int
    title: str
    severity: int
    services: tuple[str, ...]
    declared_at: datetime
    impact_at: datetime | None = None
    """When somebody says that the impact began."""
    detected_at: datetime | None = None
    """When somebody says that it was first seen."""
    paged_at: datetime | None
    """When the first page of its latest life went out."""
    acknowledged_at: datetime | None
    mitigated_at: datetime | None
    resolved_at: datetime | None


def spread(lengths: Iterable[timedelta]) -> Spread:
    """Sum up lengths of time. The 90th percentile lies between the two nearest ones, in proportion (type 7)."""
    seconds = sorted(length.total_seconds() for length in lengths)
    if not seconds:
        return Spread(None, None, 0)
    return Spread(round(median(seconds), 3), round(_quantile(seconds, _TOP), 3), len(seconds))


def share(part: int, whole: int) -> Share:
    """Tell how many of all."""
    return Share(round(100 * part / whole, 1) if whole else None, whole)


def time_to_acknowledge(incidents: Iterable[Measured]) -> Spread:
    """From the first page to the first person who said "I have it"; without either an incident is left out."""
    return spread(
        i.acknowledged_at - i.paged_at
        for i in incidents
        if i.paged_at is not None and i.acknowledged_at is not None and i.acknowledged_at >= i.paged_at
    )


def time_to_mitigate(incidents: Iterable[Measured]) -> Spread:
    """From the declaration until the impact was over; from the beginning of the impact where somebody has said when it was."""
    begun = ((i.impact_at or i.declared_at, i.mitigated_at) for i in incidents)
    return spread(end - begin for begin, end in begun if end is not None and end >= begin)


def time_to_detect(incidents: Iterable[Measured]) -> Spread:
    """From the beginning of the impact until it was seen, else declared; what nobody has said when it began is left out."""
    begun = ((i.impact_at, i.detected_at or i.declared_at) for i in incidents)
    return spread(seen - begin for begin, seen in begun if begin is not None and seen >= begin)


def time_to_resolve(incidents: Iterable[Measured]) -> Spread:
    """From the declaration until it was resolved; what is open is no zero, it is left out."""
    return spread(i.resolved_at - i.declared_at for i in incidents if i.resolved_at is not None)


def repeat_rate(incidents: Sequence[Measured], earlier: Sequence[Measured]) -> Share:
    """Tell how many came again: the same kind on the same service within `REPEATS_WITHIN` before.

    `earlier` are those declared before the first of `incidents`. What names no service cannot be told and is left out.
    """
    last: dict[tuple[str, str], datetime] = {}
    known = sorted((i for i in incidents if i.services), key=lambda i: (i.declared_at, i.id))
    counted, repeated = {i.id for i in known}, 0
    for incident in [*sorted(earlier, key=lambda i: (i.declared_at, i.id)), *known]:
        keys = kinds(incident.title, incident.services)
        if incident.id in counted:
            repeated += any(key in last and incident.declared_at - last[key] <= REPEATS_WITHIN for key in keys)
        last |= dict.fromkeys(keys, incident.declared_at)
    return share(repeated, len(known))


def kinds(title: str, services: Collection[str]) -> Sequence[tuple[str, str]]:
    """Tell what kinds an incident is of: each of its services, with its title without numbers, case and marks."""
    words = kind_words(title)
    return [(service, words) for service in services]


def kind_words(title: str) -> str:
    """Give a title without numbers, case and marks: what two incidents of one kind have in common."""
    return " ".join(_WORDS.findall(_NUMBERS.sub(" ", title.casefold())))


def _quantile(ordered: Sequence[float], at: float) -> float:
    place = at * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
