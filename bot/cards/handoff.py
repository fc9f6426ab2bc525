"""The handoff card, for each of its two people, and what its buttons do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards import carried, kit
from bot.cards.handoff_coming import care_rows, change_rows, window_rows
from bot.turn import Answer, Card, OpenForm, Reply, Turn, Verb
from domain.errors import Refused
from domain.handoff import Handoff
from domain.handoff import HandoffState as State
from domain.incident import Incident, Status
from domain.people import Person
from usecases import handoffs
from usecases.handoffs import HandoffView
from usecases.handoffs.answers import Answered, found
from usecases.handoffs.views import OpenIncident
from usecases.wording import between, exact

WORDS_SHOWN = 120  # characters of what somebody wrote elsewhere; the timeline has them all
REASON_SHOWN = 300  # characters; the lead has read all of it
TITLE_SHOWN = 120

_SIGNS = {
    State.PREPARED: ("○ Prepared", "emphasis"),
    State.OFFERED: ("▲ Offered", "warning"),
    State.ACCEPTED: ("✔ Accepted", "good"),
    State.DECLINED: ("✖ Declined", "attention"),
    State.EXPIRED: ("■ Expired", "attention"),
}
_OFF = ("■ Off", "emphasis")
_NEXT_STEP = {
    Status.INVESTIGATING: "find the cause",
    Status.IDENTIFIED: "stop the impact",
    Status.MONITORING: "watch it, and resolve it when it stays stable",
    Status.RESOLVED: "nothing",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A handoff and who looks at it: `zone` is None where several people read the card."""

    view: HandoffView
    reader: Person | None
    zone: str | None

    @property
    def gives(self) -> bool:
        """Whether the reader's shift ends."""
        return self.reader is not None and self.reader.id == self.view.handoff.outgoing

    @property
    def takes(self) -> bool:
        """Whether the reader's shift begins."""
        return self.reader is not None and self.reader.id == self.view.handoff.incoming


def handoff_card(
    view: HandoffView,
    reader: Person | None,
    *,
    zone: str | None = None,
    said: str | None = None,
    others: Sequence[Handoff] = (),
) -> Card:
    """Draw a handoff for one of its people, or for anybody else. `others` are further ones of the reader."""
    shown = Shown(view, reader, zone)
    body = [
        *([kit.notice(said)] if said else []),
        _band(view),
        kit.facts(_facts(shown), spacing="Medium"),
        kit.block(kit.plain(_next(shown)), spacing="Medium"),
        *(part for section in SECTIONS for part in section(shown)),
        *_others(others, shown),
        kit.block(f"As of {kit.moment(view.now, zone, view.now)}", size="Small", isSubtle=True, spacing="Small"),
    ]
    return kit.card(body, speak=spoken(view, zone), actions=_buttons(shown), wide=True)


def spoken(view: HandoffView, zone: str | None = None) -> str:
    """Say a handoff in a sentence, for notifications and screen readers."""
    handoff = view.handoff
    state = _sign(handoff)[0].partition(" ")[2].lower()
    at = exact(handoff.boundary_at, zone)
    return f"Handoff of {handoff.schedule} from {view.outgoing.name} to {view.incoming.name} on {at}: {state}."


def reminder(view: HandoffView) -> str:
    """Remind the incoming person that it waits."""
    handoff, giver = view.handoff, view.outgoing.name
    begun = kit.span((view.now - handoff.boundary_at).total_seconds())
    since = "begins now" if view.now < handoff.boundary_at or begun.endswith(" s") else f"began {begun} ago"
    held = f" Until you do, {giver} is paged." if handoff.holds else ""
    return (
        f"Your shift on {handoff.schedule} {since}, and you have not accepted the handoff from {giver}.{held} "
        "Press Accept handoff on its card; write “handoff” to see the card here."
    )


def _sign(handoff: Handoff) -> tuple[str, str]:
    return _OFF if handoff.is_off else _SIGNS[handoff.state]


def _band(view: HandoffView) -> Card:
    sign, style = _sign(view.handoff)
    title = kit.block(
        kit.plain(f"{view.outgoing.name} → {view.incoming.name}"), size="Large", weight="Bolder", style="heading"
    )
    state = kit.block(f"Handoff  ·  {sign}", weight="Bolder", size="Small")
    where = kit.block(kit.plain(view.handoff.schedule), size="Small", horizontalAlignment="Right")
    side = {"type": "Column", "width": "auto", "items": [where]}
    return kit.container([kit.columns([state], side), title], style=style, bleed=True)


