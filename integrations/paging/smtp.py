"""One conversation with a mail server: it takes one mail for one person, or says why not."""

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from enum import StrEnum

import aiosmtplib as smtp

from usecases.outbox import Ambiguous, Delivered, Delivery, Failed, Later

GREETING_S = 8.0
"""Connecting, TLS and the login together; ours: a server that is slower than this is away."""
ANSWER_S = 5.0
"""One answer to a command."""
DATA_S = 6.0
"""The answer to the mail itself; with all the others below the 20 s that one send may take."""
GOODBYE_S = 1.0
PERMANENT = 500
_ADDRESS = re.compile(r"[^\s<>@\x00-\x1f\x7f]+@[^\s<>@\x00-\x1f\x7f]+")


class Security(StrEnum):
    """How the connection is protected."""

    TLS = "tls"
    """From the first byte on, with a certificate that is accepted."""
    STARTTLS = "starttls"
    """Nothing is said before the connection is protected, with a certificate that is accepted."""
    OFFERED = "offered"
    """Where the server offers it, whatever its certificate: somebody in between could take the offer away just as well."""
    NONE = "none"
    """Not at all: the server is this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    security: Security
    sender: str
    """`bot@example.org` or `Incident bot <bot@example.org>`."""
    username: str | None = None
    password: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        """The sender's address without a name."""
        return parseaddr(self.sender)[1]

    @property
    def domain(self) -> str:
        """The sender's domain in ASCII: what we call ourselves to the server, and in the ids of mails."""
        return self.address.rpartition("@")[2].encode("idna").decode("ascii")


def is_address(text: str) -> bool:
    """Tell whether this can be written to, from its shape alone."""
    return _ADDRESS.fullmatch(text) is not None


async def hand_over(server: MailServer, mail: EmailMessage, recipient: str) -> Delivery:
    """Give one mail to the server. It never raises for what a server or a network can do."""
    if not is_address(recipient):
        return Failed("The address is none that mail can be sent to.")
    try:
        async with connected(server) as client:
            wide = not (server.address + recipient).isascii()
            await _envelope(client, server.address, recipient, wide=wide)
            return await _hand_in(client, mail.as_bytes(policy=policy.SMTPUTF8 if wide else policy.SMTP))
    except smtp.SMTPResponseException as refusal:
        return _refused(refusal)
    except (smtp.SMTPException, OSError) as fault:
        return Later(f"The mail server did not take the mail: {why(fault)}.")


async def trouble(server: MailServer) -> str | None:
    """Go as far as a mail would without sending one; say in a few words what is wrong, None where nothing is."""
    try:
        async with connected(server) as client:
            await client.mail(
                server.address, options=[] if server.address.isascii() else ["SMTPUTF8"], encoding="utf-8"
            )
            await client.rset()
    except (smtp.SMTPException, OSError) as fault:
        return why(fault)
    return None


@asynccontextmanager
async def connected(server: MailServer) -> AsyncIterator[smtp.SMTP]:
    """Open a connection, protect it, log in. Raise SMTPException or OSError."""
    client = smtp.SMTP(
        hostname=server.host,
        port=server.port,
        local_hostname=server.domain,
        timeout=ANSWER_S,
        use_tls=server.security is Security.TLS,
        start_tls={Security.STARTTLS: True, Security.OFFERED: None}.get(server.security, False),
        tls_context=_unverified() if server.security is Security.OFFERED else None,
    )
    try:
        async with asyncio.timeout(GREETING_S):
            with _needing("it offers no STARTTLS, and without it no password is sent"):
                await client.connect()
            if server.username is not None:
                with _needing("it offers no login that is known here"):
                    await client.login(server.username, server.password)
        yield client
        with contextlib.suppress(smtp.SMTPException, OSError):  # what was taken is taken
            await client.quit(timeout=GOODBYE_S)
    finally:
        client.close()


async def _envelope(client: smtp.SMTP, sender: str, recipient: str, *, wide: bool) -> None:
    encoding = "utf-8" if wide else "ascii"
    await client.mail(sender, options=["SMTPUTF8"] if wide else [], encoding=encoding)
    await client.rcpt(recipient, encoding=encoding)


async def _hand_in(client: smtp.SMTP, content: bytes) -> Delivery:
    """Send the mail itself. A server that falls silent after this may have taken it."""
    try:
        await client.data(content, timeout=DATA_S)
    except smtp.SMTPResponseException:
        raise
    except (smtp.SMTPException, OSError) as fault:
        return Ambiguous(f"The mail server did not say whether it took the mail: {why(fault)}.")
    return Delivered()


def _refused(refusal: smtp.SMTPResponseException) -> Delivery:
    reason = f"The mail server refused the mail: {why(refusal)}."
    greeted = not isinstance(refusal, smtp.SMTPConnectResponseError | smtp.SMTPHeloError)
    return Failed(reason) if refusal.code >= PERMANENT and greeted else Later(reason)


def why(fault: BaseException) -> str:
    """Name what happened in a few words. What a server wrote is not repeated: it may quote addresses and secrets."""
    if isinstance(fault, Missing):
        return fault.message
    if isinstance(fault, smtp.SMTPConnectError) and isinstance(fault.__cause__, OSError):
        return why(fault.__cause__)
    words = next((words for kind, words in _WORDS if isinstance(fault, kind)), type(fault).__name__)
    return f"{words} ({fault.code})" if isinstance(fault, smtp.SMTPResponseException) else words


_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (smtp.SMTPAuthenticationError, "it does not accept the name and password"),
    (smtp.SMTPRecipientRefused, "it does not take mail for this address"),
    (smtp.SMTPSenderRefused, "it does not take mail from EMAIL_FROM"),
    (smtp.SMTPResponseException, "it says no"),
    (TimeoutError, "it did not answer in time"),
    (ssl.SSLCertVerificationError, "its certificate is not accepted"),
    (ssl.SSLError, "no TLS connection came about"),
    (smtp.SMTPServerDisconnected, "it closed the connection"),
    (socket.gaierror, "its name is not known"),
    (ConnectionRefusedError, "nobody listens there"),
    (OSError, "no connection came about"),
)


class Missing(smtp.SMTPException):
    """The server does not offer what is needed."""


@contextlib.contextmanager
def _needing(what: str) -> Iterator[None]:
    """Tell by name what a server lacks; the library tells it by sentences only."""
    try:
        yield
    except smtp.SMTPException as fault:
        if type(fault) is smtp.SMTPException:
            raise Missing(what) from fault
        raise


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
