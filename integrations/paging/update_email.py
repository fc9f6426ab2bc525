"""Stakeholder updates by e-mail, each to one address."""

import html
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from domain.update import DeliveryState, UpdateDelivery
from integrations.paging.mail import as_address, one_line
from integrations.paging.smtp import MailServer, hand_over
from usecases.outbox import Ambiguous, Delivered, Delivery, DueMessage, Failed, Later
from usecases.ports import Clock, Database, Store, Unavailable
from usecases.updates import delivering
from usecases.updates.sending import EMAIL
from usecases.updates.words import UpdateView, update_view

_FOOT = "You get this mail because your organisation asked for it. Answers to it are not read."


@dataclass(frozen=True, slots=True)
class _Mail:
    """A mail that is ready to be handed over."""

    server: MailServer
    content: EmailMessage
    recipient: str


class UpdateEmail:
    """Implements usecases.paging_ways.PagingWay for updates: `{"do": "update_email", "delivery": id}`."""

    name = EMAIL

    def __init__(self, database: Database, clock: Clock, server: MailServer | None) -> None:
        self._db, self._clock = database, clock
        self._server = server

    async def deliver(self, message: DueMessage) -> Delivery:
        """Write the mail and hand it over once; one that may have arrived is not sent again."""
        try:
            mail = await self._db.read(lambda store: self._written(store, message))
        except Unavailable as gone:  # the database is asked before the mail server is: nothing has been sent
            return Later(str(gone))
        if mail is None:
            return Delivered()
        if isinstance(mail, Failed):
            return self._told(message, mail)
        return self._told(message, await hand_over(mail.server, mail.content, mail.recipient))

    def _written(self, store: Store, message: DueMessage) -> _Mail | Failed | None:
        """Write the mail; None where it was sent already."""
        delivery = store.updates.delivery(_delivery(message))
        update = store.updates.get(delivery.update_id) if delivery else None
        view = update_view(store, update, self._clock.now(store)) if update else None
        if delivery is None or view is None or delivery.state is not DeliveryState.PENDING:
            return None
        if self._server is None:
            return Failed("No mail server is set up (SMTP_URL).")
        try:
            return _Mail(self._server, written(view, delivery, self._server), delivery.target)
        except ValueError:
            return Failed("The address in the organisation file is none that mail can be sent to.")

    def _told(self, message: DueMessage, delivery: Delivery) -> Delivery:
        """Let the update follow in the transaction that records how the send ended."""
        match delivery:
            case Delivered():
                return replace(delivery, then=self._delivered(message))
            case Failed(reason=reason) | Later(reason=reason):  # of Later only where it is put off for too long
                return replace(delivery, then=self._undelivered(message, reason))
            case Ambiguous(reason=reason):
                return replace(delivery, then=self._undelivered(message, reason, unclear=True))

    def _delivered(self, message: DueMessage) -> Callable[[Store], None]:
        return lambda store: delivering.delivered(store, _delivery(message), self._clock.now(store))

    def _undelivered(self, message: DueMessage, reason: str, *, unclear: bool = False) -> Callable[[Store], None]:
        return lambda store: delivering.undelivered(
            store, _delivery(message), reason, self._clock.now(store), unclear=unclear
        )


def written(view: UpdateView, delivery: UpdateDelivery, server: MailServer) -> EmailMessage:
    """Write the mail; all of an incident hang together. Raise ValueError for an address that cannot stand in a mail."""
    update, incident = view.update, view.incident
    since = int(incident.declared_at.timestamp())
    sent_at = update.sent_at or view.now
    mail = EmailMessage()
    mail["Subject"] = one_line(f"Update on {view.headline}")
    mail["From"] = as_address(*parseaddr(server.sender))
    mail["To"] = as_address("", delivery.target)
    mail["Date"] = format_datetime(sent_at)
    mail["Message-ID"] = f"<update-{delivery.id}-{int(sent_at.timestamp())}@{server.domain}>"
    mail["References"] = f"<incident-{incident.id}-{since}@{server.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    facts = _facts(view)
    text = [one_line(one) for one in view.text(None).split("\n")]
    told = [f"{name}: {value}" for name, value in facts]
    mail.set_content("\n".join([one_line(view.headline), "", *text, "", *told, "", _FOOT, ""]), cte="quoted-printable")
    mail.add_alternative(_html(view, text, facts), subtype="html", cte="quoted-printable")
    return mail


def _facts(view: UpdateView) -> list[tuple[str, str]]:
    """List what stands below the words."""
    affected = [("Affected", one_line(", ".join(view.services)))] if view.services else []
    by = [("Written by", one_line(view.author))] if view.author else []
    return [("Status", str(view.incident.status)), *affected, ("Next update", view.promise(None)), *by]


def _html(view: UpdateView, text: list[str], facts: list[tuple[str, str]]) -> str:
    said = "<br>".join(html.escape(one) for one in text)
    told = "".join(f"<p><b>{html.escape(name)}:</b> {html.escape(value)}</p>" for name, value in facts)
    head = f"<h1 style='font-size:1.2em'>{html.escape(one_line(view.headline))}</h1>"
    return (
        f"<!doctype html><html lang='en'><body>{head}<p>{said}</p>{told}<p><small>{_FOOT}</small></p></body></html>\n"
    )


def _delivery(message: DueMessage) -> int:
    return int(message.payload["delivery"])
