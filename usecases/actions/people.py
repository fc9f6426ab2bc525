"""Who has to do with an action item; looked up each time, because people change teams and companies."""

from domain.action import Action
from domain.errors import Refused
from domain.people import BOT_ID, Person
from usecases import targets
from usecases.ports import Store


def owner_of(store: Store, action: Action) -> Person:
    """Find who has it, also where they have left."""
    return store.people.many([action.owner])[action.owner]


def reminded(store: Store, action: Action) -> Person | None:
    """Find who is written to: the owner; where that one has left or has no Teams account their lead, else who asked."""
    owner = owner_of(store, action)
    maker = store.people.many([action.made_by]).get(action.made_by)
    return targets.first_reached((owner, targets.lead_of(store, owner), maker))


def require_hand(store: Store, action: Action, actor: Person) -> None:
    """Raise Refused for anybody but the owner, whoever asked for it, a lead of the owner, and an admin."""
    owner = owner_of(store, action)
    leads = {t.lead for t in store.catalog.teams() if owner.handle in t.members and t.lead}
    mine = actor.id in (action.owner, action.made_by) or actor.admin or actor.handle in leads
    if actor.id == BOT_ID or not mine:
        raise Refused(
            f"{action.name} belongs to {owner.name}: only they, whoever asked for it or their lead change it."
        )
