"""A change of an incident, as those see it who have to do something about it."""

from dataclasses import dataclass
from datetime import datetime

from domain.incident import Incident
from domain.people import Person
from domain.timeline import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A step a person took. `before` is None for a declaration; `now` is UTC."""

    before: Incident | None
    after: Incident
    kind: EntryKind
    actor: Person
    now: datetime
