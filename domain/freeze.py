"""Freezes: times in which nothing is changed unless it has to be."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from domain.zones import format_moment, parse_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """A time in which changes and maintenance are held off, for some services or for all."""

    name: str
    """What people call it; need not be unique, "Christmas" comes every year."""
    starts_at: datetime
    """UTC."""
    ends_at: datetime
    """UTC; at this very moment the freeze is over."""
    teams: tuple[str, ...] = ()
    """Handles of teams: it holds for every service they own. The order has no meaning."""
    services: tuple[str, ...] = ()
    """Handles of services for which it holds, whoever owns them. Without teams and services it holds for everything."""

    def holds_for(self, services: Collection[str], owners: Collection[str]) -> bool:
        """Tell whether it concerns any of these services, or of the teams that own them."""
        everything = not (self.teams or self.services)
        return everything or not (set(self.services).isdisjoint(services) and set(self.teams).isdisjoint(owners))

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file, without what is empty; `from_json` gives an equal value."""
        data: dict[str, Any] = {
            "name": self.name,
            "from": format_moment(self.starts_at),
            "to": format_moment(self.ends_at),
        }
        lists = {"teams": self.teams, "services": self.services}
        return data | {key: list(handles) for key, handles in lists.items() if handles}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            name=data["name"],
            starts_at=parse_moment(data["from"], "UTC"),
            ends_at=parse_moment(data["to"], "UTC"),
            teams=tuple(data.get("teams", ())),
            services=tuple(data.get("services", ())),
        )
