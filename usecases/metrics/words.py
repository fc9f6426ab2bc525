"""Figures as sentences say them: never a number alone."""

from datetime import timedelta

from domain.metrics import Share, Spread
from usecases.metrics.work import Work
from usecases.wording import length


def spread_said(spread: Spread) -> str:
    """Write "median 53 min, p90 3 h 57 min (n=12)"; empty where nothing was measured."""
    if spread.median is None or spread.p90 is None:
        return ""
    middle, high = (length(timedelta(seconds=seconds)) for seconds in (spread.median, spread.p90))
    return f"median {middle}, p90 {high} (n={spread.n})"


def share_said(share: Share) -> str:
    """Write "87.5 % (n=8)"; empty of none."""
    return "" if share.percent is None else f"{share.percent:g} % (n={share.n})"


def work_said(work: Work) -> str:
    """Write "12 h, 7.5 % of the capacity (n=8)"; empty where nothing was estimated."""
    if not work.hours:
        return ""
    of = f", {work.reactive.percent:g} % of the capacity" if work.reactive.percent is not None else ""
    return f"{length(timedelta(hours=work.hours))}{of} (n={work.reactive.n})"
