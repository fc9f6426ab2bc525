"""Audiences: who hears of incidents beside those who work on them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """A group of stakeholders, and where each of them is reached."""

    name: str
    """As people see it, such as "Leadership"."""
    severities: tuple[int, ...] = ()
    """Incidents of these severities, the worst first; empty: of all."""
    services: tuple[str, ...] = ()
    """Incidents of one of these services, by id; empty: of all, and of none."""
    channels: tuple[str, ...] = ()
    """Teams conversation ids."""
    teams: tuple[str, ...] = ()
    """Teams, by id: their channel."""
    people: tuple[str, ...] = ()
    """Handles: their 1:1 chat."""
    emails: tuple[str, ...] = ()

    def hears_of(self, severity: int, services: Collection[str]) -> bool:
        """Tell whether this audience hears of an incident of that severity on those services."""
        wanted = not self.severities or severity in self.severities
        return wanted and (not self.services or any(service in self.services for service in services))

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file, without what is empty; `from_json` gives an equal value."""
        lists = ("severities", "services", "channels", "teams", "people", "emails")
        return {"name": self.name} | {key: list(found) for key in lists if (found := getattr(self, key))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError for anything else."""
        lists = ("severities", "services", "channels", "teams", "people", "emails")
        return cls(name=data["name"], **{key: tuple(data.get(key, ())) for key in lists})
