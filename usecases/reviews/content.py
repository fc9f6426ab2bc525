"""What the product itself writes in a review: drafts that people go on with, and sections that are always true."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from domain.catalog import Service
from domain.incident import Incident, Role
from domain.phases import Stretch, longest, percents, phases
from domain.review import SECTION_LIMIT
from domain.review_template import Fill
from domain.timeline import EntryKind, TimelineEntry
from usecases import actions, sides, story
from usecases.moments import moments_of
from usecases.ports import Store
from usecases.reviews import people
from usecases.targets import services_of
from usecases.wording import length, listed

ROWS = 40
"""Lines of one incident's story in a review; ours: the timeline has them all."""
_LINE = 300
"""Characters of one of them."""
_STEPS = (
    EntryKind.DECLARED,
    EntryKind.ACKNOWLEDGED,
    EntryKind.STATUS_CHANGED,
    EntryKind.SEVERITY_CHANGED,
    EntryKind.ROLE_ASSIGNED,
    EntryKind.ESCALATED,
    EntryKind.UPDATE_SENT,
    EntryKind.CAUSE_LINKED,
    EntryKind.RESOLVED,
    EntryKind.REOPENED,
)
_MANY = 500


def written(store: Store, fill: Fill, incidents: Sequence[Incident], now: datetime) -> str:
    """Write one section. Of several incidents each has its own lines, with its name in front."""
    return _cut("\n".join(filter(None, (_WRITES[fill](store, i, now, len(incidents) > 1) for i in incidents))))


def _cut(text: str) -> str:
    return text if len(text) <= SECTION_LIMIT else text[: SECTION_LIMIT - 1].rstrip() + "…"


# -- drafts ------------------------------------------------------------------------------------------------------------


def _summary(store: Store, incident: Incident, now: datetime, _: bool) -> str:  # noqa: FBT001 - one of several writers
    name = store.organisations.severity_names()[incident.severity]
    services = _services(store, incident)
    ended = incident.resolved_at or now
    on = f" on {services}" if services else ""
    took = f"It was declared at {_moment(incident.declared_at)} and took {length(ended - incident.declared_at)}."
    again = f" It was reopened {_times(incident.cycle)}." if incident.cycle else ""
    told = f"\n{incident.summary}" if incident.summary else ""
    return f"{incident.ref}, severity {incident.severity} ({name}){on}: {incident.title}. {took}{again}{told}"


def _impact(store: Store, incident: Incident, now: datetime, several: bool) -> str:  # noqa: FBT001
    names = store.organisations.severity_names()
    spans = [
        f"{length(long)} at severity {level} ({names[level]})"
        for level, long in _severities(store, incident, now).items()
    ]
    services = _services(store, incident)
    on = f"Affected: {services}. " if services else ""
    return f"{_named(incident, several)}{on}It lasted {listed(spans)}."


def _detection(store: Store, incident: Incident, _: datetime, several: bool) -> str:  # noqa: FBT001
    who = store.people.many([incident.declared_by])[incident.declared_by].name
    said = f"{_named(incident, several)}{who} declared it at {_moment(incident.declared_at)}."
    first = moments_of(store, incident).acknowledged_at
    return said if first is None else f"{said} Somebody had it after {length(first - incident.declared_at)}."


def _resolution(_: Store, incident: Incident, __: datetime, several: bool) -> str:  # noqa: FBT001
    return f"{_named(incident, several)}{incident.summary}" if incident.summary else ""


def _factors(_: Store, __: Incident, ___: datetime, ____: bool) -> str:  # noqa: FBT001
    return ""


# -- what is always true -----------------------------------------------------------------------------------------------


def _timeline(store: Store, incident: Incident, _: datetime, several: bool) -> str:  # noqa: FBT001
    keys = sorted(store.moments.keys(incident.id))[:ROWS]
    key_entries = store.timeline.numbered(incident.id, keys) if keys else ()
    steps = store.timeline.of_kinds(incident.id, _STEPS, limit=ROWS - len(keys)) if len(keys) < ROWS else ()
    room = ROWS - len({*keys, *(entry.seq for entry in steps)})
    notes = store.timeline.of_kinds(incident.id, (EntryKind.NOTE,), limit=room) if room > 0 else ()
    entries = [entry for _, entry in sorted({e.seq: e for e in (*key_entries, *steps, *notes)}.items())]
    known = store.people.many(_people_in(entries))
    names = {number: person.name for number, person in known.items()}
    head = [f"{incident.ref} {incident.title}"] if several else []
    rows = [
        f"{_moment(e.at)}  {'★ ' if e.seq in keys else ''}{_line(story.whole(e, lambda who: _name(names, who)))}"
        for e in entries
    ]
    more = incident.entry_seq - len(entries)
    rest = [f"and {more} more: write “timeline {incident.ref}”"] if more > 0 else []
    went = time_line(stretches(store, incident))
    return "\n".join([*head, *([went] if went else []), *rows, *rest])