def _facts(shown: Shown) -> list[tuple[str, str]]:
    view, boundary = shown.view, shown.view.handoff.boundary_at
    pairs = [("Shift change", exact(boundary, shown.zone))]
    both = {person.time_zone: person for person in (view.incoming, view.outgoing)}
    pairs += [
        (f"For {kit.plain(person.name)}", exact(boundary, zone))
        for zone, person in both.items()
        if exact(boundary, zone) != pairs[0][1]
    ]
    if view.until is not None and not view.handoff.is_off:
        pairs.append(("Next shift until", exact(view.until, shown.zone)))
    if view.handoff.accepted_at is not None:
        pairs.append(("Accepted", exact(view.handoff.accepted_at, shown.zone)))
    return pairs


def _next(shown: Shown) -> str:
    """Say what the reader does now, and who is paged meanwhile."""
    handoff = shown.view.handoff
    if handoff.is_off:
        return f"{handoff.reason} Nobody needs to do anything."
    match handoff.state:
        case State.PREPARED:
            return "Both of you get this card 30 minutes before the shift change, to accept it then."
        case State.OFFERED:
            return f"{shown.view.over} Nobody needs to do anything." if shown.view.over else _ask(shown)
        case State.ACCEPTED:
            return _accepted(shown)
        case _:
            more = shown.view.over or ("You can still accept it." if shown.takes else "")
            return f"{_unanswered(shown)} {more}".strip()


def _accepted(shown: Shown) -> str:
    giver, taker = shown.view.outgoing.name, shown.view.incoming.name
    if shown.view.now < shown.view.handoff.boundary_at:
        return f"{taker} takes over at the shift change; {giver} is on call until then."
    return f"{taker} has taken over."


def _unanswered(shown: Shown) -> str:
    handoff = shown.view.handoff
    if handoff.state is State.EXPIRED:
        return "Nobody accepted it in time, and the schedule decides who is paged."
    reason = kit.shortened(handoff.reason, REASON_SHOWN)
    return f"{shown.view.incoming.name} declined: “{reason}”. The lead knows. {_paged(shown)}".strip()


def _ask(shown: Shown) -> str:
    giver, taker = shown.view.outgoing.name, shown.view.incoming.name
    if shown.takes:
        return f"Press Accept handoff to take over. {_paged(shown)}".strip()
    if shown.gives:
        return f"Press Add note to tell {taker} what matters. {_paged(shown)}".strip()
    return f"{taker} has not accepted it yet from {giver}. {_paged(shown)}".strip()


def _paged(shown: Shown) -> str:
    """Say who is paged while nobody has accepted."""
    view, handoff = shown.view, shown.view.handoff
    if not handoff.holds or view.over or view.now >= handoff.expires_at:
        return ""
    until = exact(handoff.expires_at, shown.zone)
    paged = "You are" if shown.gives else f"{view.outgoing.name} is"
    return f"{paged} paged until somebody takes over, at the longest until {until}."


# -- sections: empty ones are left out -----------------------------------------------------------------------------------


def _headed(title: str, rows: Sequence[Card]) -> list[Card]:
    if not rows:
        return []
    return [kit.container([kit.block(title, weight="Bolder"), *rows], separator=True, spacing="Medium")]


def _incidents(shown: Shown) -> list[Card]:
    rows = [kit.container(_incident(row), spacing="Small") for row in shown.view.incidents]
    if shown.view.more_incidents:
        rows.append(kit.block(f"And {shown.view.more_incidents} more: write “list”.", isSubtle=True))
    return _headed("Open incidents", rows)


def _incident(row: OpenIncident) -> list[Card]:
    incident = row.incident
    sign, title = kit.SEVERITY_SIGN[incident.severity], kit.shortened(incident.title, TITLE_SHOWN)
    leads = f"{row.commander} has command" if row.commander else "nobody has command"
    latest = f"Latest: {kit.plain(kit.shortened(row.latest, WORDS_SHOWN))}"
    return [
        kit.block(f"{sign} {incident.ref} SEV{incident.severity} {kit.plain(row.severity_name)}: {kit.plain(title)}"),
        kit.block(
            f"{incident.status.capitalize()}, {kit.plain(leads)}. **Next:** {_step(incident)}.",
            spacing="None",
            size="Small",
        ),
        *([kit.block(latest, spacing="None", size="Small", isSubtle=True)] if row.latest else []),
    ]


def _step(incident: Incident) -> str:
    if incident.acknowledged_at is None:
        return f"acknowledge it, then {_NEXT_STEP[incident.status]}"
    return _NEXT_STEP[incident.status]


def _pages(shown: Shown) -> list[Card]:
    pages = shown.view.pages
    if pages is None:
        return []
    count = "1 page" if pages.count == 1 else f"{pages.count} pages"
    night = f", {pages.at_night} at night (22:00 to 06:00)" if pages.at_night else ", none at night"
    noise = f" Most of them about {kit.plain(pages.noisiest)} ({pages.noisiest_count})." if pages.noisiest else ""
    whom = kit.plain(shown.view.outgoing.name)
    return _headed("Pages of the shift", [kit.block(f"{count} to {whom}{night}.{noise}", spacing="Small")])


