"""The card of a page: what is broken, why you, what follows without an answer, and what helps. And its buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.cards import carried, kit
from bot.cards.drill import drill_card, drill_summary
from bot.cards.incident import bring_in, drawn_at, latest_words, press_result, side_of, spoken
from bot.turn import Answer, Card, Reply, Turn, Verb
from domain.errors import Refused, Unknown
from domain.paging import Page, PageReason, Way
from domain.people import Person
from usecases import escalations, paging
from usecases.access import incident_to_change
from usecases.incidents import Result, Trail
from usecases.page_view import DrillView, PagedIncident, PageView, page_view, paged_since
from usecases.wording import few_have, length, listed

INCIDENTS_SHOWN = 10  # of a burst; ours: the rest is said in one line, `list` has them all
RUNBOOKS_SHOWN = 3  # links; ours: more is a search, not a help


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence, and the moment at its end that stands out."""

    text: str
    moment: str = ""

    @property
    def spoken(self) -> str:
        return f"{self.text} {self.moment}".strip() + "."

    @property
    def marked(self) -> str:
        return f"{kit.plain(self.text)} **{self.moment}**." if self.moment else f"{kit.plain(self.text)}."


def page_activity(view: PageView | DrillView) -> dict[str, Any]:
    """Make the message: drawn for the one who is paged; a post in a channel for everybody there."""
    if isinstance(view, DrillView):
        return kit.message(drill_summary(view), drill_card(view, view.reader))
    reader = None if view.page.way is Way.CHANNEL else view.reader
    return kit.message(summary(view), page_card(view, reader))


def page_card(view: PageView | DrillView, reader: Person | None, *, said: str | None = None) -> Card:
    """Draw a page in the time zone of one reader, None for everybody. `said` is a sentence on top."""
    if isinstance(view, DrillView):
        return drill_card(view, reader, said=said)
    first, zone = _first(view), reader.time_zone if reader else None
    mentioned = [view.reader] if view.reader and view.page.way is Way.CHANNEL and view.wanted else []
    body = [
        *([kit.notice(said)] if said else []),
        _band(view, first),
        *_told(view, first, zone),
        *latest_words(first.view, zone),
        *_others(view, first),
        *_runbooks(first),
        kit.label(_small(view, zone)),
    ]
    return kit.card(
        body, speak=_speech(view, first, zone), actions=_buttons(view, first), wide=True, mentions=mentioned
    )


def summary(view: PageView) -> str:
    """Say it as a notification shows it."""
    first = _first(view)
    incident, more = first.view.incident, len(view.incidents) - 1
    name = f"{incident.ref} SEV{incident.severity} {first.view.severity_name}: {incident.title}"
    also = f" (and {more} more)" if more else ""
    return f"PAGE {name}{also}" if view.wanted else f"{name}{also}. {_outcome(view, first, None).spoken}"


def _first(view: PageView) -> PagedIncident:
    """Choose what the card is about: of a burst the first that still wants somebody."""
    return next((i for i in view.incidents if i.wanted), view.incidents[0])


# -- what it says -------------------------------------------------------------------------------------------------


def _band(view: PageView, first: PagedIncident) -> Card:
    incident = first.view.incident
    if first.wanted:
        state = f"{view.team} is paged" if view.page.way is Way.CHANNEL else "you are paged"
    else:
        state = "resolved" if not incident.is_open else "acknowledged" if _acknowledged(view, first) else "over"
    sign = kit.SEVERITY_SIGN[incident.severity]
    words = f"{sign} SEV{incident.severity} {kit.plain(first.view.severity_name)}  ·  {kit.plain(state)}"
    side = {
        "type": "Column",
        "width": "auto",
        "items": [kit.block(incident.ref, size="Small", horizontalAlignment="Right")],
    }
    title = kit.block(kit.plain(incident.title), size="Large", weight="Bolder", style="heading", spacing="Small")
    style = kit.SEVERITY_STYLE[incident.severity] if first.wanted else "good"
    return kit.container(
        [kit.columns([kit.block(words, weight="Bolder", size="Small")], side), title], style=style, bleed=True
    )