def stretches(store: Store, incident: Incident) -> Sequence[Stretch]:
    """Tell where the time went; nothing while that is not known."""
    found = phases(moments_of(store, incident))
    return found if any(stretch.length for stretch in found) else ()


def time_line(found: Sequence[Stretch]) -> str:
    """Say where the time went; empty where that is not known."""
    most = longest(found)
    if most is None:
        return ""
    parts = [
        f"{stretch.phase} {length(stretch.length)} ({share} %)"
        for stretch, share in zip(found, percents(found), strict=True)
    ]
    return f"Where the time went: {', '.join(parts)}. Most of it: {most.phase}."


def _responders(store: Store, incident: Incident, _: datetime, several: bool) -> str:  # noqa: FBT001
    holders = {incident.roles[role]: str(role) for role in Role if role in incident.roles}
    rows: list[str] = []
    for person in people.took_part(store, [incident]):
        teams = listed([team.name for team in sides.teams_of(store, person)])
        does = [word for word in (holders.get(person.id, ""), teams) if word]
        rows.append(f"- {person.name} ({', '.join(does)})" if does else f"- {person.name}")
    return "\n".join([*([incident.ref] if several and rows else []), *rows])


def _messages(store: Store, incident: Incident, _: datetime, __: bool) -> str:  # noqa: FBT001
    sent = store.timeline.of_kinds(incident.id, (EntryKind.UPDATE_SENT,), limit=ROWS)
    return "\n".join(f"{_moment(entry.at)}  {_line(entry.text)}" for entry in sent)


def _actions(store: Store, incident: Incident, _: datetime, __: bool) -> str:  # noqa: FBT001
    found = actions.of_incident(store, incident.id)
    owners = store.people.many({action.owner for action in found})
    return "\n".join(
        f"- {a.name} ({a.kind}): {a.title}, {owners[a.owner].name}, due {a.due_on}, {a.state}" for a in found[:_MANY]
    )


_WRITES: Mapping[Fill, Callable[[Store, Incident, datetime, bool], str]] = {
    Fill.SUMMARY: _summary,
    Fill.IMPACT: _impact,
    Fill.DETECTION: _detection,
    Fill.RESOLUTION: _resolution,
    Fill.FACTORS: _factors,
    Fill.TIMELINE: _timeline,
    Fill.RESPONDERS: _responders,
    Fill.MESSAGES: _messages,
    Fill.ACTIONS: _actions,
}


# -- parts -------------------------------------------------------------------------------------------------------------


def _severities(store: Store, incident: Incident, now: datetime) -> Mapping[int, timedelta]:
    """Tell how long it had which severity, the worst first, until its impact was over."""
    ended = incident.mitigated_at or incident.resolved_at or now
    changes = store.timeline.of_kinds(incident.id, (EntryKind.SEVERITY_CHANGED,), limit=_MANY)
    first = changes[0].data.get("from") if changes else incident.severity
    marks = [(incident.declared_at, first), *((entry.at, entry.data.get("to")) for entry in changes), (ended, None)]
    found: dict[int, timedelta] = {}
    for (begins, level), (ends, _) in pairwise(marks):
        long = min(ends, ended) - begins
        if isinstance(level, int) and (long > timedelta() or not changes):
            found[level] = found.get(level, timedelta()) + max(long, timedelta())
    return dict(sorted(found.items()))


def _services(store: Store, incident: Incident) -> str:
    known: Mapping[str, Service] = {service.id: service for service in services_of(store, incident)}
    return listed([known[name].name if name in known else name for name in incident.services])


def _people_in(entries: Sequence[TimelineEntry]) -> set[int]:
    found = {entry.actor for entry in entries}
    return found | {v for e in entries for k in ("person", "before") if isinstance(v := e.data.get(k), int)}


def _name(names: Mapping[int, str], who: object) -> str:
    return names.get(who, "somebody") if isinstance(who, int) else "somebody"


def _named(incident: Incident, several: bool) -> str:  # noqa: FBT001
    return f"{incident.ref}: " if several else ""


def _line(text: str) -> str:
    kept = " ".join(text.split())
    return kept if len(kept) <= _LINE else kept[: _LINE - 1].rstrip() + "…"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