def _notes(shown: Shown) -> list[Card]:
    notes = shown.view.handoff.notes
    return _headed(
        f"Notes of {kit.plain(shown.view.outgoing.name)}",
        [kit.block(kit.plain(notes), spacing="Small")] if notes else [],
    )


def _fixes(shown: Shown) -> list[Card]:
    rows = [
        kit.block(f"{fix.ref}, {kit.plain(fix.by)}: {kit.plain(kit.shortened(fix.text, WORDS_SHOWN))}", spacing="Small")
        for fix in shown.view.fixes
    ]
    return _headed("Temporary fixes to look after", rows)


def _windows(shown: Shown) -> list[Card]:
    return _headed("Maintenance in the next shift", window_rows(shown.view.windows, shown.zone))


def _changes(shown: Shown) -> list[Card]:
    return _headed("Risky changes of the last 24 h", change_rows(shown.view.changes, shown.zone))


def _care(shown: Shown) -> list[Card]:
    return _headed("Planned care that is due", care_rows(shown.view.care, shown.zone))


def _covers(shown: Shown) -> list[Card]:
    rows = [
        kit.block(f"{kit.plain(c.person)}: {between(c.starts_at, c.ends_at, shown.zone)}", spacing="Small")
        for c in shown.view.covers
    ]
    return _headed("Overrides in the next shift", rows)


Section = Callable[[Shown], list[Card]]
SECTIONS: tuple[Section, ...] = (_incidents, _pages, _windows, _changes, _notes, _fixes, _care, _covers)
"""In the order of the card; each gives nothing where it has nothing to say."""


def _others(others: Sequence[Handoff], shown: Shown) -> list[Card]:
    rows = [
        kit.block(
            f"{kit.plain(other.schedule)}, {exact(other.boundary_at, shown.zone)}: {_sign(other)[0]}", spacing="Small"
        )
        for other in others
    ]
    return _headed("Your other handoffs: write “handoff” and the schedule", rows)


# -- the buttons ---------------------------------------------------------------------------------------------------------


def _buttons(shown: Shown) -> list[Card]:
    handoff = shown.view.handoff
    drawn = {"handoff": handoff.id, "version": handoff.version}
    buttons: list[Card] = []
    if shown.view.over:
        return buttons
    if shown.takes and handoff.can_be_accepted:
        buttons.append(kit.execute("Accept handoff", "handoff.accept", drawn, style="positive"))
    if shown.takes and handoff.state is State.OFFERED:
        buttons.append(kit.execute("Decline", "handoff.decline", drawn))
    if shown.gives and not handoff.is_off:
        buttons.append(kit.execute("Add note", "handoff.note", drawn))
    return buttons


def handoff_of(data: Mapping[str, Any]) -> int:
    """Read which handoff a button belongs to. Raise Refused for a card that is not ours."""
    number = carried.number(data, "handoff", chosen=True)
    if number is None:
        raise Refused("This card does not say which handoff it belongs to. Write `handoff` to see yours.")
    return number


def answered(turn: Turn, result: Answered) -> Reply:
    """Answer a press with the card as it is now."""
    card = handoff_card(result.view, turn.actor, zone=turn.zone, said=result.notice)
    return Reply(text=spoken(result.view, turn.zone), card=card)


def _view(turn: Turn, data: Mapping[str, Any]) -> Answer:
    handoff = found(turn.store, handoff_of(data))
    return answered(turn, Answered(handoffs.handoff_view(turn.store, handoff, turn.now)))


def _accept(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return answered(turn, handoffs.accept(turn.store, turn.actor, handoff_of(data), turn.now, turn.source))


def _open_note(turn: Turn, data: Mapping[str, Any]) -> Answer:
    handoff = found(turn.store, handoff_of(data))
    return OpenForm(name="handoff-note", values={"handoff": handoff.id, "embedded": True})


def _open_decline(turn: Turn, data: Mapping[str, Any]) -> Answer:
    handoff = handoffs.to_decline(turn.store, turn.actor, handoff_of(data))
    if handoff.state is State.DECLINED:
        view = handoffs.handoff_view(turn.store, handoff, turn.now)
        return answered(turn, Answered(view, "You have declined this handoff already; the lead knows."))
    return OpenForm(name="handoff-decline", values={"handoff": handoff.id, "embedded": True})


AGAIN = "handoff.view"
VERBS = (
    Verb(name="handoff.view", run=_view, kind="view", again=AGAIN),
    Verb(name="handoff.accept", run=_accept, again=AGAIN),
    Verb(name="handoff.note", run=_open_note, kind="view", again=AGAIN),
    Verb(name="handoff.decline", run=_open_decline, kind="view", again=AGAIN),
)
