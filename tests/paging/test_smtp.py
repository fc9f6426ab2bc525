"""Handing a mail over to a real mail server, whatever it answers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest

from integrations.paging import smtp
from integrations.paging.smtp import MailServer, Security, connected, hand_over, trouble
from tests.support.mail_server import HOST, Certificates, MailBox, certificates, serving
from tests.support.product import free_port
from usecases.outbox import Ambiguous, Delivered, Failed, Later

TO = "grace@example.org"


@pytest.fixture
async def box() -> AsyncIterator[MailBox]:
    async with serving(MailBox()) as made:
        yield made


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trusted(trust: Certificates, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    """Let the machine trust the test's authority, as an operator would."""
    monkeypatch.setenv("SSL_CERT_FILE", str(trust.authority))
    return trust


def server_at(port: int, security: Security = Security.NONE, **more: Any) -> MailServer:
    return MailServer(host=HOST, port=port, security=security, sender="Incident bot <bot@example.org>", **more)


def mail(text: str = "Checkout is down") -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = "PAGE", "bot@example.org", TO
    made.set_content(text)
    return made


# -- it is taken ----------------------------------------------------------------------------------------------------


async def test_a_mail_arrives_from_the_sender_for_the_one_person(box: MailBox) -> None:
    assert await hand_over(server_at(box.port), mail("Zeile eins\n.\nZeile zwei ü"), TO) == Delivered()
    (arrived,) = box.mails
    assert arrived.get_content().splitlines() == ["Zeile eins", ".", "Zeile zwei ü"]
    assert (box.envelopes[0].mail_from, box.envelopes[0].rcpt_tos) == ("bot@example.org", [TO])
    assert box.sessions[0].host_name == "example.org"


async def test_starttls_is_used_where_it_is_offered_whatever_the_certificate(trust: Certificates) -> None:
    async with serving(MailBox(), tls_context=trust.server) as box:
        assert await hand_over(server_at(box.port, Security.OFFERED), mail(), TO) == Delivered()
    assert box.sessions[0].ssl is not None
    async with serving(MailBox()) as plain:
        assert await hand_over(server_at(plain.port, Security.OFFERED), mail(), TO) == Delivered()
    assert plain.sessions[0].ssl is None


async def test_tls_from_the_first_byte(trusted: Certificates) -> None:
    async with serving(MailBox(), tls=trusted.server) as box:
        assert await hand_over(server_at(box.port, Security.TLS), mail(), TO) == Delivered()
        assert len(box.mails) == 1


async def test_a_login_behind_starttls(trusted: Certificates) -> None:
    box = MailBox()
    async with serving(box, tls_context=trusted.server, authenticator=box.authenticate, auth_required=True):
        server = server_at(box.port, Security.STARTTLS, username="bot", password="s3cret")
        assert await hand_over(server, mail(), TO) == Delivered()
    assert box.logins == [("bot", "s3cret")]
    assert box.sessions[0].ssl is not None


async def test_an_address_beyond_ascii_is_written_to_where_the_server_can(box: MailBox) -> None:
    made = mail()
    del made["To"]
    made["To"] = "jörg@example.org"
    assert await hand_over(server_at(box.port), made, "jörg@example.org") == Delivered()
    assert box.envelopes[0].rcpt_tos == ["jörg@example.org"]


async def test_a_server_that_does_not_say_goodbye_has_taken_the_mail(box: MailBox) -> None:
    async def deaf(_: Any) -> str:
        raise ConnectionResetError

    box.handle_QUIT = deaf  # type: ignore[attr-defined]
    assert await hand_over(server_at(box.port), mail(), TO) == Delivered()


# -- it is not taken ------------------------------------------------------------------------------------------------


async def test_greylisting_is_asked_again_later(box: MailBox) -> None:
    box.answers = {TO: "451 4.7.1 come back in a minute"}
    reason = "The mail server refused the mail: it does not take mail for this address (451)."
    assert await hand_over(server_at(box.port), mail(), TO) == Later(reason)
    box.answers = {}
    assert await hand_over(server_at(box.port), mail(), TO) == Delivered()


async def test_an_unknown_recipient_is_refused_for_good_and_others_are_not(box: MailBox) -> None:
    box.answers = {TO: "550 5.1.1 grace@example.org unknown, secret=hunter2"}
    reason = "The mail server refused the mail: it does not take mail for this address (550)."
    assert await hand_over(server_at(box.port), mail(), TO) == Failed(reason)
    assert await hand_over(server_at(box.port), mail(), "ada@example.org") == Delivered()


@pytest.mark.parametrize(("answer", "kind"), [("451 later", Later), ("552 too much", Failed), ("554 spam", Failed)])
async def test_a_refused_content_is_a_refusal(box: MailBox, answer: str, kind: type) -> None:
    box.data_answer = answer
    assert isinstance(await hand_over(server_at(box.port), mail(), TO), kind)


async def test_a_server_that_hangs_up_over_the_mail_may_have_taken_it(box: MailBox) -> None:
    box.hang_up_after_data = True
    reason = "The mail server did not say whether it took the mail: it closed the connection."
    assert await hand_over(server_at(box.port), mail(), TO) == Ambiguous(reason)


