"""Finding incidents that are alike. It is due work: nobody who declares an incident waits for it."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.incident import Incident
from domain.metrics import kinds
from domain.similarity import (
    AGAIN_WITHIN,
    SHOWN,
    Likeness,
    Told,
    affordable,
    chosen_terms,
    likeness,
    stem,
    stems,
    terms,
)
from domain.timeline import EntryKind
from usecases import problems, status_cards
from usecases.incident_change import Change
from usecases.ports import Store
from usecases.similar_ports import Hit, Text
from usecases.work import DueWork, NewWork

LOOK = "similar.look:1"
AFTER = timedelta(seconds=2)
"""So long after a declaration it is looked for; ours: pages go first, also where twenty incidents come at once."""
_TEXT_LIMIT = 4_000
"""Characters of what was said about an incident that are compared; ours."""
_NOTES = 5
_TERMS = 24
"""Words that are looked up; ours: more of them find the same incidents more slowly."""
_COMMON = 5
"""So many times as often as those words may stand that are looked up in all incidents others may that are looked up in the newest."""
_FEW = 4
"""So many times as many incidents as may be ranked are still few."""
_SHOWN = 8
"""Words that are kept of a likeness."""
_CANDIDATES = 20
_READ = 50


def follow(store: Store, change: Change) -> None:
    """Look for similar incidents after a declaration, and learn what was said when one is resolved."""
    if change.kind in (EntryKind.DECLARED, EntryKind.RESOLVED):
        incident = change.after
        store.work.add(
            NewWork(
                kind=LOOK,
                dedupe_key=f"similar:{incident.id}:{change.kind}:{incident.cycle}",
                due_at=change.now + AFTER,
                subject=f"similar:{incident.id}",
                payload={"incident": incident.id, "find": change.kind is EntryKind.DECLARED},
            )
        )


def run_look(store: Store, due: DueWork, now: datetime) -> None:
    """Learn the words of an incident; for a new one find those that are alike, and open a problem the third time."""
    incident = store.incidents.get(int(due.payload["incident"]))
    if incident is None:
        return
    told = _told(store, incident)
    learn(store, told)
    if not due.payload["find"]:
        return
    found = likely(store, told)
    store.similar.found(incident.id, [_hit(incident.id, one) for one in found[:SHOWN]])
    problem = problems.seen(store, incident, _of_kind(store, told, found), now)
    if found or problem is not None:
        store.incidents.compared(incident.id)
        status_cards.redraw(store, incident, because=":alike")


def learn(store: Store, told: Told) -> None:
    """Write the words of an incident into the index."""
    text = Text(incident=told.id, title=told.title, body=told.text)
    store.similar.put(text, stems(f"{told.title} {told.text}"), kinds(told.title, told.services))


def likely(store: Store, told: Told) -> Sequence[Likeness]:
    """Find earlier incidents that are alike, the same trouble in front, then the most similar ones."""
    rare, found = _searched(store, told)
    since = told.at - AGAIN_WITHIN
    exact = store.similar.same_kind(kinds(told.title, told.services), before=told.id, since=since, limit=_READ)
    ids = list(dict.fromkeys((*exact, *found)))
    texts, incidents = store.similar.texts(ids), store.incidents.many(ids)
    likenesses: list[Likeness] = []
    for number in ids:
        if number in texts and number in incidents:
            alike = likeness(told, _as_told(incidents[number], texts[number]), rare)
            if alike is not None:
                likenesses.append(alike)
    # What is alike in service and in words comes before what is alike in words alone; the order of the search decides the rest.
    return sorted(likenesses, key=lambda one: (not one.same_kind, not one.services))


def ranked(store: Store, told: Told) -> Sequence[int]:
    """Rank earlier incidents by their words alone, the best first."""
    return _searched(store, told)[1]


def _searched(store: Store, told: Told) -> tuple[Sequence[str], Sequence[int]]:
    """Look up the rarest words in all incidents, and common ones in the newest; give the words too."""
    wanted = terms(f"{told.title} {told.text}")
    of_stems, total = store.similar.frequencies({stem(word) for word in wanted})
    frequency = {word: of_stems.get(stem(word), 0) for word in wanted}
    rare = chosen_terms(wanted, frequency, total, most=_TERMS)
    weight = {word: math.log(1 + total / frequency[word]) for word in rare}
    budget = store.similar.affordable
    # Among few incidents every word can be looked up: more than all of them are never ranked.
    few = rare if total <= _FEW * budget else affordable(rare, frequency, budget)
    found = store.similar.search(_of(weight, few), before=told.id, limit=_CANDIDATES)
    more = affordable(rare, frequency, _COMMON * budget)
    if len(few) < len(more):
        density = sum(frequency[word] for word in more) / max(total, 1)
        after = max(0, told.id - int(budget / 2 / max(density, 0.001)))
        recent = store.similar.search(_of(weight, more), before=told.id, after=after, limit=_CANDIDATES)
        found = list(dict.fromkeys((*recent, *found)))
    return rare, found


def _of(weight: Mapping[str, float], words: Sequence[str]) -> Mapping[str, float]:
    return {word: weight[word] for word in words}


def _of_kind(store: Store, told: Told, found: Sequence[Likeness]) -> Sequence[Incident]:
    """Read the incidents of the same trouble in the last 90 days, oldest first.

    One that is still open is the same time, and not one time more: twenty alerts of one outage are no problem that recurs.
    """
    incidents = store.incidents.many([one.other for one in found if one.same_kind]).values()
    over = [one for one in incidents if not one.is_open and one.declared_at >= told.at - AGAIN_WITHIN]
    return sorted(over, key=lambda incident: incident.id)


def _told(store: Store, incident: Incident) -> Told:
    notes = store.timeline.of_kinds(incident.id, (EntryKind.NOTE,), limit=_NOTES)
    said = "\n".join([*(note.text for note in notes), incident.summary])
    return Told(
        id=incident.id,
        title=incident.title,
        text=said[:_TEXT_LIMIT],
        services=incident.services,
        at=incident.declared_at,
    )


def _as_told(incident: Incident, text: Text) -> Told:
    return Told(
        id=incident.id, title=incident.title, text=text.body, services=incident.services, at=incident.declared_at
    )


def _hit(incident: int, found: Likeness) -> Hit:
    return Hit(
        incident=incident,
        other=found.other,
        words=found.words[:_SHOWN],
        services=found.services,
        same_kind=found.same_kind,
    )
