"""Action items as JSON."""

from typing import Any

from domain.action import Action
from domain.incident import ref_of
from server.api.parameters import ACTION_OWNER, ACTION_STATE, AFTER, LIMIT, write_cursor
from server.api.table import Asked
from server.times import rfc3339
from usecases.action_ports import ActionFilter
from usecases.ports import Store
from usecases.reports import Handles


def listed(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer action items, the newest first; those of an owner nobody knows are none."""
    handle, state, limit = asked[ACTION_OWNER], asked[ACTION_STATE], asked[LIMIT]
    owner = store.people.by_handle(handle) if handle is not None else None
    owners = None if handle is None else {owner.id} if owner else set[int]()
    states = (state,) if state is not None else ()
    found = store.actions.list(ActionFilter(owners=owners, states=states, before=asked[AFTER], limit=limit + 1))
    shown = found[:limit]
    people = store.people.many({person for action in shown for person in (action.owner, action.made_by)})
    handles = {person.id: person.handle for person in people.values()}
    return {
        "items": [_action(action, handles) for action in shown],
        "next": write_cursor(shown[-1].id if len(found) > len(shown) else None),
    }


def _action(action: Action, handles: Handles) -> dict[str, Any]:
    return {
        "id": action.id,
        "title": action.title,
        "type": str(action.kind),
        "owner": handles[action.owner],
        "due_on": action.due_on.isoformat(),
        "state": str(action.state),
        "incident": ref_of(action.incident) if action.incident is not None else None,
        "factor": action.factor,
        "repair": action.repair,
        "words": action.words,
        "made_by": handles[action.made_by],
        "made_at": rfc3339(action.made_at),
        "closed_at": None if action.closed_at is None else rfc3339(action.closed_at),
    }
