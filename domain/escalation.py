"""Escalation policies: who is paged, in which order, and how long each step waits for an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Self

from domain.durations import format_duration, parse_duration

MAX_REPEAT = 100
"""Most extra rounds of one policy; our own limit, a hundred rounds are a mistake."""


MAX_ACKNOWLEDGEMENTS = 10
"""Most people one step can wait for; our own limit."""


class TargetKind(StrEnum):
    """Who a step can page."""

    SCHEDULE = "schedule"
    """Whoever is on call on it."""
    PERSON = "person"
    TEAM = "team"
    """The team's lead, with a post in its channel."""
    CHANNEL = "channel"
    """A post in the team's channel, nobody in person."""
    SIDES = "sides"
    """Whoever is on call for the services of the incident, on the side named: engineering, operations or both."""


SIDES = ("both", "engineering", "operations")
"""What may stand behind "sides:"."""


class StepHours(StrEnum):
    """When a step counts; outside of that it is passed over at once."""

    ALWAYS = "always"
    WORKING = "working-hours"
    """While the team that owns the incident's first service is at work."""
    OFF = "off-hours"


@dataclass(frozen=True, slots=True)
class NotifyTarget:
    """Somebody to page, such as schedule:payments-primary."""

    kind: TargetKind
    id: str

    def __str__(self) -> str:
        """Write it as in the organisation file; `parse_target` reads it back to an equal value."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a policy: page all of `notify`, then wait for an acknowledgement before the next step."""

    notify: tuple[NotifyTarget, ...]
    wait: timedelta
    """At least one second."""
    acknowledgements: int = 1
    """How many different people have to acknowledge before the escalation stops, 1 to 10."""
    only: StepHours = StepHours.ALWAYS

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file; `from_json` gives an equal value."""
        data: dict[str, Any] = {
            "notify": [str(target) for target in self.notify],
            "wait": format_duration(self.wait),
        }
        data |= {"acknowledgements": self.acknowledgements} if self.acknowledgements > 1 else {}
        return data | ({"only": str(self.only)} if self.only is not StepHours.ALWAYS else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            notify=tuple(parse_target(text) for text in data["notify"]),
            wait=parse_duration(data["wait"]),
            acknowledgements=data.get("acknowledgements", 1),
            only=StepHours(data.get("only", StepHours.ALWAYS)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPolicy:
    """The steps to go through until somebody acknowledges."""

    id: str
    steps: tuple[Step, ...]
    repeat: int = 0
    """How many times the steps are gone through again after the first round, 0 to 100."""
    last_resort: NotifyTarget | None = None
    """Paged when all rounds stayed without an answer."""
    ack_timeout: timedelta | None = None
    """After an acknowledgement and so long without any sign of work, the escalation starts again; None: never."""

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file; `from_json` gives an equal value."""
        data: dict[str, Any] = {"id": self.id, "steps": [step.to_json() for step in self.steps]}
        if self.repeat:
            data["repeat"] = self.repeat
        if self.ack_timeout is not None:
            data["ack_timeout"] = format_duration(self.ack_timeout)
        return data | ({"last_resort": str(self.last_resort)} if self.last_resort else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            id=data["id"],
            steps=tuple(Step.from_json(step) for step in data["steps"]),
            repeat=data.get("repeat", 0),
            last_resort=parse_target(data["last_resort"]) if "last_resort" in data else None,
            ack_timeout=parse_duration(data["ack_timeout"]) if "ack_timeout" in data else None,
        )


def parse_target(text: str) -> NotifyTarget:
    """Read "schedule:<id>", "person:<id>", "team:<id>", "channel:<team>" or "sides:both".

    Raises ValueError with a sentence.
    """
    kind, colon, target = text.partition(":")
    if not colon or not target.strip():
        raise ValueError(f'"{text[:80]}" does not say what it is: write schedule:<id>, person:<id> or team:<id>.')
    if kind not in frozenset(TargetKind):
        raise ValueError(f'"{kind[:40]}" cannot be paged: write schedule:<id>, person:<id> or team:<id>.')
    if kind == TargetKind.SIDES and target.strip() not in SIDES:
        raise ValueError(
            f'"{target.strip()[:40]}" is no side: write sides:both, sides:engineering or sides:operations.'
        )
    return NotifyTarget(TargetKind(kind), target.strip())
