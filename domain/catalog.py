"""The catalogue: teams, and the services they own and operate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self, TypeAlias

from domain.oncall import WeeklyWindow, parse_weekly_window

LOWEST_TIER = 5
"""Tiers go from 1, the most critical, to this."""

WorkingHours: TypeAlias = tuple[WeeklyWindow, ...]
"""When a team works, on the wall clock of its zone; several windows mean "or", none means not stated."""


class Side(StrEnum):
    """On which side of the company a team stands."""

    ENGINEERING = "engineering"
    OPERATIONS = "operations"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """People who own or operate services together."""

    id: str
    """The handle in the organisation file and in commands."""
    name: str
    side: Side
    lead: str | None = None
    """Handle of a person; need not be a member."""
    members: tuple[str, ...] = ()
    """Handles of people; the order has no meaning."""
    channel: str | None = None
    """Teams conversation id of the team's channel."""
    time_zone: str = "UTC"
    """IANA name."""
    working_hours: WorkingHours = ()
    capacity_hours_per_week: float | None = None
    care_hours_per_week: float | None = None
    """How much of it is meant for planned care; None where nobody has said."""

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file, without what is empty; `from_json` gives an equal value."""
        data: dict[str, Any] = {"id": self.id, "name": self.name, "side": str(self.side)}
        if self.lead is not None:
            data["lead"] = self.lead
        data["members"] = list(self.members)
        if self.channel is not None:
            data["channel"] = self.channel
        data["time_zone"] = self.time_zone
        if self.working_hours:
            data["working_hours"] = [str(window) for window in self.working_hours]
        if self.capacity_hours_per_week is not None:
            data["capacity_hours_per_week"] = self.capacity_hours_per_week
        if self.care_hours_per_week is not None:
            data["care_hours_per_week"] = self.care_hours_per_week
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            id=data["id"],
            name=data["name"],
            side=Side(data["side"]),
            lead=data.get("lead"),
            members=tuple(data["members"]),
            channel=data.get("channel"),
            time_zone=data["time_zone"],
            working_hours=tuple(parse_weekly_window(text) for text in data.get("working_hours", ())),
            capacity_hours_per_week=data.get("capacity_hours_per_week"),
            care_hours_per_week=data.get("care_hours_per_week"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something customers or colleagues use, with an owner on the engineering side."""

    id: str
    """The handle in the organisation file and in commands."""
    name: str
    owner: str
    """Id of the team that owns it."""
    operations: str | None = None
    """Id of the team that operates it."""
    tier: int | None = None
    """1 is the most critical, 5 the least; None where nobody has said."""
    escalation_policy: str | None = None
    runbooks: tuple[str, ...] = ()
    """http or https addresses, the most useful first."""
    severity_policies: Mapping[int, str] = field(default_factory=dict[int, str])
    """Escalation policies for single severities (1 to 4) instead of `escalation_policy`."""

    def policy_for(self, severity: int) -> str | None:
        """Name the escalation policy of an incident of this severity."""
        return self.severity_policies.get(severity, self.escalation_policy)

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file, without what is empty; `from_json` gives an equal value."""
        data: dict[str, Any] = {"id": self.id, "name": self.name, "owner": self.owner}
        for key in ("operations", "tier", "escalation_policy"):
            value = getattr(self, key)
            if value is not None:
                data[key] = value
        if self.severity_policies:
            data["severity_policies"] = {str(level): name for level, name in sorted(self.severity_policies.items())}
        return data | ({"runbooks": list(self.runbooks)} if self.runbooks else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            id=data["id"],
            name=data["name"],
            owner=data["owner"],
            operations=data.get("operations"),
            tier=data.get("tier"),
            escalation_policy=data.get("escalation_policy"),
            runbooks=tuple(data.get("runbooks", ())),
            severity_policies={int(level): name for level, name in data.get("severity_policies", {}).items()},
        )
