"""The weekly digest in a channel."""

from datetime import datetime

from bot.cards import kit
from bot.cards.digest import digest_card, spoken
from bot.letters.letter import Activity, Letter, Payload
from domain.digest import Week
from usecases import digests
from usecases.digests.posting import EVERYBODY, zone_of
from usecases.ports import Store


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw it as things are when it is sent; a team that has gone gets none."""
    name = str(payload["team"])
    team = store.catalog.team(name) if name != EVERYBODY else None
    if team is None and name != EVERYBODY:
        return None
    digest = digests.digest_of(store, Week.parse(str(payload["week"])), team, zone_of(store, team), now)
    return kit.message(spoken(digest), digest_card(digest))


LETTER = Letter(name=digests.LETTER, draw=draw)
