"""A whole timeline to take away: as Markdown for people, as CSV for tables, as JSON for programs."""

import asyncio
import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from domain.incident import Incident
from domain.people import BOT_ID
from domain.timeline import TimelineEntry
from integrations.documents.plain import escaped
from server.api.incidents import entry_json
from server.api.parameters import REF
from server.api.table import Answer, Answered, Asked
from server.times import rfc3339
from usecases import reports, story
from usecases.ports import Database, Store

_PAGE = 1_000
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the beginning of a cell (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A timeline with everything in it, oldest first."""

    incident: Incident
    entries: Sequence[TimelineEntry]
    handles: Mapping[int, str]
    names: Mapping[int, str]
    keys: frozenset[int]


def exported(media: str, ending: str, write: Callable[[Whole], bytes]) -> Answer:
    """Answer a whole timeline; it is written beside the loop, and not in the database's thread."""

    async def answer(database: Database, asked: Asked) -> Answered:
        whole = await database.read(lambda store: read(store, asked[REF]))
        made = await asyncio.to_thread(write, whole)
        return Answered(made, media=media, file_name=f"timeline-{whole.incident.ref}.{ending}")

    return answer


def read(store: Store, incident_id: int) -> Whole:
    """Read all of it. Raise Unknown when there is no such incident."""
    incident, _ = reports.incident_report(store, incident_id)
    entries: list[TimelineEntry] = []
    handles: dict[int, str] = {}
    after: int | None = 0
    while after is not None:
        page = reports.timeline_page(store, incident_id, after=after, limit=_PAGE)
        entries += page.entries
        handles |= page.handles
        after = page.next_after
    people = store.people.many([*handles])
    return Whole(
        incident=incident,
        entries=entries,
        handles=handles,
        names={number: person.name for number, person in people.items()},
        keys=frozenset(store.moments.keys(incident_id)),
    )


def as_json(whole: Whole) -> bytes:
    """Write it as JSON, the items as the paged timeline has them."""
    items = [{**entry_json(entry, whole.handles), "key": entry.seq in whole.keys} for entry in whole.entries]
    made: dict[str, Any] = {"incident": whole.incident.ref, "title": whole.incident.title, "items": items}
    return json.dumps(made, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def as_csv(whole: Whole) -> bytes:
    """Write it as CSV (RFC 4180) with a byte order mark, so that spreadsheets read it as UTF-8; no cell is a formula."""
    file = StringIO()
    table = csv.writer(file)
    table.writerow(("seq", "at", "kind", "actor", "text", "key"))
    for entry in whole.entries:
        item = entry_json(entry, whole.handles)
        row = (entry.seq, item["at"], item["kind"], item["actor"] or "", item["text"], entry.seq in whole.keys)
        table.writerow([_safe(cell) if isinstance(cell, str) else cell for cell in row])
    return file.getvalue().encode("utf-8-sig", "replace")


def as_markdown(whole: Whole) -> bytes:
    """Write it as Markdown: one line an entry, people's words escaped, times in UTC."""
    lines = [f"# Timeline of {whole.incident.ref}: {escaped(whole.incident.title)}", ""]
    for entry in whole.entries:
        who = "" if entry.actor == BOT_ID else f"{escaped(_name(whole, entry.actor))} "
        said = story.sentence(entry, lambda person: _name(whole, person))
        # A sentence of ours names everybody itself.
        told = escaped(said) if entry.text and said == entry.text else f"{who}{escaped(said)}"
        mark = "★ " if entry.seq in whole.keys else ""
        lines.append(f"- {rfc3339(entry.at)} {mark}{' '.join(told.split())}")
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _name(whole: Whole, person: object) -> str:
    return whole.names.get(person, "somebody") if isinstance(person, int) else "somebody"


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell
