"""The delivery ledger: pages are written here, sent, put on one card in a burst, and settled when somebody answers.

A page changes under the lock of its own row, taken after the lock of its incident: the send that ends and the
acknowledgement that comes at the same moment see each other.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.incident import Incident
from domain.paging import Page, PageReason, PageResult, Way
from domain.people import Person
from usecases import letters
from usecases.outbox import MessageClass, NewMessage
from usecases.ports import Store
from usecases.targets import Audience, Found, Posted
from usecases.work import NewWork

PAGE = "page"
"""The letter that draws a page: {"page": id}."""
EMAIL = "email"
"""What a message asks for that goes by mail: {"do": "email", "page": id}."""
EMAIL_SWITCH, ON = "paging.email", "on"
"""The fact (usecases.ports.KeyValue) that says whether a mail server is set up; written at every start."""
SECOND = "page.second_way:1"
"""The work that looks whether somebody has reacted."""
SECOND_AFTER, SECOND_SHARE = timedelta(minutes=3), 0.6
"""So long a page waits for a reaction before the second way, at most this share of the step's wait; ours: time to find
the phone, and still time to read a mail before the next step."""
BURST = timedelta(minutes=2)
"""Pages for the same service so close together are one message; ours: what breaks together is told together."""
CARD_HOLDS = 50
"""Pages on one message; ours: one press answers them all, in the time Teams waits for an answer."""
POLICY = (PageReason.STEP, PageReason.LAST_RESORT)
"""Reasons that come from a policy; only their pages join a card that stands already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What asks for pages. `due_at` is the nominal moment (UTC), `wait` how long an answer is waited for."""

    reason: PageReason
    due_at: datetime
    wait: timedelta
    escalation_id: int | None = None
    step: int | None = None
    round: int = 1


def person_of(store: Store, person_id: int | None) -> Person | None:
    """Read somebody a row of the ledger names; None where it names nobody."""
    return store.people.many([person_id]).get(person_id) if person_id is not None else None


def page_key(page_id: int) -> str:
    """Name the message that a page is sent with."""
    return f"page:{page_id}"


def subject_of(incident_id: int) -> str:
    """Name the due work of an incident."""
    return f"incident:{incident_id}"


# -- writing ----------------------------------------------------------------------------------------------------------


def page_all(store: Store, incident: Incident, audience: Audience, asked: Asked) -> Sequence[Page]:
    """Page everybody, and post in the channels; return all rows as they stand now. The incident is locked."""
    joins = asked.reason in POLICY
    if joins:
        _wait_for_others(store, incident, [found.person.id for found in audience.people], asked)
    pages = [page for found in audience.people for page in _page(store, incident, found, asked, joins=joins)]
    return [*pages, *(_post(store, incident, posted, asked) for posted in audience.channels)]


def row(incident: Incident, asked: Asked, way: Way, target: str) -> Page:
    """Begin a row of the ledger."""
    return Page(
        id=0,
        reason=asked.reason,
        way=way,
        due_at=asked.due_at,
        incident_id=incident.id,
        cycle=incident.cycle,
        escalation_id=asked.escalation_id,
        step=asked.step,
        round=asked.round,
        target=target,
    )


def _page(store: Store, incident: Incident, found: Found, asked: Asked, *, joins: bool) -> Sequence[Page]:
    person = found.person
    wanted = replace(row(incident, asked, Way.TEAMS, found.target), person_id=person.id)
    card = _card_to_join(store, incident, wanted) if joins else None
    if card is not None:
        page = _join(store, card, wanted)
    else:
        page = store.pages.add(wanted)
        if not _write(store, page, person, key=page_key(page.id)):
            page = fail(store, page, "there is no Teams account for this person in the organisation file", attempts=0)
            return [page, *by_email(store, [page], asked.due_at)]
    _plan_second_way(store, page, person, asked)
    return [page]


def _write(store: Store, page: Page, person: Person, *, key: str) -> bool:
    return letters.to_person(
        store,
        person,
        PAGE,
        key=key,
        message_class=MessageClass.PAGE,
        incident_id=page.incident_id,
        page=page.id,
    )


def write_anew(store: Store, card: Page, *, because_of: Page) -> None:
    """Send a card once more that is gone where it stood, for a page on it that has not arrived. The card is locked."""
    person = person_of(store, card.person_id)
    if person is None:
        return
    gone = replace(card, place=None, activity_id=None)
    store.pages.save(gone)
    _write(store, gone, person, key=f"{page_key(card.id)}:for:{because_of.id}")


def _post(store: Store, incident: Incident, posted: Posted, asked: Asked) -> Page:
    page = store.pages.add(replace(row(incident, asked, Way.CHANNEL, posted.target), team_id=posted.team.id))
    place = letters.channel_of_team(store, posted.team.id)
    if place is None:
        return fail(store, page, "the team has no channel", attempts=0)
    letters.to_place(
        store,
        place,
        PAGE,
        key=page_key(page.id),
        message_class=MessageClass.PAGE,
        incident_id=incident.id,
        page=page.id,
    )
    return page


def fail(store: Store, page: Page, reason: str, *, attempts: int) -> Page:
    """Write down that a page was refused for good."""
    failed = replace(page, result=PageResult.FAILED, detail=reason, attempts=max(page.attempts, attempts))
    store.pages.save(failed)
    return failed


# -- a burst is one message -------------------------------------------------------------------------------------------


def _wait_for_others(store: Store, incident: Incident, people: Collection[int], asked: Asked) -> None:
    """Let incidents that begin at the same moment page one after the other, so that the second sees the first's page.

    Whoever writes such a key first holds up the others until it is committed; later ones find it and go on.
    """
    span = int(asked.due_at.timestamp() // BURST.total_seconds())
    at_ms = int(asked.due_at.timestamp() * 1000)
    for person_id in sorted(people):
        for service in sorted(incident.services):
            store.inbound.first_time(f"burst:{person_id}:{service}:{span}", at_ms=at_ms)


def _join(store: Store, card: Page, wanted: Page) -> Page:
    """Put a page on a message that stands already, or is about to."""
    same = card.incident_id == wanted.incident_id  # nothing new to show: it has arrived when the message has
    arrived = same and card.result is PageResult.SENT
    page = replace(wanted, bundled_into=card.id)
    page = store.pages.add(replace(page, result=card.result, sent_at=card.sent_at) if arrived else page)
    if not same:
        redraw(store, card.id)
    return page


def _card_to_join(store: Store, incident: Incident, wanted: Page) -> Page | None:
    """Find a message that this page can stand on: sent for the same service a moment ago, and still unanswered."""
    if wanted.person_id is None:
        return None
    earlier = store.pages.to_person(wanted.person_id, due_after=wanted.due_at - BURST)
    load = Counter(page.bundled_into for page in earlier)
    cards = [page for page in earlier if _can_show(page, wanted) and load[page.id] < CARD_HOLDS - 1]
    return next((card for card in cards if _fits(store, card, incident, wanted)), None)


def _can_show(card: Page, wanted: Page) -> bool:
    """Whether it is a message that can still change."""
    stands = card.result is PageResult.PENDING or card.activity_id is not None
    return (
        card.way is Way.TEAMS
        and card.bundled_into is None
        and card.is_waiting
        and stands
        and card.due_at <= wanted.due_at
    )


def _fits(store: Store, card: Page, incident: Incident, wanted: Page) -> bool:
    if card.incident_id == incident.id:  # two policies, or two targets of one incident, at the same moment
        return card.cycle == incident.cycle and card.due_at == wanted.due_at
    other = store.incidents.get(card.incident_id) if card.incident_id is not None else None
    if other is None or other.acknowledged_at is not None or not other.is_open or other.cycle != card.cycle:
        return False
    return (
        wanted.reason in POLICY
        and other.severity <= incident.severity
        and not set(other.services).isdisjoint(incident.services)
    )


def family(store: Store, page: Page) -> Sequence[Page]:
    """List the page whose message this one stands on, and all that stand there too."""
    root = store.pages.get(page.bundled_into) if page.bundled_into is not None else page
    return [root, *store.pages.bundled_into(root.id)] if root else [page]


def redraw(store: Store, page_id: int) -> None:
    """Bring a page's message up to date, where there is one: its own, or the one it stands on."""
    page = store.pages.get(page_id)
    root = store.pages.lock(page.bundled_into or page.id) if page else None
    if root is None or root.place is None or root.activity_id is None:
        return
    # Read under the lock of the page: whoever redraws after us has seen our versions, and one of them has grown.
    ids = {p.incident_id for p in family(store, root) if p.incident_id is not None}
    versions = sum(incident.version for incident in store.incidents.many(ids).values())
    versions = versions or (2 if root.acknowledged_at else 1)  # a drill is answered, or ends without that and before it
    letters.draw_again(
        store,
        root.place,
        root.activity_id,
        PAGE,
        key=f"page:{root.id}:{versions}",
        coalesce=f"page:{root.id}",
        version=versions,
        page=root.id,
    )


