"""What a page says as a mail."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from domain.paging import Page, PageReason, Way
from domain.people import Person
from domain.running_escalation import EscalationState
from integrations.paging.mail import LATEST, written
from integrations.paging.smtp import MailServer, Security
from tests.support.samples import ADA, GRACE, LIN, NOW, ago, entry, incident, person, view
from usecases.page_view import PagedIncident, PageView
from usecases.paging_view import PagingView

SERVER = MailServer(
    host="mail.example.org", port=587, security=Security.STARTTLS, sender="Incident bot <bot@example.org>"
)
PAGE = Page(
    id=17,
    reason=PageReason.STEP,
    way=Way.EMAIL,
    due_at=NOW,
    person_id=GRACE.id,
    incident_id=12,
    escalation_id=1,
    step=2,
    target="schedule:payments-primary",
)
RUNBOOKS = ("https://wiki.example.org/checkout?a=1&b=2", "https://wiki.example.org/db")


def page_view(
    page: Page = PAGE, *, runbooks: tuple[str, ...] = RUNBOOKS, more: dict[str, Any] | None = None, **shown: Any
) -> PageView:
    paged = PagedIncident(page=page, view=view(**shown), wanted=True, runbooks=runbooks)
    given: dict[str, Any] = {"page": page, "reader": GRACE, "incidents": (paged,), "now": NOW, "steps": 3, "rounds": 2}
    return PageView(**{**given, **(more or {})})


def arrived(
    seen: PageView | None = None, reader: Person = GRACE, url: str | None = "https://bot.example.org"
) -> EmailMessage:
    """Write a mail and read it as a mail program does."""
    sent = written(seen or page_view(), reader, SERVER, url).as_bytes(policy=policy.SMTP)
    assert sent.isascii()
    assert max(map(len, sent.split(b"\r\n"))) <= 998
    made = message_from_bytes(sent, policy=policy.default)
    assert isinstance(made, EmailMessage)
    assert not made.defects
    return made


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return body.get_content().replace("\r\n", "\n")


def test_a_page_says_everything_that_is_needed_to_act() -> None:
    mail = arrived()
    assert mail["Subject"] == "PAGE INC-12 SEV1 Critical: Checkout is down"
    assert mail["From"] == "Incident bot <bot@example.org>"
    assert mail["To"] == "Grace Hopper <grace@example.org>"
    assert text_of(mail) == (
        "INC-12 SEV1 Critical: Checkout is down\n"
        "\n"
        "To take it, write this to the incident bot in Teams:\n"
        "    ack INC-12\n"
        "\n"
        "Service:\n"
        "    Checkout\n"
        "\n"
        "Status:\n"
        "    investigating, declared 2026-11-23 13:40 UTC (08:40 in America/New_York) by Ada Lovelace\n"
        "\n"
        "Why you:\n"
        "    step 2 of 3 of its escalation names schedule:payments-primary.\n"
        "\n"
        "Runbooks:\n"
        "    https://wiki.example.org/checkout?a=1&b=2\n"
        "    https://wiki.example.org/db\n"
        "\n"
        "Incident board:\n"
        "    https://bot.example.org\n"
        "\n"
        "The page in Teams was refused or not answered: that is why you get this mail. Answers to it are not read.\n"
    )


def test_mail_programs_are_told_that_a_machine_wrote_something_urgent() -> None:
    mail = arrived()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert (mail["X-Priority"], mail["Importance"]) == ("1", "high")
    assert mail["Date"] == "Mon, 23 Nov 2026 14:18:00 +0000"


def test_a_mail_sent_twice_has_one_id_and_other_pages_have_others() -> None:
    first, again = arrived(), arrived(page_view(more={"now": NOW + timedelta(minutes=4)}))
    assert first["Message-ID"] == again["Message-ID"] == "<page-17-1795443480@example.org>"
    others = [
        page_view(replace(PAGE, id=18)),
        page_view(replace(PAGE, due_at=NOW + timedelta(days=90))),  # the same number in a database begun anew
    ]
    assert len({first["Message-ID"], *(arrived(other)["Message-ID"] for other in others)}) == 3
    assert {arrived(other)["References"] for other in others} == {first["References"]}


@pytest.mark.parametrize(
    ("page", "more", "sentence"),
    [
        (
            replace(PAGE, step=1, round=2),
            {},
            "step 1 of 3 of its escalation names schedule:payments-primary, round 2 of 2.",
        ),
        (replace(PAGE, reason=PageReason.LAST_RESORT), {}, "nobody has acknowledged it, and you are the last resort."),
        (replace(PAGE, reason=PageReason.ESCALATED), {"asked_by": "Ada Lovelace"}, "Ada Lovelace asked for you."),
        (replace(PAGE, reason=PageReason.ESCALATED), {}, "somebody asked for you."),
        (replace(PAGE, reason=PageReason.QUIET), {}, "INC-12 was acknowledged, and nothing was written since."),
    ],
)
def test_the_mail_says_why_it_went_to_this_person(page: Page, more: dict[str, Any], sentence: str) -> None:
    assert f"Why you:\n    {sentence}\n" in text_of(arrived(page_view(page, more=more)))


def test_the_last_resort_hears_how_few_have_acknowledged() -> None:
    so_far = PagingView(state=EscalationState.RUNNING, people=(), answers=(1, 2))
    text = text_of(arrived(page_view(replace(PAGE, reason=PageReason.LAST_RESORT), paging=so_far)))
    assert "Why you:\n    only 1 of 2 people have acknowledged it, and you are the last resort.\n" in text


def test_what_is_not_known_is_left_out() -> None:
    mail = text_of(arrived(page_view(runbooks=(), services=()), replace(GRACE, time_zone="UTC"), None))
    for heading in ("Service:", "Runbooks:", "Incident board:", "Latest note:"):
        assert heading not in mail
    assert "declared 2026-11-23 13:40 UTC by Ada Lovelace\n" in mail
    assert "2026-11-23 13:40 UTC by" in text_of(arrived(reader=replace(GRACE, time_zone="Mars/Olympus")))


def test_the_latest_note_is_shortened_and_keeps_to_its_line() -> None:
    long = "line one\nline two " + "x" * 1_000
    said = text_of(arrived(page_view(latest=entry(text=long))))
    (line,) = [line for line in said.split("\n") if "line one" in line]
    assert line.startswith("    Ada Lovelace: line one line two xx")
    assert line.endswith("…")
    assert len(line) < LATEST + 40


def test_the_html_says_the_same_and_nothing_in_it_is_markup_of_others() -> None:
    nasty = incident(title="<script>alert(1)</script> & 'quotes'")
    html = text_of(arrived(page_view(shown=nasty, runbooks=("https://w.example.org/'onmouseover='x",))), "html")
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#x27;quotes&#x27;" in html
    assert "<a href='https://w.example.org/&#x27;onmouseover=&#x27;x'>" in html
    assert "ack INC-12" in html
    assert "<html lang='en'>" in html


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00"])
def test_no_title_or_name_begins_a_header_of_its_own(end: str) -> None:
    shown = incident(title=f"Checkout{end}Bcc: eve@example.org{end}{end}<b>hello</b>")
    reader = replace(GRACE, name=f"Grace{end}Bcc: eve@example.org")
    mail = arrived(page_view(shown=shown), reader)
    assert mail["Bcc"] is None
    assert [h.addr_spec for h in mail["To"].addresses] == ["grace@example.org"]
    between = "" if end == "\x00" else " "
    assert mail["Subject"].startswith(f"PAGE INC-12 SEV1 Critical: Checkout{between}Bcc: eve@example.org")


@pytest.mark.parametrize("name", ["Lin Wei 林薇", "Zoë Ångström", "הקופה", "O'Hara, Pat", 'The "Boss"', "🔥", ""])
def test_names_and_titles_of_every_script_arrive_as_they_are(name: str) -> None:
    who = person(3, name or "x", email="lin@example.org")
    mail = arrived(page_view(shown=incident(title=f"{name} ist kaputt")), replace(who, name=name))
    assert mail["To"].addresses[0].display_name == name
    assert mail["Subject"] == f"PAGE INC-12 SEV1 Critical: {name} ist kaputt".replace("  ", " ")


def test_a_very_long_title_in_any_script_stays_a_mail() -> None:
    mail = arrived(page_view(shown=incident(title="收银台坏了" * 40)))
    assert mail["Subject"] == "PAGE INC-12 SEV1 Critical: " + "收银台坏了" * 40


@pytest.mark.parametrize("address", [None, "", "nobody", "a b@example.org", "x@y@z", "x@example.org\r\nBcc: y@z"])
def test_an_address_that_is_none_is_refused(address: str | None) -> None:
    with pytest.raises(ValueError):
        written(page_view(), replace(LIN, email=address), SERVER, None)


def test_times_are_written_for_the_reader() -> None:
    shown = incident(declared_at=ago(hours=15))
    said = text_of(arrived(page_view(shown=shown), ADA))
    assert "declared 2026-11-22 23:18 UTC by Ada Lovelace" in said
    said = text_of(arrived(page_view(shown=shown), LIN))
    assert "declared 2026-11-22 23:18 UTC (04:48 in Asia/Kolkata) by Ada Lovelace" in said


def test_a_burst_is_one_mail_that_names_them_all() -> None:
    paged = [
        PagedIncident(page=PAGE, view=view(incident(number, title=title)), wanted=wanted)
        for number, title, wanted in (
            (12, "over", False),
            (13, "Search", True),
            (14, "Mail\r\nX", True),
            (15, "Pay", True),
        )
    ]
    mail = arrived(page_view(more={"incidents": tuple(paged)}))
    assert mail["Subject"] == "PAGE INC-13 SEV1 Critical: Search (and 2 more)"
    said = text_of(mail)
    assert "    ack INC-13\n" in said
    assert (
        "Also yours:\n    INC-14 SEV1 Critical: Mail X (ack INC-14)\n    INC-15 SEV1 Critical: Pay (ack INC-15)\n"
        in said
    )
    assert "INC-12" not in said
