"""The organisation as a whole: taken over from its file, and given back."""

from datetime import datetime

from domain.organisation import Organisation, OrganisationChanges, diff
from usecases import digests, feeds, handoffs, shift_news
from usecases.approvals import deciding
from usecases.care import following
from usecases.ports import Store

_TURN = "organisation.turn"


def load(store: Store) -> Organisation:
    """Read the organisation as its file says; an empty one where none was ever imported."""
    return store.organisations.load()


def export(store: Store) -> Organisation:
    """Read the organisation as it is now, with the overrides that people have made since."""
    return store.organisations.load(with_made=True)


def replace(store: Store, organisation: Organisation, now: datetime) -> OrganisationChanges:
    """Make the stored organisation equal to this one; return what was different, falsy when nothing was.

    Nothing of it is written where nothing differs, so that importing the same file again disturbs nobody. People whose
    shifts after `now` (UTC) change are told, and handoffs are planned anew.
    """
    _wait_for_turn(store)
    changes = diff(store.organisations.load(with_made=True), store.organisations.settled(organisation))
    if changes:
        before = store.schedules.all()
        store.organisations.replace(organisation)
        handoffs.plan_all(store, now)
        digests.plan_all(store, now)
        touched = {*changes.schedules.added, *changes.schedules.changed, *changes.schedules.removed}
        for schedule_id in sorted(touched):
            handoffs.replan(store, schedule_id, now)
        deciding.look_again(store, now)
        following.look_again(store, now)
        after = store.schedules.all()
        feeds.forget_unwanted(store, after)
        shift_news.tell(store, before, after, now, key=f"import:{now.isoformat()}", but=())
    return changes


def is_empty(store: Store) -> bool:
    """Tell whether nobody has imported anything yet. People taken in from activities do not count."""
    stored = load(store)
    return not (stored.people or stored.teams or stored.services or stored.schedules or stored.escalation_policies)


def load_demo(store: Store, demo: Organisation, now: datetime) -> bool:
    """Take over the demo organisation where there is none yet; tell whether it was. Never overwrites anything."""
    if not is_empty(store):
        return False
    _wait_for_turn(store)
    if not is_empty(store):
        return False
    store.organisations.replace(demo)
    handoffs.plan_all(store, now)
    digests.plan_all(store, now)
    return True


def _wait_for_turn(store: Store) -> None:
    """Let one import finish before the next one looks: PostgreSQL would mix two that do not see each other's rows.

    The row that is written here stays locked until the transaction ends.
    """
    store.key_value.set(_TURN, "taken")