def _told(view: PageView, first: PagedIncident, zone: str | None) -> list[Card]:
    shown, incident = first.view, first.view.incident
    names = kit.plain(listed([s.name for s in shown.services], most=5))
    at = kit.moment(incident.declared_at, zone, view.now)
    declared = f"declared {at} by {kit.plain(shown.name_of(incident.declared_by))}."
    blocks = [kit.block(f"**{names}**, {declared}" if names else declared[0].upper() + declared[1:], spacing="Medium")]
    if not first.wanted:
        return [*blocks, kit.block(f"**{kit.plain(_outcome(view, first, zone).spoken)}**")]
    whom = f"{kit.mention(view.reader)}: " if view.reader and view.page.way is Way.CHANNEL else ""
    blocks.append(kit.block(whom + " ".join(map(kit.plain, _why(view, first)))))
    return [*blocks, *(kit.block(said.marked) for said in _without(view, first, zone))]


def _why(view: PageView, first: PagedIncident) -> list[str]:
    """Say why this person, in whole sentences."""
    page = first.page
    so_few = few_have(first.view.paging.answers if first.view.paging else None)
    if page.way is Way.CHANNEL:
        if page.reason is PageReason.LAST_RESORT:
            return [f"{so_few} answered so far, and this team is the last resort. Who takes it?"]
        return ["This team is paged. Who takes it?"]
    match page.reason:
        case PageReason.LAST_RESORT:
            return [f"{so_few} answered so far: you are the last resort."]
        case PageReason.QUIET:
            return ["It was acknowledged, and then nothing was written for a while.", *_because(page)]
        case PageReason.ESCALATED:
            return [f"{view.asked_by or 'Somebody'} escalated to you.", *_because(page)]
        case _:
            wanted = f"It takes {view.acknowledgements} people." if view.acknowledgements > 1 else ""
            return [*(_because(page) or ["The escalation policy names you."]), *filter(None, [wanted])]


def _because(page: Page) -> list[str]:
    kind, _, name = page.target.partition(":")
    match kind:
        case "schedule":
            return [f"You are on call for {name}."]
        case "team":
            return [f"You lead the team {name}."]
        case "sides":
            side = "both sides" if name == "both" else f"the {name} side"
            return [f"You are on call for {side} of its services."]
        case _:
            return []


def _without(view: PageView, first: PagedIncident, zone: str | None) -> list[_Said]:
    """Say what happens without an answer; nothing where nothing more does."""
    paging_now = first.view.paging
    if paging_now is not None and paging_now.next_at is not None:
        names = listed(paging_now.next_names, most=kit.NAMES) or "the next step"
        verb = "are" if len(paging_now.next_names) > 1 else "is"
        at = kit.moment(paging_now.next_at, zone, view.now, named=False)
        return [_Said(f"Without an answer {names} {verb} paged at", at)]
    if first.page.reason is PageReason.ESCALATED and first.page.escalation_id is None:
        return [_Said(f"Without an answer in {length(escalations.PATIENCE)} everybody working on it is told")]
    return []


def _outcome(view: PageView, first: PagedIncident, zone: str | None) -> _Said:
    """Say why no answer is wanted any more."""
    incident, page = first.view.incident, first.page
    if page.cycle != incident.cycle:
        return _Said(f"{incident.ref} was reopened after this page; a newer page counts")
    found = _acknowledged(view, first)
    if found is not None:
        who, at = found
        return _Said(f"{who} acknowledged at {kit.moment(at, zone, view.now, named=False)}")
    if incident.resolved_at is not None:
        return _Said(f"Resolved at {kit.moment(incident.resolved_at, zone, view.now, named=False)}")
    return _Said("No answer is needed any more")


