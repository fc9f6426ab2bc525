"""Changes: what somebody did, or is going to do, to a service: a deployment, an upgrade, another setting.

Each step is a pure function: change in, change out. It returns None when things are already so and raises `Refused`
when the step makes no sense now. Times are aware datetimes in UTC.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from domain.errors import Refused
from domain.incident import TITLE_LIMIT, readable

ROLLBACK_LIMIT = 2_000
"""Characters of a way back; ours: it is read on a phone while something is broken."""
COMMENT_LIMIT = 1_000
"""Characters of a comment on how it went; ours, as on a decision."""
NAME_LIMIT = 100
"""Characters of an author or a source that another program names; ours."""
MOST_LINKS, LINK_LIMIT = 10, 1_000
"""Links of one change, and characters of one; ours: they fit one card."""
RECENT = timedelta(hours=24)
"""How far back a change counts as recent beside an incident."""
SKEW = timedelta(minutes=5)
"""How far the clock of another machine may be ahead before its "now" counts as planned; ours."""


class Risk(StrEnum):
    """What can go wrong, as its author sees it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


APPROVALS: Mapping[Risk, int] = {Risk.LOW: 0, Risk.MEDIUM: 1, Risk.HIGH: 2}
"""How many sides have to agree before it: none, the other one, both."""


class ChangeState(StrEnum):
    """How a change stands."""

    PROPOSED = "proposed"
    """It waits for an approval."""
    PLANNED = "planned"
    """It may happen at its time."""
    DONE = "done"
    FAILED = "failed"
    """It was tried and did not work."""
    ROLLED_BACK = "rolled_back"
    """It was done and taken back."""
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    """It is not going to happen: taken back, or nobody decided in time."""


HAPPENED = (ChangeState.DONE, ChangeState.FAILED, ChangeState.ROLLED_BACK)
"""The states of a change that touched its service."""
WENT_WRONG = (ChangeState.FAILED, ChangeState.ROLLED_BACK)
REPORTED = (ChangeState.PLANNED, *HAPPENED)
"""The states a program may tell."""
MAY_MATTER = (ChangeState.PLANNED, *HAPPENED)
"""The states of a change that may be behind an incident: also one whose time is over and nobody said how it went."""

_NEXT: Mapping[ChangeState, tuple[ChangeState, ...]] = {
    ChangeState.PROPOSED: (ChangeState.PLANNED, ChangeState.REJECTED, ChangeState.CANCELLED),
    ChangeState.PLANNED: (*HAPPENED, ChangeState.CANCELLED),
    ChangeState.DONE: WENT_WRONG,
    ChangeState.FAILED: (ChangeState.ROLLED_BACK,),
}
_SAID = {
    ChangeState.PROPOSED: "waits for an approval",
    ChangeState.PLANNED: "is planned",
    ChangeState.DONE: "is done",
    ChangeState.FAILED: "has failed",
    ChangeState.ROLLED_BACK: "was rolled back",
    ChangeState.REJECTED: "was rejected",
    ChangeState.CANCELLED: "was cancelled",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one service. People are named by their ids, times are UTC."""

    id: int
    title: str
    service: str
    """Id in the catalogue, which may have lost it since."""
    risk: Risk
    at: datetime
    """When it happened or is going to."""
    state: ChangeState
    recorded_at: datetime
    source: str
    """What recorded it: "teams", or the program that did."""
    recorded_by: int | None = None
    """None: a program recorded it."""
    author: str = ""
    """Who made it, as a program names them."""
    ends_at: datetime | None = None
    rollback: str = ""
    """How to take it back."""
    links: tuple[str, ...] = ()
    """http or https addresses."""
    comment: str = ""
    """How it went, or why it does not happen."""
    ended_by: int | None = None
    """Who said last how it stands; None: its author, time or the bot."""
    ended_at: datetime | None = None
    version: int = 0
    """Grows with every change; a write names the version it has read."""

    @property
    def name(self) -> str:
        """How people write it: "Change 7"."""
        return f"Change {self.id}"

    @property
    def said(self) -> str:
        """Say how it stands: "is planned"."""
        return _SAID[self.state]

    def may_become(self, state: ChangeState) -> bool:
        """Tell whether a step leads there."""
        return state in _NEXT.get(self.state, ())


def step(change: Change, to: ChangeState, *, by: int | None, at: datetime, comment: str = "") -> Change | None:
    """Go on to another state; None when it is there already.

    What is said to have happened before its planned time has happened now. Raise Refused where no step leads there.
    """
    if change.state is to:
        return None
    if not change.may_become(to):
        raise Refused(f"{change.name} {change.said}, so nothing was changed.")
    happens_at = min(change.at, at) if to in HAPPENED else change.at
    words = checked_words(comment, "comment", COMMENT_LIMIT) or change.comment
    return replace(change, state=to, at=happens_at, comment=words, ended_by=by, ended_at=at, version=change.version + 1)


def checked_title(title: str) -> str:
    """One line, not empty, not endless."""
    text = " ".join(readable(title).split())
    if not text:
        raise Refused("A change needs a title: say in a few words what changes.")
    if len(text) > TITLE_LIMIT:
        raise Refused(f"That title has {len(text)} characters; {TITLE_LIMIT} is the most. Shorten it.")
    return text


def checked_words(text: str, what: str, limit: int) -> str:
    """Keep lines, refuse too much; empty is fine."""
    words = readable(text).strip()
    if len(words) > limit:
        raise Refused(f"That {what} has {len(words)} characters; {limit} is the most. Shorten it.")
    return words


def checked_risk(text: str) -> Risk:
    """Read low, medium or high, in any case."""
    try:
        return Risk(text.strip().lower())
    except ValueError:
        raise Refused(f"There is no risk “{text.strip()[:40]}”: write low, medium or high.") from None


def checked_links(links: Iterable[str]) -> tuple[str, ...]:
    """Keep addresses of the web, each once. Raise Refused for anything else."""
    found = tuple(dict.fromkeys(link.strip() for link in links if link.strip()))
    if len(found) > MOST_LINKS:
        raise Refused(f"Those are {len(found)} links; {MOST_LINKS} is the most. Keep those that matter.")
    for link in found:
        if not _leads_to_the_web(link):
            raise Refused(f"“{link[:80]}” is no link: write an address that begins with http:// or https://.")
    return found


def checked_end(at: datetime, ends_at: datetime | None) -> datetime | None:
    """Refuse an end that is not after the beginning."""
    if ends_at is not None and ends_at <= at:
        raise Refused("A change ends after it begins: choose a later end, or none.")
    return ends_at


def _leads_to_the_web(link: str) -> bool:
    if len(link) > LINK_LIMIT or any(c.isspace() or not c.isprintable() for c in link):
        return False
    try:
        parts = urlsplit(link)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