# -- the second way ---------------------------------------------------------------------------------------------------


def mail_is_on(store: Store) -> bool:
    """Whether a mail server is set up."""
    return store.key_value.get(EMAIL_SWITCH) == ON


def _plan_second_way(store: Store, page: Page, person: Person, asked: Asked) -> None:
    if not person.email or page.incident_id is None or not mail_is_on(store):
        return
    wait = min(SECOND_AFTER, asked.wait * SECOND_SHARE)
    store.work.add(
        NewWork(
            kind=SECOND,
            dedupe_key=f"second:{page.id}",
            due_at=page.due_at + wait,
            subject=subject_of(page.incident_id),
            payload={"page": page.id},
        )
    )


def by_email(store: Store, pages: Sequence[Page], due_at: datetime) -> Sequence[Page]:
    """Write to somebody by mail about pages to the same person that have not reached them; return the new rows."""
    missing = [page for page in pages if page.way is Way.TEAMS and not _has_mail(store, page)]
    person = person_of(store, missing[0].person_id) if missing else None
    if person is None or not person.email or not mail_is_on(store):
        return []
    mails: list[Page] = []
    for page in missing:
        mail = replace(
            row_of(page, Way.EMAIL), due_at=max(due_at, page.due_at), bundled_into=mails[0].id if mails else None
        )
        mails.append(store.pages.add(mail))
    store.outbox.enqueue(
        NewMessage(
            lane=f"email:{person.email.lower()}",
            tenant_id="",
            dedupe_key=page_key(mails[0].id),
            message_class=MessageClass.PAGE,
            payload={"do": EMAIL, "page": mails[0].id},
            incident_id=mails[0].incident_id,
        )
    )
    return mails


def row_of(page: Page, way: Way) -> Page:
    """Begin another row for what a page was for."""
    return Page(
        id=0,
        reason=page.reason,
        way=way,
        due_at=page.due_at,
        person_id=page.person_id,
        incident_id=page.incident_id,
        cycle=page.cycle,
        escalation_id=page.escalation_id,
        step=page.step,
        round=page.round,
        target=page.target,
    )


def _has_mail(store: Store, page: Page) -> bool:
    if page.incident_id is None:
        return True  # a drill measures the way it was asked for
    return any(
        other.way is Way.EMAIL and same_asking(other, page) and other.due_at >= page.due_at
        for other in store.pages.of_incident(page.incident_id)
    )


def same_asking(one: Page, other: Page) -> bool:
    """Whether two rows are for the same person, for the same step of the same round."""

    def about(page: Page) -> tuple[object, ...]:
        return (page.person_id, page.cycle, page.escalation_id, page.step, page.round, page.reason)

    return about(one) == about(other)