def _acknowledged(view: PageView, first: PagedIncident) -> tuple[str, datetime] | None:
    incident, page = first.view.incident, first.page
    if page.acknowledged_at is not None:
        return view.answered_by or first.view.name_of(incident.acknowledged_by), page.acknowledged_at
    if incident.acknowledged_at is not None and page.cycle == incident.cycle:
        return first.view.name_of(incident.acknowledged_by), incident.acknowledged_at
    return None


def _others(view: PageView, first: PagedIncident) -> list[Card]:
    others = [i for i in view.incidents if i is not first]
    if not others:
        return []
    rows = [row for other in others[:INCIDENTS_SHOWN] for row in _row(other)]
    more = len(others) - INCIDENTS_SHOWN
    rest = [kit.label(f"And {more} more: write “list”.")] if more > 0 else []
    return [kit.container([kit.label("On this page too"), *rows, *rest], style="emphasis", spacing="Medium")]


def _row(other: PagedIncident) -> list[Card]:
    incident = other.view.incident
    sign = kit.SEVERITY_SIGN[incident.severity]
    words = [f"{sign} SEV{incident.severity} {kit.plain(other.view.severity_name)}", incident.ref]
    words += [kit.plain(listed([s.name for s in other.view.services], most=kit.NAMES))] if other.view.services else []
    words += [] if other.wanted else ["resolved" if not incident.is_open else "acknowledged"]
    return [
        kit.block("  ·  ".join(words), size="Small", spacing="Small"),
        kit.block(kit.plain(incident.title), weight="Bolder", spacing="None"),
    ]


def _runbooks(first: PagedIncident) -> list[Card]:
    addresses = [safe for address in first.runbooks if (safe := kit.web_address(address))][:RUNBOOKS_SHOWN]
    if not addresses or not first.view.incident.is_open:
        return []
    names = ["Runbook"] if len(addresses) == 1 else [f"Runbook {n}" for n in range(1, len(addresses) + 1)]
    return [kit.block("  ·  ".join(map(kit.link, names, addresses)))]


def _small(view: PageView, zone: str | None) -> str:
    page, moment = view.page, kit.moment(view.now, zone, view.now, named=False)
    if page.step is None or not view.steps:
        return f"As of {moment}"
    return f"Step {page.step} of {view.steps}, round {page.round} of {view.rounds}  ·  as of {moment}"


def _speech(view: PageView, first: PagedIncident, zone: str | None) -> str:
    if not first.wanted:
        return f"{spoken(first.view)} {_outcome(view, first, zone).spoken}"
    told = [*_why(view, first), *(said.spoken for said in _without(view, first, zone))]
    more = [f"{len(view.incidents) - 1} more on this page."] if len(view.incidents) > 1 else []
    who = f"{view.team} is paged." if view.page.way is Way.CHANNEL else "You are paged."
    return " ".join([who, spoken(first.view), *told, *more])


# -- what it offers -----------------------------------------------------------------------------------------------


def _buttons(view: PageView, first: PagedIncident) -> list[Card]:
    incident = first.view.incident
    drawn = {
        "page": view.page.id,
        "incident": incident.id,
        "cycle": first.page.cycle,
        "drawn_at": view.now.isoformat(),
    }
    buttons = [kit.execute("Acknowledge", "page.ack", drawn, style="positive")] if view.wanted else []
    if incident.is_open and first.page.cycle == incident.cycle:
        buttons.append(kit.execute("Escalate", "page.escalate", drawn))
        side = first.view.paging.other_side if first.view.paging else None
        if side is not None:
            buttons.append(kit.execute(bring_in(side), "page.bring_in", {**drawn, "side": str(side)}))
    return [*buttons, kit.execute("Show incident", "page.show", drawn)]


# -- the buttons --------------------------------------------------------------------------------------------------


def _page(turn: Turn, data: Mapping[str, Any]) -> Page:
    """Load the page a button belongs to. Raise Refused for a card that is not ours."""
    number = carried.number(data, "page")
    page = turn.store.pages.get(number) if number is not None else None
    if page is None:
        raise Unknown("This card does not say which page it belongs to. Write `list` and open the incident from there.")
    return page