async def test_a_server_that_falls_silent_over_the_mail_may_have_taken_it(
    box: MailBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "DATA_S", 0.2)
    box.silent = asyncio.Event()
    reason = "The mail server did not say whether it took the mail: it did not answer in time."
    assert await hand_over(server_at(box.port), mail(), TO) == Ambiguous(reason)
    box.silent.set()


async def test_nobody_listens() -> None:
    reason = "The mail server did not take the mail: nobody listens there."
    assert await hand_over(server_at(free_port()), mail(), TO) == Later(reason)


async def test_a_name_that_nobody_knows() -> None:
    server = replace(server_at(25), host="mail.invalid")
    assert await hand_over(server, mail(), TO) == Later("The mail server did not take the mail: its name is not known.")


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (b"", "it did not answer in time"),
        (b"421 too busy\r\n", "it says no (421)"),
        (b"554 go away\r\n", "it says no (554)"),
        (b"SSH-2.0-something\r\n", "it says no"),
    ],
)
async def test_what_answers_before_the_mail_is_asked_again(
    says: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(says)
        await reader.read()
        writer.close()
        gone.set()

    monkeypatch.setattr(smtp, "GREETING_S", 0.3)
    listening = await asyncio.start_server(answer, HOST, 0)
    async with listening:
        delivery = await hand_over(server_at(listening.sockets[0].getsockname()[1]), mail(), TO)
        await gone.wait()
    assert isinstance(delivery, Later)
    assert words in delivery.reason


async def test_a_wrong_password_is_refused_for_good_and_nobody_repeats_it(trusted: Certificates) -> None:
    box = MailBox()
    async with serving(box, tls_context=trusted.server, authenticator=box.authenticate, auth_required=True):
        server = server_at(box.port, Security.STARTTLS, username="bot", password="hunter2")
        delivery = await hand_over(server, mail(), TO)
    assert delivery == Failed("The mail server refused the mail: it does not accept the name and password (535).")
    assert "hunter2" not in repr(server)


async def test_a_password_is_not_sent_without_protection() -> None:
    box = MailBox()
    async with serving(box, authenticator=box.authenticate, auth_require_tls=False):
        server = server_at(box.port, Security.STARTTLS, username="bot", password="s3cret")
        delivery = await hand_over(server, mail(), TO)
    assert isinstance(delivery, Later)
    assert "it offers no STARTTLS, and without it no password is sent" in delivery.reason
    assert box.logins == []


async def test_a_server_without_a_login(trusted: Certificates) -> None:
    async with serving(MailBox(), tls=trusted.server, auth_exclude_mechanism=["LOGIN", "PLAIN"]) as box:
        server = server_at(box.port, Security.TLS, username="bot", password="s3cret")
        delivery = await hand_over(server, mail(), TO)
    assert isinstance(delivery, Later)
    assert "it offers no login that is known here" in delivery.reason


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_certificate_that_nobody_has_signed_is_not_accepted(trust: Certificates, security: Security) -> None:
    given: dict[str, Any] = {"tls": trust.server} if security is Security.TLS else {"tls_context": trust.server}
    box = MailBox()
    async with serving(box, authenticator=box.authenticate, **given):
        delivery = await hand_over(server_at(box.port, security, username="bot", password="s3cret"), mail(), TO)
    assert delivery == Later("The mail server did not take the mail: its certificate is not accepted.")
    assert box.logins == []


async def test_plain_talk_where_tls_is_expected(box: MailBox) -> None:
    delivery = await hand_over(server_at(box.port, Security.TLS), mail(), TO)
    assert delivery == Later("The mail server did not take the mail: no TLS connection came about.")


@pytest.mark.parametrize(
    "address",
    ["x@example.org>\r\nRCPT TO:<y@example.org", "x\r\nRSET\r\n@example.org", "a b@example.org", "nobody", ""],
)
async def test_what_is_no_address_is_refused_before_anybody_is_asked(box: MailBox, address: str) -> None:
    delivery = await hand_over(server_at(box.port), mail(), address)
    assert delivery == Failed("The address is none that mail can be sent to.")
    assert (box.mails, box.sessions) == ([], [])


async def test_a_server_that_was_asked_for_nothing_hears_goodbye(box: MailBox) -> None:
    async with connected(server_at(box.port)) as client:
        assert client.is_connected
    assert not client.is_connected


# -- looking without sending ----------------------------------------------------------------------------------------


async def test_looking_at_a_server_sends_nothing(box: MailBox) -> None:
    assert await trouble(server_at(box.port)) is None
    assert box.mails == []


async def test_looking_at_a_server_says_what_is_wrong(trusted: Certificates) -> None:
    assert await trouble(server_at(free_port())) == "nobody listens there"
    box = MailBox()
    async with serving(box, tls_context=trusted.server, authenticator=box.authenticate, auth_required=True):
        wrong = server_at(box.port, Security.STARTTLS, username="bot", password="hunter2")
        assert await trouble(wrong) == "it does not accept the name and password (535)"
        assert await trouble(server_at(box.port, Security.STARTTLS)) == "it does not take mail from EMAIL_FROM (530)"
        assert await trouble(replace(wrong, password="s3cret")) is None
