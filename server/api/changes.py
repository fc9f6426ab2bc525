"""Changes as JSON: read, and recorded by programs such as deployment tools."""

import http
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.approval import digest_of
from domain.change import REPORTED, Change, ChangeState, Risk, checked_risk
from domain.errors import Refused
from domain.incident import ref_of
from server.api.parameters import (
    CHANGE_SERVICE,
    CHANGES_AFTER,
    IDEMPOTENCY_KEY,
    LIMIT,
    SINCE,
    read_moment,
    write_position,
)
from server.api.table import Asked
from server.problems import Problem
from server.times import rfc3339
from usecases.change_ports import ChangeFilter, Request
from usecases.changes import recording
from usecases.changes.recording import Clash, Draft, Report
from usecases.ports import Store
from usecases.reports import Handles


def listed(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer one page of changes, the latest first."""
    wanted = asked[CHANGE_SERVICE]
    services = (_service_id(store, wanted),) if wanted is not None else ()
    rows = store.changes.list(
        ChangeFilter(services=services, since=asked[SINCE], before=asked[CHANGES_AFTER], limit=asked[LIMIT] + 1)
    )
    shown = rows[: asked[LIMIT]]
    last = shown[-1] if len(rows) > len(shown) else None
    return {"items": _items(store, shown), "next": write_position((last.at, last.id) if last else None)}


def recorded(store: Store, asked: Asked) -> tuple[dict[str, Any], bool]:
    """Record a change, once for each key; tell whether it is new."""
    key = asked[IDEMPOTENCY_KEY]
    request = Request(caller=asked.caller, key=key, digest=digest_of(asked.body)) if key else None
    try:
        # Before the body is looked into: what was recorded stands, even where the catalogue has changed since.
        change = recording.repeated(store, request) if request else None
        is_new = change is None
        if change is None:
            draft, told = _draft(asked.body), _report(asked.body, asked.caller)
            change, is_new = recording.report(store, draft, told, request, asked.now(store))
    except Clash as clash:
        raise Problem(http.HTTPStatus.CONFLICT, str(clash)) from None
    except Refused as refused:
        raise Problem(http.HTTPStatus.UNPROCESSABLE_ENTITY, str(refused)) from None
    return _items(store, [change])[0], is_new


def _items(store: Store, changes: Sequence[Change]) -> list[dict[str, Any]]:
    people = store.people.many({change.recorded_by for change in changes if change.recorded_by is not None})
    handles = {person.id: person.handle for person in people.values()}
    caused = store.changes.caused([change.id for change in changes])
    return [_item(change, handles, caused.get(change.id, ())) for change in changes]


def _item(change: Change, handles: Handles, incidents: Sequence[int]) -> dict[str, Any]:
    return {
        "id": change.id,
        "title": change.title,
        "service": change.service,
        "risk": str(change.risk),
        "at": rfc3339(change.at),
        "ends_at": None if change.ends_at is None else rfc3339(change.ends_at),
        "state": str(change.state),
        "source": change.source,
        "author": change.author if change.recorded_by is None else handles[change.recorded_by],
        "links": [*change.links],
        "rollback": change.rollback,
        "comment": change.comment,
        "incidents": [ref_of(number) for number in incidents],
        "recorded_at": rfc3339(change.recorded_at),
    }


# -- reading a body: whatever is wrong is named -----------------------------------------------------------------------


def _draft(body: Mapping[str, Any]) -> Draft:
    return Draft(
        title=_needed(body, "title"),
        service=_needed(body, "service"),
        risk=checked_risk(_text(body, "risk") or Risk.LOW),
        at=_moment(body, "at"),
        ends_at=_moment(body, "ends_at"),
        rollback=_text(body, "rollback"),
        links=_texts(body, "links"),
    )


def _report(body: Mapping[str, Any], caller: str) -> Report:
    return Report(source=_text(body, "source") or caller, author=_text(body, "author"), state=_state(body))


def _needed(body: Mapping[str, Any], name: str) -> str:
    text = _text(body, name)
    if not text.strip():
        raise Refused(f"{name} is missing: a change needs a title and a service.")
    return text


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused(f"{name} must be a text, not {_shown(value)}.")
    return value


def _texts(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = body.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refused(f"{name} must be a list of texts, not {_shown(value)}.")
    return tuple(value)


def _moment(body: Mapping[str, Any], name: str) -> datetime | None:
    text = _text(body, name).strip()
    if not text:
        return None
    try:
        return read_moment(text)
    except ValueError as fault:
        raise Refused(f"{name} {fault}.") from None


def _state(body: Mapping[str, Any]) -> ChangeState | None:
    text = _text(body, "state").strip().lower()
    if not text:
        return None
    if text not in {str(state) for state in REPORTED}:
        raise Refused(f"state must be one of {', '.join(REPORTED)}, not {_shown(text)}.")
    return ChangeState(text)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:40]


def _service_id(store: Store, wanted: str) -> str:
    """Give a service's id as it is written; changes may name one that has left the catalogue."""
    service = store.catalog.service(wanted)
    if service is not None:
        return service.id
    if not store.changes.list(ChangeFilter(services=(wanted,), limit=1)):
        raise Refused(f"service names no service of the catalogue: there is no “{wanted[:40]}”.")
    return wanted