def _view(turn: Turn, page_id: int) -> PageView | DrillView:
    page = turn.store.pages.get(page_id)
    view = page_view(turn.store, page, turn.now) if page else None
    if view is None:
        raise Unknown("What this page is about is not known any more. Write `list` to see the incidents there are.")
    return view


def _drawn(turn: Turn, page: Page, said: str | None = None) -> Reply:
    """Answer a press with the page's card as it is now."""
    return _shown(turn, _view(turn, page.id), said)


def _shown(turn: Turn, view: PageView | DrillView, said: str | None) -> Reply:
    text = drill_summary(view) if isinstance(view, DrillView) else summary(view)
    return Reply(text=text, card=page_card(view, turn.actor, said=said))


def _about(turn: Turn, data: Mapping[str, Any]) -> tuple[Page, PagedIncident]:
    """Tell which incident of a page a button is about. Raise Refused where the page is not about it."""
    page = _page(turn, data)
    view = _view(turn, page.id)
    shown = () if isinstance(view, DrillView) else view.incidents
    found = next((i for i in shown if i.view.incident.id == data.get("incident")), None)
    if found is None:
        raise Refused("This button does not fit its page, so nothing was changed. Write `list` to go on.")
    return page, found


def _again(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return _drawn(turn, _page(turn, data))


def _acknowledge(turn: Turn, data: Mapping[str, Any]) -> Answer:
    page = _page(turn, data)
    was_wanted = _view(turn, page.id).wanted
    said = paging.acknowledge(turn.store, turn.actor, page.id, turn.trail, turn.now)
    view = _view(turn, page.id)
    settled = was_wanted and not view.wanted  # then the card itself says who has it
    return _shown(turn, view, None if settled else said)


def _escalate(turn: Turn, data: Mapping[str, Any]) -> Answer:
    page, found = _about(turn, data)
    view = _view(turn, page.id)
    wanted = [] if isinstance(view, DrillView) else [i for i in view.incidents if i.wanted]
    # In one order, so that two presses cannot wait for each other.
    incidents = sorted({i.view.incident.id for i in wanted or [found]})
    said = [_go_on(turn, data, found, number, first=number == incidents[0]) for number in incidents]
    return _drawn(turn, page, " ".join(said))


def _go_on(turn: Turn, data: Mapping[str, Any], found: PagedIncident, number: int, *, first: bool) -> str:
    """Page the next step of one incident, unless that has happened since the button was drawn."""
    incident = incident_to_change(turn.store, turn.actor, number)
    if incident.id == found.view.incident.id and incident.cycle != found.page.cycle:
        return f"This page is from before {incident.ref} was reopened, so nothing was changed."
    late = paged_since(turn.store, incident, drawn_at(data), turn.now)
    if late is not None:
        return late
    trail = turn.trail if first else Trail(turn.source, f"{turn.key}#{number}")
    return escalations.escalate(turn.store, turn.actor, number, None, trail, turn.now)


def _bring_in(turn: Turn, data: Mapping[str, Any]) -> Answer:
    page, found = _about(turn, data)
    incident, side = found.view.incident, side_of(data)
    if incident.cycle != found.page.cycle:
        return _drawn(turn, page, f"This page is from before {incident.ref} was reopened, so nothing was changed.")
    said = escalations.bring_in(turn.store, turn.actor, incident.id, side, turn.trail, turn.now)
    return _drawn(turn, page, said)


def _show(turn: Turn, data: Mapping[str, Any]) -> Answer:
    _, found = _about(turn, data)
    return press_result(turn, Result(turn.incidents.show(turn.actor, found.view.incident.id)))


VERBS = (
    Verb(name="page.view", run=_again, kind="view", again="page.view"),
    Verb(name="page.ack", run=_acknowledge, again="page.view"),
    Verb(name="page.escalate", run=_escalate, again="page.view"),
    Verb(name="page.bring_in", run=_bring_in, again="page.view"),
    Verb(name="page.show", run=_show, kind="view", again="page.view"),
)
