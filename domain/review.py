"""Reviews: what people write down together after an incident, who has looked at it, and until when.

Each step is a pure function: review in, review out. It returns None when things are already so (a second press, a
redelivered message) and raises `Refused` when the step makes no sense now. Times are aware datetimes in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from domain.catalog import Side
from domain.errors import Refused
from domain.incident import readable, ref_of
from domain.review_template import SectionKind
from domain.zones import LAST_YEAR, instant

SECTION_LIMIT = 3_000
"""Characters of one section; ours: the form of a clash shows it three times and is still a message that Teams takes."""
REASON_LIMIT = 1_000
"""Characters of why a review goes back to its draft or is skipped."""
MOST_INCIDENTS = 20
"""In one review; ours."""
REQUIRED_FROM = 2
"""Incidents of this severity and worse are reviewed."""
CALENDAR_DAYS, BUSINESS_DAYS = 3, 5
"""Days until a review is due: calendar days for severity 1, business days else (PagerDuty's response guide)."""
REMINDED_AT = time(9)
"""On the owner's clock."""
REMINDED_ON = (-1, 0, 1, 3, 7, 14)
"""Days from the due day on which the owner is reminded."""
LEAD_HEARS_FROM = 2
"""Index in REMINDED_ON from which the owner's lead hears of it too: it is overdue."""
_SATURDAY = 5


class ReviewState(StrEnum):
    """How it stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    """Those who sign off read it."""
    REVIEWED = "reviewed"
    CLOSED = "closed"


WRITABLE = (ReviewState.DRAFT, ReviewState.IN_REVIEW)
"""While a review is one of these its sections can be written, and its day counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section as it stands. Templates may change: a review keeps the sections it began with."""

    kind: SectionKind
    text: str = ""
    version: int = 1
    """Grows with every text; a write names the one it has read."""
    by: int | None = None
    """Who wrote it; None: it is as it was drafted."""
    at: datetime | None = None

    @property
    def id(self) -> str:
        """Its name within the review."""
        return self.kind.id

    def saying(self, text: str) -> Self:
        """Give it with a text that nobody wrote: what is true when it is looked at."""
        return replace(self, text=text)


@dataclass(frozen=True, slots=True)
class SignOff:
    """Somebody of one side has read it and stands by it."""

    person: int
    side: Side | None
    """None: no side was asked for, only somebody else than the owner."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One review of one incident, or of several. People and incidents are named by their ids."""

    id: int
    incidents: tuple[int, ...]
    """In the order in which they joined; never empty."""
    owner: int
    due_at: datetime
    template: str
    sections: tuple[Section, ...]
    made_at: datetime
    severity: int
    """The worst of its incidents when it was opened: whether it is required, and when it is due, follows from it."""
    state: ReviewState = ReviewState.DRAFT
    sides: tuple[Side, ...] = ()
    """Who has to sign off; settled when it is sent."""
    sign_offs: tuple[SignOff, ...] = ()
    skipped: str = ""
    """Why it was closed without being written; empty for one that was written."""
    reason: str = ""
    """Why it went back to its draft the last time."""
    closed_by: int | None = None
    closed_at: datetime | None = None
    plan: int = 0
    """Grows with state, owner and due day: reminders of an earlier plan are not sent."""
    version: int = 0
    """Grows with every change; a write names the version it has read."""

    @property
    def ref(self) -> str:
        """The incident that names it: "INC-12"."""
        return ref_of(self.incidents[0])

    @property
    def name(self) -> str:
        """How people say it: "the review of INC-12 and 2 more"."""
        more = len(self.incidents) - 1
        return f"the review of {self.ref}{f' and {more} more' if more else ''}"

    @property
    def at_first(self) -> str:
        """The same where a sentence begins with it."""
        return f"T{self.name[1:]}"

    @property
    def is_required(self) -> bool:
        """Whether it may not be skipped."""
        return self.severity <= REQUIRED_FROM

    @property
    def is_live(self) -> bool:
        """Whether somebody still has to do something until its day."""
        return self.state in WRITABLE

    def section(self, section_id: str) -> Section:
        """Find a section. Raise Refused for one that is not there."""
        found = next((section for section in self.sections if section.id == section_id), None)
        if found is None:
            raise Refused(f"{self.at_first} has no such section. Open it again to see those it has.")
        return found

    @property
    def words(self) -> int:
        """Grows with every text: what somebody has read is named by it."""
        return sum(section.version for section in self.sections)

    def is_overdue(self, now: datetime) -> bool:
        """Whether its day is over and it is not reviewed."""
        return self.is_live and self.due_at < now

    def missing(self) -> Sequence[Section]:
        """List the required sections with nothing in them."""
        return [s for s in self.sections if s.kind.required and not s.kind.is_live and not s.text.strip()]

    def waits_for(self) -> Sequence[Side]:
        """List the sides that have not signed off."""
        return [side for side in self.sides if all(one.side is not side for one in self.sign_offs)]


def due_after(resolved_at: datetime, severity: int, zone: str) -> datetime:
    """Tell when a review is due: at the same time of day in a zone, so many calendar or business days later."""
    local = resolved_at.astimezone(ZoneInfo(zone))
    day = local.date()
    for _ in range(CALENDAR_DAYS if severity == 1 else BUSINESS_DAYS):
        day += timedelta(days=1)
        while severity > 1 and day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
    return instant(datetime.combine(day, local.time().replace(tzinfo=None)), zone)


def checked_section(text: str) -> str:
    """Keep lines; empty is allowed while it is a draft."""
    kept = readable(text).strip()
    if len(kept) > SECTION_LIMIT:
        raise Refused(
            f"That has {len(kept)} characters; {SECTION_LIMIT} is the most for a section. Shorten it, or link to the rest."
        )
    return kept


def checked_reason(text: str, missing: str) -> str:
    """Not empty, not endless."""
    kept = readable(text).strip()
    if not kept:
        raise Refused(missing)
    if len(kept) > REASON_LIMIT:
        raise Refused(f"That has {len(kept)} characters; {REASON_LIMIT} is the most. Shorten it.")
    return kept


def write(review: Review, section_id: str, text: str, *, by: int, at: datetime) -> Review | None:
    """Give a section another text; None when it has that one. A text that changes takes sign-offs of the old one back."""
    _require_writable(review)
    section = review.section(section_id)
    if section.kind.is_live:
        raise Refused(f"“{section.kind.title}” is written by itself: change what it is made of.")
    if text == section.text:
        return None
    written = replace(section, text=text, version=section.version + 1, by=by, at=at)
    sections = tuple(written if s.id == section_id else s for s in review.sections)
    return _stepped(replace(review, sections=sections, sign_offs=()))


def with_factor(section: Section, factor: str) -> str:
    """Give the text of a section with one line more."""
    return checked_section("\n".join(filter(None, (section.text, f"- {' '.join(factor.split())}"))))


def send(review: Review, sides: tuple[Side, ...]) -> Review | None:
    """Ask for the sign-offs of these sides; none: of somebody else than the owner. None when it is sent."""
    if review.state is ReviewState.IN_REVIEW:
        return None
    if review.state is not ReviewState.DRAFT:
        raise Refused(f"{review.at_first} is {review.state} already.")
    missing = review.missing()
    if missing:
        titles = ", ".join(f"“{section.kind.title}”" for section in missing)
        raise Refused(f"Before it is sent, write something in {titles}: open the review.")
    return _planned(replace(review, state=ReviewState.IN_REVIEW, sides=sides, sign_offs=(), reason=""))


def sign_off(review: Review, person: int, sides: Sequence[Side], at: datetime) -> Review | None:
    """Stand by it for the first of the person's `sides` that is waited for; None when they have. The last one decides."""
    if any(one.person == person for one in review.sign_offs):
        return None
    if review.state is not ReviewState.IN_REVIEW:
        raise Refused(f"{review.at_first} is {_said(review.state)}: there is nothing to sign off.")
    side = next((side for side in review.waits_for() if side in sides), None)
    if review.sides and side is None:
        waited = " and ".join(side.capitalize() for side in review.waits_for())
        raise Refused(f"It waits for somebody of {waited}, and you are in no team on that side.")
    signed = replace(review, sign_offs=(*review.sign_offs, SignOff(person, side, at)))
    return _stepped(signed) if signed.waits_for() else _planned(replace(signed, state=ReviewState.REVIEWED))


def back_to_draft(review: Review, reason: str) -> Review | None:
    """Let it be written again; sign-offs are taken back. None when it is a draft."""
    if review.state is ReviewState.DRAFT:
        return None
    return _planned(
        replace(
            review,
            state=ReviewState.DRAFT,
            sign_offs=(),
            skipped="",
            reason=checked_reason(reason, "Say what is missing: whoever goes on with it reads that."),
            closed_by=None,
            closed_at=None,
        )
    )


def close(review: Review, *, by: int, at: datetime) -> Review | None:
    """Say that nothing more is to come; None when that was said."""
    if review.state is ReviewState.CLOSED:
        return None
    if review.state is not ReviewState.REVIEWED:
        raise Refused(f"{review.at_first} is {_said(review.state)}: it is closed once it is signed off.")
    return _planned(replace(review, state=ReviewState.CLOSED, closed_by=by, closed_at=at))


def skip(review: Review, reason: str, *, by: int, at: datetime) -> Review | None:
    """Close it unwritten, with a reason; severity 1 and 2 are always reviewed. None when it is closed."""
    if review.state is ReviewState.CLOSED:
        return None
    if review.is_required:
        raise Refused(f"Incidents of severity 1 and 2 are always reviewed, so {review.name} cannot be skipped.")
    text = checked_reason(reason, "Say why it is not reviewed: whoever looks for it later reads that.")
    return _planned(replace(review, state=ReviewState.CLOSED, skipped=text, closed_by=by, closed_at=at))


def hand_over(review: Review, owner: int) -> Review | None:
    """Give it to somebody else; None when they have it."""
    if not review.is_live:
        raise Refused(f"{review.at_first} is {review.state}: nobody has to do anything for it.")
    return None if owner == review.owner else _planned(replace(review, owner=owner))


def join(review: Review, incident: int, severity: int) -> Review | None:
    """Look at one more incident in it; None when it is there."""
    if incident in review.incidents:
        return None
    _require_writable(review)
    if len(review.incidents) >= MOST_INCIDENTS:
        raise Refused(f"A review looks at {MOST_INCIDENTS} incidents at most. Begin another one for the rest.")
    joined = replace(review, incidents=(*review.incidents, incident), severity=min(review.severity, severity))
    return _stepped(replace(joined, sign_offs=()))


def begin_again(review: Review, due_at: datetime, severity: int) -> Review:
    """Set a new day after its incident was resolved anew; by now it may be worse than it was."""
    return _planned(replace(review, due_at=due_at, severity=min(review.severity, severity)))


def reminder_after(review: Review, zone: str, moment: datetime) -> tuple[int, datetime] | None:
    """Find the first reminder later than a moment: its index in REMINDED_ON and when it is (UTC); None: no more come."""
    due_on = review.due_at.astimezone(ZoneInfo(zone)).date()
    for index, days in enumerate(REMINDED_ON):
        at = instant(datetime.combine(_day(due_on, days), REMINDED_AT), zone)
        if at > moment:
            return index, at
    return None


def _day(day: date, days: int) -> date:
    return day + timedelta(days=days) if day.year < LAST_YEAR else day


def _require_writable(review: Review) -> None:
    if review.state not in WRITABLE:
        raise Refused(f"{review.at_first} is {review.state}: press “Back to draft” to change it.")


def _said(state: ReviewState) -> str:
    return {ReviewState.DRAFT: "a draft", ReviewState.IN_REVIEW: "in review"}.get(state, str(state))


def _planned(review: Review) -> Review:
    return _stepped(replace(review, plan=review.plan + 1))


def _stepped(review: Review) -> Review:
    return replace(review, version=review.version + 1)
