"""What a page says as a mail: everything needed to act, for somebody whom Teams did not reach."""

import html
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.paging import PageReason
from domain.people import Person
from integrations.paging.smtp import MailServer, is_address
from usecases.page_view import PagedIncident, PageView
from usecases.wording import few_have

LATEST = 500
"""Characters of the latest note; ours: it is read on a locked phone."""
_LOST = "The page in Teams was refused or not answered: that is why you get this mail. Answers to it are not read."

Section = tuple[str, Sequence[str]]
"""A heading and its lines."""


def written(view: PageView, reader: Person, server: MailServer, public_url: str | None) -> EmailMessage:
    """Write the mail. Raise ValueError where the reader's address cannot stand in a mail.

    Its id follows from the page, so that a mail that is sent twice is shown once; the moment in it keeps the pages
    of a database that was begun anew apart from the earlier ones.
    """
    paged, *others = [shown for shown in view.incidents if shown.wanted] or view.incidents
    incident = paged.view.incident
    headline = one_line(_named(paged))
    mail = EmailMessage()
    mail["Subject"] = f"PAGE {headline}" + (f" (and {len(others)} more)" if others else "")
    mail["From"] = as_address(*parseaddr(server.sender))
    mail["To"] = as_address(reader.name, reader.email or "")
    mail["Date"] = format_datetime(view.now.astimezone(UTC))
    mail["Message-ID"] = f"<page-{view.page.id}-{_seconds(view.page.due_at)}@{server.domain}>"
    mail["References"] = f"<incident-{incident.id}-{_seconds(incident.declared_at)}@{server.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Priority"] = "1"
    mail["Importance"] = "high"
    sections = [*_sections(view, paged, reader, public_url), *_others(others)]
    mail.set_content(_text(headline, sections), cte="quoted-printable")
    mail.add_alternative(_html(headline, sections), subtype="html", cte="quoted-printable")
    return mail


def _sections(view: PageView, paged: PagedIncident, reader: Person, public_url: str | None) -> Sequence[Section]:
    shown, incident = paged.view, paged.view.incident
    declared = f"{_moment(incident.declared_at, reader.time_zone)} by {shown.name_of(incident.declared_by)}"
    latest = shown.latest
    sections: list[Section] = [
        ("To take it, write this to the incident bot in Teams:", (f"ack {incident.ref}",)),
        ("Service:", [service.name for service in shown.services]),
        ("Status:", (f"{incident.status}, declared {declared}",)),
        ("Why you:", (_why(view, paged),)),
        ("Runbooks:", paged.runbooks),
        ("Latest note:", (f"{shown.name_of(latest.actor)}: {_shortened(latest.text)}",) if latest else ()),
        ("Incident board:", (public_url,) if public_url else ()),
    ]
    return [(heading, [one_line(line) for line in lines]) for heading, lines in sections if lines]


def _others(others: Sequence[PagedIncident]) -> Sequence[Section]:
    """Name the others of the same burst, each with what takes it."""
    lines = [f"{one_line(_named(other))} (ack {other.view.incident.ref})" for other in others]
    return [("Also yours:", lines)] if lines else []


def _named(paged: PagedIncident) -> str:
    incident = paged.view.incident
    return f"{incident.ref} SEV{incident.severity} {paged.view.severity_name}: {incident.title}"


def _why(view: PageView, paged: PagedIncident) -> str:
    page = view.page
    match page.reason:
        case PageReason.STEP:
            again = f", round {page.round} of {view.rounds}" if page.round > 1 else ""
            return f"step {page.step or 1} of {view.steps or 1} of its escalation names {page.target or 'you'}{again}."
        case PageReason.LAST_RESORT:
            so_few = few_have(paged.view.paging.answers if paged.view.paging else None)
            return f"{so_few[0].lower()}{so_few[1:]} acknowledged it, and you are the last resort."
        case PageReason.ESCALATED:
            return f"{view.asked_by or 'somebody'} asked for you."
        case PageReason.QUIET:
            return f"{paged.view.incident.ref} was acknowledged, and nothing was written since."
        case PageReason.DRILL:
            return "this is a drill."


def _text(headline: str, sections: Sequence[Section]) -> str:
    parts = [headline]
    for heading, lines in sections:
        parts += ["", heading, *(f"    {line}" for line in lines)]
    return "\n".join([*parts, "", _LOST, ""])


def _html(headline: str, sections: Sequence[Section]) -> str:
    body = [f"<h1 style='font-size:1.2em'>{html.escape(headline)}</h1>"]
    for heading, lines in sections:
        body.append(f"<p><b>{html.escape(heading)}</b><br>{'<br>'.join(_linked(line) for line in lines)}</p>")
    return f"<!doctype html><html lang='en'><body>{''.join(body)}<p><small>{_LOST}</small></p></body></html>\n"


def _linked(line: str) -> str:
    shown = html.escape(line)
    return f"<a href='{shown}'>{shown}</a>" if line.startswith(("https://", "http://")) else shown


def as_address(name: str, address: str) -> Address:
    """Write somebody's address. Raise ValueError for one that cannot stand in a mail."""
    if not is_address(address):
        raise ValueError("This is no address that mail can be sent to.")
    local, _, domain = address.rpartition("@")
    return Address(display_name=one_line(name), username=local, domain=domain)


def one_line(text: str) -> str:
    """Make one line of it, with nothing that cannot be seen: what stands in a header must not begin another one."""
    seen = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cs"}
    )
    return " ".join(seen.split())


def _shortened(text: str) -> str:
    return text if len(text) <= LATEST else f"{text[: LATEST - 1]}…"


def _moment(at: datetime, zone: str) -> str:
    """Write a moment in UTC, and on the reader's clock where that is another one."""
    utc = f"{at:%Y-%m-%d %H:%M} UTC"
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return utc
    return f"{utc} ({local:%H:%M} in {zone})" if local.utcoffset() else utc


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
