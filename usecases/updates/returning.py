"""Giving an update back to its author, words and all."""

from domain.incident import Incident
from domain.update import Update
from usecases import letters
from usecases.outbox import MessageClass
from usecases.ports import Store

RETURNED = "update_returned"
"""The letter that gives an update back to its author; its payload names `update`, its `version` and `why`."""


def tell(store: Store, incident: Incident, update: Update, why: str) -> None:
    """Tell the author why it was not sent, with the way to change it and ask again."""
    author = store.people.many([update.author]).get(update.author)
    if author is not None:
        letters.to_person(
            store,
            author,
            RETURNED,
            key=f"update:{update.id}:returned:{update.version}",
            message_class=MessageClass.CARD,
            incident_id=incident.id,
            update=update.id,
            version=update.version,
            why=why,
        )
