"""Getting to know people who were mentioned before they ever wrote to us."""

import logging
from collections.abc import Sequence
from typing import Any

from bot.transport.connector import Connector
from bot.transport.inbound import Inbound
from bot.transport.outcomes import Found
from bot.words import Mention
from domain.people import Identity
from usecases.ports import Database, Store

log = logging.getLogger(__name__)
MOST = 5  # people looked up for one message; ours: a turn must answer Teams within seconds


class Members:
    """Asks Teams who a `29:` id is; the answer carries the Entra object id, which is who somebody is."""

    def __init__(self, connector: Connector, database: Database) -> None:
        self._connector, self._db = connector, database

    async def __call__(self, inbound: Inbound, mentions: Sequence[Mention]) -> Sequence[Identity]:
        """Return the identities of mentioned people we do not know yet; who cannot be found is left out."""
        unknown = await self._db.read(lambda store: _unknown(store, mentions))
        found = [await self._ask(inbound, mention) for mention in unknown[:MOST]]
        return [identity for identity in found if identity]

    async def _ask(self, inbound: Inbound, mention: Mention) -> Identity | None:
        outcome = await self._connector.get_member(
            inbound.service_url, inbound.conversation_id.partition(";")[0], mention.id
        )
        if not isinstance(outcome, Found):
            log.info("a mentioned member could not be read: %s", type(outcome).__name__)
            return None
        member = outcome.body
        object_id = _text(member.get("aadObjectId")) or _text(member.get("objectId"))
        guest = (
            _text(member.get("userRole")).lower() == "guest"
            or "#ext#" in _text(member.get("userPrincipalName")).lower()
        )
        if not object_id or guest:
            return None
        return Identity(
            object_id=object_id.lower(),
            tenant_id=_text(member.get("tenantId")) or inbound.tenant_id,
            channel_user_id=mention.id,
            name=_text(member.get("name")) or mention.name,
            time_zone=None,
            locale=None,
            guest=False,
        )


def _unknown(store: Store, mentions: Sequence[Mention]) -> list[Mention]:
    return [
        m
        for m in mentions
        if m.id
        and not store.people.by_channel_user_id(m.id)
        and not (m.object_id and store.people.by_object_id(m.object_id))
    ]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
