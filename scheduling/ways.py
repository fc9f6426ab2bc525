"""Which messages leave by another way than Teams."""

from collections.abc import Iterable

from scheduling.delivery import Deliver
from usecases.outbox import Delivery, DueMessage
from usecases.paging_ways import PagingWay


def by_way(ways: Iterable[PagingWay], teams: Deliver) -> Deliver:
    """Return a `deliver` that hands a message to the way its payload names, and all others to Teams."""
    known = {way.name: way for way in ways}

    async def deliver(message: DueMessage) -> Delivery:
        way = known.get(str(message.payload.get("do")))
        return await (way.deliver(message) if way is not None else teams(message))

    return deliver
