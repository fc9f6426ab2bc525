"""Similar incidents as a card says them."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.incident import Incident
from usecases.ports import Store
from usecases.wording import listed

_WORDS_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """An earlier incident that looks like this one."""

    incident: Incident
    why: str
    """Such as “same service (Checkout), both say “queue” and “full””."""
    same_kind: bool


def alike(store: Store, incident: Incident) -> Sequence[Likely]:
    """Read what was found for an incident, and say why."""
    hits = store.similar.hits(incident.id)
    if not hits:
        return []
    others = store.incidents.many([hit.other for hit in hits])
    names = {service: _name(store, service) for hit in hits for service in hit.services}
    found: list[Likely] = []
    for hit in hits:
        if hit.other in others:
            services = f"same service ({listed([names[s] for s in hit.services])})" if hit.services else ""
            quoted = listed([f"“{word}”" for word in hit.words[:_WORDS_SHOWN]])
            words = f"both say {quoted}" if hit.words else "the same title" if hit.same_kind else ""
            why = ", ".join(part for part in (services, words) if part)
            found.append(Likely(incident=others[hit.other], why=why, same_kind=hit.same_kind))
    return found


def _name(store: Store, service: str) -> str:
    known = store.catalog.service(service)
    return known.name if known else service
