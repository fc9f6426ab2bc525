"""Ways to reach somebody beside Teams. One that is not built yet, SMS or voice, is one more class like `Email`."""

from typing import Protocol

from usecases.outbox import Delivery, DueMessage


class PagingWay(Protocol):
    """Hands over pages of one kind: messages whose payload says `{"do": <name>, "page": <id of the page>}`.

    They are of the class PAGE and wait in lanes of their own, so that a way that is away holds up no other.
    """

    @property
    def name(self) -> str:
        """The word after "do"; the ledger calls the way by it too."""
        ...

    async def deliver(self, message: DueMessage) -> Delivery:
        """Try once, and say how it ended.

        It decides from the page as it is now whether anybody still needs it, and lets its ledger row follow in the
        transaction that records the end.
        """
        ...
