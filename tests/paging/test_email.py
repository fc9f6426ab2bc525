"""From a page that Teams did not deliver to a mail in somebody's box, through the real lanes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.paging import Page, PageReason, PageResult, Way
from domain.timeline import EntryKind
from integrations.paging.email import Email
from integrations.paging.smtp import MailServer, Security
from scheduling.delivery import DeliveryLoop
from scheduling.ways import by_way
from storage.database import Database
from tests.support.mail_server import HOST, MailBox, serving
from tests.support.product import free_port
from tests.support.samples import NOW
from tests.usecases.conftest import Desk
from usecases import ledger
from usecases.outbox import Ambiguous, Delivered, Delivery, DueMessage, Failed, Later, MessageClass
from usecases.ports import Store

PATIENCE_S = 20


class Hand:
    """A clock that shows what the desk's shows."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def now(self, store: Store):
        return self._desk.now

    def offset(self, store: Store) -> timedelta:
        return timedelta(0)


class Office:
    """Grace has been paged by Teams without success, and is written to."""

    def __init__(self, desk: Desk, port: int | None) -> None:
        self.desk = desk
        server = MailServer(host=HOST, port=port, security=Security.NONE, sender="bot@example.org") if port else None
        self.email = Email(desk.db, Hand(desk), server, public_url=None)
        self.teams: list[DueMessage] = []

    async def page(self, *numbers: int, reason: PageReason = PageReason.STEP) -> list[int]:
        """Let Teams have lost pages to Grace; return the ids of the mails."""

        def work(store: Store) -> list[int]:
            lost = [
                store.pages.add(
                    Page(
                        id=0,
                        reason=reason,
                        way=Way.TEAMS,
                        due_at=self.desk.now,
                        person_id=self.desk.grace.id,
                        incident_id=number,
                        result=PageResult.FAILED,
                        target="person:grace",
                    )
                )
                for number in numbers
            ]
            return [mail.id for mail in ledger.by_email(store, lost, self.desk.now)]

        return await self.desk.db.write(work)

    async def row(self, page_id: int) -> Page:
        found = await self.desk.see(lambda store: store.pages.get(page_id))
        assert found is not None
        return found

    async def until(self, page_id: int, fits: Callable[[Page], bool]) -> Page:
        """Wait until a row of the ledger is as it should be."""

        async def found() -> bool:
            return fits(await self.row(page_id))

        await until(found)
        return await self.row(page_id)

    async def to_teams(self, message: DueMessage) -> Delivery:
        self.teams.append(message)
        return Delivered()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Deliver what waits."""
        loop = DeliveryLoop(self.desk.db.lanes, by_way([self.email], self.to_teams))
        await loop.start()
        try:
            yield
        finally:
            await loop.stop()


@pytest.fixture
async def box() -> AsyncIterator[MailBox]:
    async with serving(MailBox()) as made:
        yield made


@pytest.fixture
async def office(desk: Desk, box: MailBox) -> Office:
    made = Office(desk, box.port)
    await made.email.announce()
    return made


def settled(page: Page) -> bool:
    return page.result is not PageResult.PENDING


async def test_a_page_arrives_by_mail_and_stands_in_the_ledger(office: Office, box: MailBox) -> None:
    number = await office.desk.declare("Checkout is down", severity=1, services=("checkout",))
    (mail,) = await office.page(number)
    office.desk.later(seconds=2)
    async with office.open():
        row = await office.until(mail, settled)
    assert (row.way, row.result, row.attempts, row.detail) == (Way.EMAIL, PageResult.SENT, 1, "")
    assert (row.due_at, row.sent_at) == (NOW, NOW + timedelta(seconds=2))
    (arrived,) = box.mails
    assert arrived["Subject"] == "PAGE INC-1 SEV1 Critical: Checkout is down"
    assert box.envelopes[0].rcpt_tos == ["grace@example.org"]


async def test_everything_else_goes_to_teams(office: Office, box: MailBox) -> None:
    await office.desk.declare()
    async with office.open():
        await until(lambda: office.teams)
    assert [message.payload["do"] for message in office.teams] == ["draw"]
    assert box.mails == []


async def test_a_burst_is_one_mail_for_all(office: Office, box: MailBox) -> None:
    numbers = [await office.desk.declare(f"Trouble {i}", severity=1) for i in range(3)]
    mails = await office.page(*numbers)
    async with office.open():
        for mail in mails:
            assert (await office.until(mail, settled)).result is PageResult.SENT
    (arrived,) = box.mails
    assert arrived["Subject"] == "PAGE INC-1 SEV1 Critical: Trouble 0 (and 2 more)"


async def test_nobody_is_written_to_about_what_somebody_took_meanwhile(office: Office, box: MailBox) -> None:
    number = await office.desk.declare(severity=1)
    (mail,) = await office.page(number)
    await office.desk.do(lambda i: i.resolve(office.desk.ada, number, "", office.desk.trail()))
    async with office.open():
        row = await office.until(mail, settled)
    assert row.result is PageResult.NOT_NEEDED
    assert box.mails == []


async def test_greylisting_costs_a_second_try(office: Office, box: MailBox) -> None:
    box.answers = {"grace@example.org": "451 4.7.1 greylisted"}
    number = await office.desk.declare(severity=1)
    (mail,) = await office.page(number)
    async with office.open():
        await until(lambda: box.refused)
        box.answers = {}
        row = await office.until(mail, settled)
    assert row.result is PageResult.SENT
    assert row.attempts == len(box.refused) + 1
    assert len(box.mails) == 1


async def test_a_recipient_that_is_refused_is_told_on_the_timeline(office: Office, box: MailBox) -> None:
    box.answers = {"grace@example.org": "550 5.1.1 nobody of this name"}
    number = await office.desk.declare(severity=1)
    (mail,) = await office.page(number)
    async with office.open():
        row = await office.until(mail, settled)
    assert row.result is PageResult.FAILED
    assert row.detail == "The mail server refused the mail: it does not take mail for this address (550)."
    kinds = [entry.kind for entry in await office.desk.story(number)]
    assert kinds.count(EntryKind.PAGE_FAILED) == 1
    assert box.refused == ["grace@example.org"]


async def test_a_server_that_is_away_is_tried_until_it_is_back(desk: Desk) -> None:
    port = free_port()
    office = Office(desk, port)
    await office.email.announce()
    number = await desk.declare(severity=1)
    (mail,) = await office.page(number)
    async with office.open():
        await until(lambda: tried_twice(desk))
        assert (await office.row(mail)).result is PageResult.PENDING
        async with serving(MailBox(), port=port) as box:
            row = await office.until(mail, settled)
    assert row.result is PageResult.SENT
    assert len(box.mails) == 1


async def test_a_mail_that_may_have_arrived_is_sent_again_under_the_same_id(office: Office, box: MailBox) -> None:
    box.hang_up_after_data = True
    number = await office.desk.declare(severity=1)
    (mail,) = await office.page(number)
    async with office.open():
        await until(lambda: box.mails)
        box.hang_up_after_data = False
        row = await office.until(mail, settled)
    assert row.result is PageResult.SENT
    assert len(box.mails) >= 2
    assert len({arrived["Message-ID"] for arrived in box.mails}) == 1


async def test_a_mail_that_was_given_up_without_an_answer_is_unknown(office: Office, box: MailBox) -> None:
    box.hang_up_after_data = True
    number = await office.desk.declare(severity=1)
    (mail,) = await office.page(number)
    delivery = await office.email.deliver(message(mail))
    assert isinstance(delivery, Ambiguous)
    assert delivery.then is not None
    await office.desk.db.write(delivery.then)
    row = await office.row(mail)
    assert (row.result, row.attempts, row.detail) == (PageResult.UNKNOWN, 1, delivery.reason)


async def test_whether_there_is_a_mail_server_is_written_down_at_every_start(desk: Desk) -> None:
    for port, on in ((25, True), (None, False), (25, True)):
        await Office(desk, port).email.announce()
        assert await desk.see(ledger.mail_is_on) is on


async def test_a_mail_from_before_the_server_was_taken_away_has_failed(office: Office, desk: Desk) -> None:
    number = await desk.declare(severity=1)
    (mail,) = await office.page(number)
    later = Office(desk, None)
    async with later.open():
        row = await later.until(mail, settled)
    assert (row.result, row.detail) == (PageResult.FAILED, "No mail server is set up (SMTP_URL).")


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        (None, "There is no e-mail address for this person in the organisation file."),
        ("grace@ex<ample.org", "The address in the organisation file is none that mail can be sent to."),
    ],
)
async def test_an_address_that_changed_meanwhile(office: Office, desk: Desk, address: str | None, detail: str) -> None:
    number = await desk.declare(severity=1)
    (mail,) = await office.page(number)
    await desk.db.write(lambda store: store.people.save(replace(desk.grace, email=address)))
    async with office.open():
        row = await office.until(mail, settled)
    assert (row.result, row.detail) == (PageResult.FAILED, detail)


async def test_a_database_that_is_away_costs_nothing_but_time(desk: Desk) -> None:
    away = Database.open(f"postgresql://127.0.0.1:{free_port()}/x", wait_s=0.2)
    email = Email(away, Hand(desk), None, public_url=None)
    try:
        assert isinstance(await email.deliver(message(1)), Later)
    finally:
        await away.close()


async def test_a_page_that_is_not_known_needs_no_mail(office: Office) -> None:
    delivery = await office.email.deliver(message(4711))
    assert isinstance(delivery, Delivered)
    assert not isinstance(delivery, Failed)


async def until(check: Callable[[], object]) -> None:
    """Wait until something is so; `check` may be asynchronous."""
    async with asyncio.timeout(PATIENCE_S):
        while not (await found if isinstance(found := check(), Awaitable) else found):  # noqa: ASYNC110 - a row of the database has no event
            await asyncio.sleep(0.01)


async def tried_twice(desk: Desk) -> bool:
    query = "SELECT max(attempts) FROM outbox_message WHERE lane_id LIKE 'email:%'"
    return await desk.see(lambda store: store.connection.exec_driver_sql(query).scalar_one()) >= 2


def message(page_id: int) -> DueMessage:
    return DueMessage(
        id=1,
        lane="email:grace@example.org",
        fence=1,
        seq=1,
        version=0,
        attempts=1,
        tenant_id="",
        message_class=MessageClass.PAGE,
        payload={"do": "email", "page": page_id},
    )
