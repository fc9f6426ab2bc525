"""Pages by e-mail: the second way, when Teams refuses a page or nobody reacts to it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from email.message import EmailMessage

from integrations.paging.mail import written
from integrations.paging.smtp import MailServer, hand_over
from usecases import paging
from usecases.ledger import EMAIL, EMAIL_SWITCH, ON
from usecases.outbox import Ambiguous, Delivered, Delivery, DueMessage, Failed, Later
from usecases.page_view import PageView, page_view
from usecases.ports import Clock, Database, Store, Unavailable

OFF = "off"


@dataclass(frozen=True, slots=True)
class _Mail:
    """A mail that is ready to be handed over."""

    server: MailServer
    content: EmailMessage
    recipient: str


class Email:
    """Implements usecases.paging_ways.PagingWay. Without a mail server it says so of every page it is given."""

    name = EMAIL

    def __init__(self, database: Database, clock: Clock, server: MailServer | None, *, public_url: str | None) -> None:
        self._db, self._clock = database, clock
        self._server = server
        self._public_url = public_url

    async def announce(self) -> None:
        """Write down whether there is a mail server, for those who decide on the ways of a page."""
        switch = OFF if self._server is None else ON
        await self._db.write(lambda store: store.key_value.set(EMAIL_SWITCH, switch))

    async def deliver(self, message: DueMessage) -> Delivery:
        """Write the page from what is true now and hand it over once."""
        try:
            mail = await self._db.read(lambda store: self._written(store, message))
        except Unavailable as gone:  # the database is asked before the mail server is: nothing has been sent
            return Later(str(gone))
        if mail is None:
            return Delivered(None, self._unneeded(message))
        if isinstance(mail, Failed):
            return self._told(message, mail)
        return self._told(message, await hand_over(mail.server, mail.content, mail.recipient))

    def _written(self, store: Store, message: DueMessage) -> _Mail | Failed | None:
        """Write the mail; None where nobody needs it any more."""
        page = store.pages.get(_page(message))
        view = page_view(store, page, self._clock.now(store)) if page else None
        if not isinstance(view, PageView) or not view.unsent:
            return None
        if self._server is None:
            return Failed("No mail server is set up (SMTP_URL).")
        if view.reader is None or not view.reader.email:
            return Failed("There is no e-mail address for this person in the organisation file.")
        try:
            content = written(view, view.reader, self._server, self._public_url)
        except ValueError:
            return Failed("The address in the organisation file is none that mail can be sent to.")
        return _Mail(self._server, content, view.reader.email)

    # -- what follows ---------------------------------------------------------------------------------------------

    def _told(self, message: DueMessage, delivery: Delivery) -> Delivery:
        """Let the ledger follow in the transaction that records how the send ended."""
        match delivery:
            case Delivered():
                return replace(delivery, then=self._delivered(message))
            case Failed(reason=reason):
                return replace(delivery, then=self._undelivered(message, reason))
            case Ambiguous(reason=reason):
                return replace(delivery, then=self._undelivered(message, reason, unclear=True))
            case Later():
                return delivery

    def _delivered(self, message: DueMessage) -> Callable[[Store], None]:
        return lambda store: paging.delivered(
            store, _page(message), None, None, message.attempts, self._clock.now(store)
        )

    def _undelivered(self, message: DueMessage, reason: str, *, unclear: bool = False) -> Callable[[Store], None]:
        return lambda store: paging.undelivered(
            store, _page(message), reason, message.attempts, self._clock.now(store), unclear=unclear
        )

    def _unneeded(self, message: DueMessage) -> Callable[[Store], None]:
        return lambda store: paging.not_needed(store, _page(message), self._clock.now(store))


def _page(message: DueMessage) -> int:
    return int(message.payload["page"])
