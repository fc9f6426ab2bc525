"""Documents out of columns, parsed once: the same text always means the same, so its value is kept by it."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, ColumnElement, type_coerce

from domain.escalation import EscalationPolicy
from domain.oncall import ImportedShift, Schedule
from storage.types import CleanText

_MOST = 4_096
"""Values kept of each kind; ours: several times what a large organisation has."""


def as_text(column: Column[Any]) -> ColumnElement[str]:
    """Read a JSON column as the text it is, for the functions below."""
    return type_coerce(column, CleanText())


def without(column: Column[Any]) -> Sequence[Column[Any]]:
    """List the other columns of a column's table: a document that is read as text is not parsed beside it."""
    return [other for other in column.table.c if other is not column]


@lru_cache(maxsize=_MOST)
def schedule_from(text: str) -> Schedule:
    """Read a schedule as the organisation file has it."""
    return Schedule.from_json(json.loads(text))


@lru_cache(maxsize=_MOST)
def policy_from(text: str) -> EscalationPolicy:
    """Read an escalation policy."""
    return EscalationPolicy.from_json(json.loads(text))


@lru_cache(maxsize=_MOST)
def shifts_from(text: str) -> tuple[ImportedShift, ...]:
    """Read the shifts that an outside calendar gave."""
    return tuple(ImportedShift.from_json(shift) for shift in json.loads(text))
