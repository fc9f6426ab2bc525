"""A real mail server on loopback whose answers a test chooses, and the certificates it shows."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


@dataclass
class MailBox:
    """What arrived, and how the server answers. It is the handler of every session."""

    answers: Mapping[str, str] = field(default_factory=dict)
    """What is said to a recipient, by address; anybody else is welcome."""
    data_answer: str = "250 taken"
    hang_up_after_data: bool = False
    silent: asyncio.Event | None = None
    """Set it to let a server go on that says nothing after the mail."""
    port: int = 0
    refused: list[str] = field(default_factory=list[str])
    mails: list[EmailMessage] = field(default_factory=list[EmailMessage])
    envelopes: list[Envelope] = field(default_factory=list[Envelope])
    sessions: list[Session] = field(default_factory=list[Session])
    logins: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    async def handle_EHLO(  # noqa: N802 - the library looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802 - the same
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            self.refused.append(address)
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        self.sessions.append(session)
        self.envelopes.append(envelope)
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.mails.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        if self.hang_up_after_data and server.transport is not None:
            server.transport.abort()
        if self.silent is not None:
            await self.silent.wait()
        return self.data_answer

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=given.password == b"s3cret", handled=False)


@asynccontextmanager
async def serving(
    box: MailBox, *, tls: ssl.SSLContext | None = None, port: int = 0, **more: Any
) -> AsyncIterator[MailBox]:
    """Serve a mailbox; `tls` protects from the first byte, `tls_context` offers STARTTLS."""
    loop = asyncio.get_running_loop()
    made: list[SMTP] = []

    def session() -> SMTP:
        made.append(SMTP(box, hostname="mail.test", enable_SMTPUTF8=True, loop=loop, **more))
        return made[-1]

    server = await loop.create_server(session, HOST, port, ssl=tls)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()
        for one in made:
            if one.transport is not None:
                one.transport.abort()
        tasks = [one._handler_coroutine for one in made if one._handler_coroutine is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True)
class Certificates:
    """An authority of our own and what it has signed."""

    authority: Path
    server: ssl.SSLContext


def certificates(folder: Path) -> Certificates:
    """Make an authority and a certificate for loopback."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("Test authority")
    authority = _certificate(name, name, key, key, x509.BasicConstraints(ca=True, path_length=None))
    own_key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address(HOST))])
    own = _certificate(_name("localhost"), name, own_key, key, names)
    (folder / "authority.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    (folder / "server.pem").write_bytes(
        own_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + own.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    return Certificates(folder / "authority.pem", context)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: Any, signer: Any, extension: Any) -> x509.Certificate:
    now = datetime.now(UTC)  # noqa: TID251 - a certificate is read by the machine's clock
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(extension, critical=False)
        .sign(signer, hashes.SHA256())
    )
