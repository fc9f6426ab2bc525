"""Every card the product can send, worst cases included: a name, and how to make the activity."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.cards import kit
from bot.cards.help import help_card, suggestion_card, welcome_card
from bot.cards.incident import moved_card, spoken, status_card
from bot.cards.incidents import list_card
from bot.cards.timeline import timeline_card
from bot.registry import COMMANDS
from bot.turn import Card
from dialogs.registry import FORMS
from domain.incident import TEXT_LIMIT, TITLE_LIMIT, Incident, Role, Status
from domain.people import Person
from domain.timeline import EntryKind, Revision
from tests.golden import (
    action_cards,
    approval_cards,
    care_cards,
    change_cards,
    digest_cards,
    handoff_cards,
    maintenance_cards,
    metrics_cards,
    oncall_cards,
    paging_cards,
    problem_cards,
    review_cards,
    update_cards,
)
from tests.support.samples import (
    ADA,
    GRACE,
    LIN,
    NOW,
    acknowledged,
    ago,
    entry,
    failure,
    incident,
    listing,
    person,
    resolved,
    service,
    timeline,
    view,
)
from tests.support.shelf import Shelf, turn
from usecases.ports import IncidentFilter
from usecases.views import IncidentView, ServiceName

# Every kind of trouble in one title, padded to the limit with the dearest character JSON and markdown know.
NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '
WORST_TITLE = (NASTY + "\\" * TITLE_LIMIT)[:TITLE_LIMIT]
RTL_TITLE = "הקופה באתר נפלה ולקוחות מקבלים 502"
EMOJI_TITLE = "🔥🔥 Checkout 👩‍🚒 is 💥 down 🏴󠁧󠁢󠁥󠁮󠁧󠁿"
LONG_NOTE = ("Connection pool exhausted after 4.12; rolling back. 🔥 " * 200)[:TEXT_LIMIT]
WORST_NOTE = "<" * TEXT_LIMIT
LONG_NAME = "Maria-Magdalena von Hohenfels-Großschönau <at>all</at> *x* 🔥 " * 2
CROWD = {n: person(n, LONG_NAME if n == 7 else f"Person Number {n}") for n in range(1, 501)}
ALL_ROLES = {Role.COMMANDER: 1, Role.COMMUNICATIONS: 2, Role.SCRIBE: 3, Role.OPERATIONS: 1}
RUNNING = replace(acknowledged(incident(version=6, entry_seq=6)), status=Status.IDENTIFIED, roles={Role.COMMANDER: 2})
DONE = resolved(replace(RUNNING, version=9, entry_seq=9), "Rolled back to 4.11.")
WATCHERS = [f"29:1A{'x' * 60}{n:04d}" for n in range(80)]
SAID_LATE = "Grace Hopper acknowledged INC-12 at 13:43 UTC."


def with_severity(number: int) -> Incident:
    """Make the plain case of one severity."""
    return incident(severity=number)


def worst_view() -> IncidentView:
    """Everything that can stand on a status card at once, as long as it may be."""
    case = replace(
        acknowledged(incident(title=WORST_TITLE, severity=2, version=4_711, entry_seq=4_711, cycle=7)),
        status=Status.MONITORING,
        declared_by=7,
        acknowledged_by=7,
        declared_at=ago(days=400),
        acknowledged_at=ago(days=399),
        mitigated_at=ago(minutes=4),
        roles=dict.fromkeys(Role, 7),
    )
    return view(
        case,
        services=[(f"service-{n}", f"{NASTY[:60]} {n}") for n in range(20)],
        people=CROWD,
        latest=entry(4_700, text=WORST_NOTE, actor=7),
        failures=[failure(n, f"<at>x</at> reason *{n}* " + "🔥" * 60) for n in range(20)],
        severity_name="Sehr *kritisch* für <alle>",
    )


def status(shown: IncidentView, **more: Any) -> dict[str, Any]:
    """Send a status card."""
    return kit.message(spoken(shown), status_card(shown, **more))


def every_kind() -> list[Any]:
    """Tell one of each kind of entry."""
    told = [
        (EntryKind.DECLARED, "Checkout is down", {"severity": 1}, ADA),
        (EntryKind.ACKNOWLEDGED, "", {}, GRACE),
        (EntryKind.ROLE_ASSIGNED, "", {"role": "commander", "person": GRACE.id, "before": None}, GRACE),
        (EntryKind.ROLE_ASSIGNED, "", {"role": "commander", "person": LIN.id, "before": GRACE.id}, ADA),
        (EntryKind.NOTE, "Pool exhausted.\n- restarting pods\n1. then rolling back", {}, ADA),
        (EntryKind.STATUS_CHANGED, "", {"from": "investigating", "to": "identified"}, GRACE),
        (EntryKind.SEVERITY_CHANGED, "", {"from": 1, "to": 2}, GRACE),
        (EntryKind.NOTE, "", {}, LIN),
        (EntryKind.NOTE, "Half of the pods are done <at>all</at>", {}, LIN),
        (EntryKind.RESOLVED, "Rolled back to 4.11.", {"from": "monitoring"}, GRACE),
        (EntryKind.REOPENED, "Errors are back", {}, ADA),
        (EntryKind.RESOLVED, "", {"from": "investigating"}, ADA),
    ]
    rows = [entry(n, kind, text, data=data, actor=who.id) for n, (kind, text, data, who) in enumerate(told, 1)]
    rows[7] = replace(rows[7], deleted_at=NOW)
    rows[8] = replace(rows[8], revisions=(Revision("Half of teh pods", ago(minutes=3)),))
    return rows


def pages(text: str, reader: Person | None = None, *, newest_first: bool = True, rows: int = 25) -> dict[str, Any]:
    """Send the middle page of a long story of equal notes."""
    story = [entry(n, text=text) for n in range(101, 101 + rows)]
    case = incident(entry_seq=5_000, title=WORST_TITLE if len(text) > 1_000 else "Checkout is down")
    shown = timeline(story, case, older=True, newer=True)
    return kit.message(
        "Timeline of INC-12", timeline_card(shown, reader.time_zone if reader else None, NOW, newest_first=newest_first)
    )


def cases(count: int, title: str = "Checkout is down") -> list[Incident]:
    """Make incidents of all severities and states."""
    made: list[Incident] = []
    for n in range(count, 0, -1):
        case = incident(n, title=title, severity=n % 4 + 1, declared_at=ago(hours=n * 7), services=("checkout",))
        case = replace(case, status=(Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING)[n % 3])
        made.append(replace(case, roles={Role.COMMANDER: n % 3 + 1}) if n % 2 else case)
    return made


def asked(
    name: str, shelf: Shelf | None = None, *, problem: str | None = None, asker: Person = ADA, **values: Any
) -> dict[str, Any]:
    """Send a form."""
    form = next(f for f in FORMS if f.name == name)
    shelf = shelf or Shelf(cases={12: DONE if name == "reopen" else RUNNING})
    drawn: Card = form.draw(turn(shelf, actor=asker), {"incident": 12, **values}, problem)
    return kit.message(problem or form.title, drawn)


def crowded(count: int, **more: Any) -> Shelf:
    """Fill the organisation."""
    listed = [service(f"service-{n}", f"Service {n} {NASTY[:40]}") for n in range(count)]
    known = {n: p for n, p in CROWD.items() if n <= count}
    return Shelf(known={**known, 1: ADA}, cases={12: RUNNING}, listed=listed, **more)


TOO_LONG = "That title has 250 characters; 200 is the most. I cut it and kept everything you wrote as details."
NOBODY_THERE = "I know nobody called “<at>x</at>”. Mention them with @, or use their handle or full name."
QUOTES = '"\\' * (TEXT_LIMIT // 2)

GALLERY: Mapping[str, Callable[[], dict[str, Any]]] = {
    # the status card
    **{f"status-sev{n}-new": lambda n=n: status(view(with_severity(n))) for n in (1, 2, 3, 4)},
    "status-pages-nobody": lambda: status(
        replace(view(incident()), services=(ServiceName("invoicing", "Invoicing *Ltd*"),))
    ),
    "status-acknowledged": lambda: status(view(acknowledged(incident()))),
    "status-identified": lambda: status(view(RUNNING, latest=entry(5, text="Pool exhausted. Rolling back."))),
    "status-monitoring": lambda: status(
        view(replace(RUNNING, status=Status.MONITORING, mitigated_at=ago(minutes=6), severity=2), services=())
    ),
    "status-commanded-by-nobody-acknowledging": lambda: status(view(incident(roles={Role.COMMANDER: 2}))),
    "status-four-roles": lambda: status(view(replace(RUNNING, roles=ALL_ROLES))),
    "status-resolved": lambda: status(view(DONE, latest=entry(9, EntryKind.RESOLVED, "Rolled back to 4.11."))),
    "status-resolved-unacknowledged": lambda: status(view(resolved(incident(severity=4)), services=())),
    "status-reopened": lambda: status(
        view(
            incident(cycle=1, declared_at=ago(days=2, hours=4), version=9, entry_seq=9, roles={Role.COMMANDER: 2}),
            latest=entry(9, EntryKind.REOPENED, "Errors are back", actor=GRACE.id),
        )
    ),
    "status-personal": lambda: status(view(RUNNING, latest=entry(5, text="Rolling back.")), reader=GRACE),
    "status-personal-notice": lambda: status(view(RUNNING), reader=GRACE, said=SAID_LATE),
    "status-personal-other-day": lambda: status(
        view(replace(RUNNING, declared_at=ago(hours=11), acknowledged_at=ago(hours=10))), reader=LIN
    ),
    "status-refreshing": lambda: status(view(RUNNING), refresh_for=WATCHERS, card_id=3),
    "status-undelivered-one": lambda: status(view(RUNNING, failures=[failure()])),
    "status-undelivered-many": lambda: status(view(RUNNING, failures=[failure(n, f"reason {n}") for n in range(9)])),
    "status-title-right-to-left": lambda: status(view(incident(title=RTL_TITLE))),
    "status-title-emoji": lambda: status(view(incident(title=EMOJI_TITLE))),
    "status-title-markup": lambda: status(view(incident(title=NASTY))),
    "status-twenty-services": lambda: status(view(services=[(f"s{n}", f"Service number {n}") for n in range(20)])),
    "status-worst": lambda: status(worst_view(), reader=LIN, said=NASTY, refresh_for=WATCHERS, card_id=2**31 - 1),
    "status-moved": lambda: kit.message("INC-12", moved_card("INC-12")),
    # lists
    "list-empty": lambda: kit.message("0 incidents", list_card(listing([]), "open", None)),
    "list-mine-empty": lambda: kit.message("0 incidents", list_card(listing([]), "mine", ADA.time_zone)),
    "list-open": lambda: kit.message("6 incidents", list_card(listing(cases(6)), "open", None)),
    "list-all-with-older": lambda: kit.message(
        "10 incidents",
        list_card(
            listing([DONE, *cases(9)], wanted=IncidentFilter(service="checkout"), next_before=1), "all", GRACE.time_zone
        ),
    ),
    "list-worst": lambda: kit.message(
        "10 incidents",
        list_card(
            listing(
                [replace(c, services=tuple(f"s{n}" for n in range(20))) for c in cases(10, WORST_TITLE)],
                services={f"s{n}": f"Service {n} {NASTY[:40]}" for n in range(20)},
                people={**CROWD, 1: replace(ADA, name=LONG_NAME)},
                next_before=1,
            ),
            "open",
            LIN.time_zone,
        ),
    ),
    # timelines
    "timeline-every-kind": lambda: kit.message(
        "Timeline of INC-12", timeline_card(timeline(every_kind()), GRACE.time_zone, NOW)
    ),
    "timeline-first-entry": lambda: kit.message(
        "Timeline of INC-12",
        timeline_card(timeline([entry(1, EntryKind.DECLARED, "Checkout", data={"severity": 1})]), None, NOW),
    ),
    "timeline-middle-page": lambda: pages("Half of the pods are done."),
    "timeline-long-notes": lambda: pages(LONG_NOTE),
    "timeline-long-notes-newer": lambda: pages(LONG_NOTE, newest_first=False),
    "timeline-worst-note": lambda: pages(WORST_NOTE, LIN),
    "timeline-worst-emoji": lambda: pages("🔥" * TEXT_LIMIT, LIN),
    "timeline-worst-control-characters": lambda: pages("\x01" * TEXT_LIMIT, LIN),
    # help
    "help": lambda: kit.message("What I can do", help_card(COMMANDS)),
    "help-suggestion": lambda: kit.message(
        "Did you mean?", suggestion_card("I do not know “<at>x</at>”. Did you mean “declare” or “list”?", COMMANDS[1:3])
    ),
    "help-welcome": lambda: kit.message(
        "Hello",
        welcome_card("Ada *Lovelace* <at>added</at> me here.", "@Incident declare Checkout is down sev1", COMMANDS),
    ),
    # sentences
    "sentence": lambda: kit.message("x", kit.sentence_card(NASTY)),
    "sentence-cancelled": lambda: kit.message("Cancelled.", kit.sentence_card("Cancelled.")),
    # forms
    "form-declare": lambda: asked("declare"),
    "form-declare-embedded": lambda: asked("declare", embedded=True),
    "form-declare-problem": lambda: asked(
        "declare",
        crowded(50),
        problem=TOO_LONG,
        title=WORST_TITLE,
        severity=2,
        services=("service-1", "SERVICE-2", "gone"),
        details="More words",
    ),
    "form-declare-worst": lambda: asked(
        "declare",
        crowded(500),
        problem=TOO_LONG,
        title='"' * TITLE_LIMIT,
        severity="9",
        services=",".join(f"service-{n}" for n in range(60)),
        details=QUOTES,
        nonce="n" * 500,
    ),
    "form-note": lambda: asked("note", embedded=True),
    "form-note-problem": lambda: asked("note", problem="The note is empty.", text=QUOTES),
    "form-status": lambda: asked("status", embedded=True),
    "form-status-problem": lambda: asked("status", problem="“bust” is no status: choose one.", severity="2"),
    "form-assign": lambda: asked("assign", embedded=True),
    "form-assign-problem": lambda: asked("assign", problem=NOBODY_THERE, role="scribe", person="grace"),
    "form-assign-50": lambda: asked("assign", crowded(50), role="operations"),
    "form-assign-500": lambda: asked("assign", crowded(500), person="person-7"),
    "form-assign-stranger": lambda: asked(
        "assign", asker=person(0, "New Colleague", handle="", listed=False), embedded=True
    ),
    "form-resolve": lambda: asked("resolve", embedded=True),
    "form-resolve-problem": lambda: asked("resolve", problem="That summary has 8001 characters.", summary=QUOTES),
    "form-reopen": lambda: asked("reopen", embedded=True),
    "form-reopen-problem": lambda: asked("reopen", problem="The reason is empty.", reason=""),
    "form-pick": lambda: asked("pick", Shelf(cases={c.id: c for c in cases(5)}), command="ack", incident=None),
    "form-pick-worst": lambda: asked(
        "pick",
        Shelf(cases={c.id: c for c in cases(40, WORST_TITLE)}),
        command="note",
        rest=QUOTES,
        problem="Choose an incident.",
    ),
    "form-pick-none": lambda: asked("pick", Shelf(), command="ack", rest=""),
    # pages, drills, and paging on the status card
    **paging_cards.CARDS,
    # handoffs
    **handoff_cards.CARDS,
    # approvals
    **approval_cards.CARDS,
    # planned care
    **care_cards.CARDS,
    # action items
    **action_cards.CARDS,
    # problems
    **problem_cards.CARDS,
    # reviews
    **review_cards.CARDS,
    **metrics_cards.CARDS,
    **digest_cards.CARDS,
    # stakeholder updates
    **update_cards.CARDS,
    **maintenance_cards.CARDS,
    # on call, overrides, swaps
    **oncall_cards.CARDS,
    # changes
    **change_cards.CARDS,
}
