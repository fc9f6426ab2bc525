"""The words of an update, as each reader gets them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.incident import Incident
from domain.people import BOT_ID
from domain.update import Update, filled
from usecases.ports import Store
from usecases.targets import services_of
from usecases.wording import listed, to_the_minute

NOTHING_KNOWN = "not known yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateView:
    """An update with everything its message says. `now` is when it was read, UTC."""

    update: Update
    incident: Incident
    severity_name: str
    services: tuple[str, ...]
    author: str
    """Who wrote it; empty where it wrote itself."""
    now: datetime

    def text(self, zone: str | None) -> str:
        """Give its words, with the promise in a reader's zone."""
        return filled(self.update.text, {"next": self.promise(zone)})

    def promise(self, zone: str | None) -> str:
        """Say when the next one comes."""
        if self.update.is_final:
            return "none, this was the last one"
        return to_the_minute(self.update.next_at, zone) if self.update.next_at else "when there is news"

    @property
    def headline(self) -> str:
        """Name the incident: "INC-12 SEV1 Critical: Checkout is down"."""
        incident = self.incident
        return f"{incident.ref} SEV{incident.severity} {self.severity_name}: {incident.title}"


def update_view(store: Store, update: Update, now: datetime) -> UpdateView | None:
    """Read what an update says; None where its incident is gone."""
    incident = store.incidents.get(update.incident_id)
    if incident is None:
        return None
    author = store.people.many([update.author]).get(update.author) if update.author != BOT_ID else None
    return UpdateView(
        update=update,
        incident=incident,
        severity_name=store.organisations.severity_names()[incident.severity],
        services=tuple(service.name for service in services_of(store, incident)),
        author=author.name if author else "",
        now=now,
    )


def template_values(store: Store, incident: Incident) -> Mapping[str, str]:
    """Give the words for a template; "{next}" stays, it is put in when the update is read."""
    return {
        "title": incident.title,
        "severity": f"SEV{incident.severity} {store.organisations.severity_names()[incident.severity]}",
        "status": str(incident.status),
        "services": listed([service.name for service in services_of(store, incident)]) or NOTHING_KNOWN,
    }
