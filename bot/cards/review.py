"""Reviews as a card, as pages and in lists, and what their buttons do."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bot.cards import carried, kit
from bot.cards.incident import incident_of
from bot.turn import Answer, Card, OpenForm, Reply, Turn, Verb
from domain.catalog import Side
from domain.errors import Refused
from domain.incident import ref_of
from domain.review import Review, ReviewState, Section, SignOff
from domain.review_template import Fill
from usecases import reviews
from usecases.reviews import Result, ReviewView, Wanted, review_to_see, review_view, telling, whole_view
from usecases.reviews.views import PAGE, ReviewList, listed
from usecases.wording import listed as in_a_row
from usecases.wording import to_the_minute

ROOM = 24_000
"""Bytes of UTF-16 of one page; ours: a few screens of a phone."""
_HEAD = {
    ReviewState.DRAFT: ("✎", "Review: draft", "accent"),
    ReviewState.IN_REVIEW: ("◷", "Review: in review", "accent"),
    ReviewState.REVIEWED: ("✓", "Review: reviewed", "good"),
    ReviewState.CLOSED: ("■", "Review: closed", "emphasis"),
}
_OVERDUE = ("⚠", "Review: overdue", "warning")
_SKIPPED = ("■", "Review: skipped", "emphasis")


def review_card(view: ReviewView, zone: str | None, *, said: str = "", within: int | None = None) -> Card:
    """Draw a review; `zone` None: several people read it, times are UTC. `within`: it stands in that incident's card."""
    sign, state, style = _head(view.review, view)
    head = [
        kit.block(f"{sign} **{state}**", size="Small"),
        kit.block(kit.plain(view.title), weight="Bolder", size="Medium", spacing="None", style="heading"),
    ]
    body = [
        *([kit.notice(said)] if said else []),
        kit.container(head, style=style, bleed=True),
        kit.facts(_facts(view, zone)),
        *(kit.block(kit.plain(line), size="Small") for line in view.time_lines),
        *_reopened(view),
    ]
    return kit.card(body, speak=spoken(view), actions=_buttons(view, within), wide=True)


def spoken(view: ReviewView) -> str:
    """Say how it stands in a sentence."""
    review, owner = view.review, view.name_of(view.review.owner)
    about = f"The review of {view.title}"
    if review.skipped:
        return f"{about} was skipped: {review.skipped}"
    if review.state is ReviewState.DRAFT:
        return f"{owner} has the review of {view.title}, due {review.due_at:%a %Y-%m-%d %H:%M} UTC."
    if review.state is ReviewState.IN_REVIEW:
        return f"{about} waits for {_waited(review)} to sign off."
    return f"{about} is {review.state}."


def _head(review: Review, view: ReviewView) -> tuple[str, str, str]:
    if review.skipped:
        return _SKIPPED
    return _OVERDUE if review.is_overdue(view.now) and not view.is_reopened else _HEAD[review.state]


def _facts(view: ReviewView, zone: str | None) -> list[tuple[str, str]]:
    review = view.review
    pairs = [("Owner", kit.plain(view.name_of(review.owner)))]
    if review.is_live and not view.is_reopened:
        pairs.append(("Due", f"{to_the_minute(review.due_at, zone)}, {_away(view)}"))
    if len(view.incidents) > 1:
        pairs.append(("Incidents", in_a_row([incident.ref for incident in view.incidents])))
    if not review.skipped:
        missing = in_a_row([kit.plain(section.kind.title) for section in review.missing()])
        needs = f"; still needed: {missing}" if missing else ""
        pairs.append(("Written", f"{view.written} of {len(view.to_write)} sections{needs}"))
    if review.state is ReviewState.IN_REVIEW:
        pairs.append(("Waits for", _waited(review)))
    signed = [_signed(view, one, zone) for one in review.sign_offs]
    pairs += [("Signed off", "; ".join(signed))] if signed else []
    pairs += [("Actions", f"{view.actions} written down")] if view.actions else []
    pairs += [("Back to draft", kit.plain(review.reason))] if review.reason else []
    pairs += [("Skipped", kit.plain(review.skipped))] if review.skipped else []
    if review.closed_at is not None:
        pairs.append(
            ("Closed", f"{kit.plain(view.name_of(review.closed_by))}, {to_the_minute(review.closed_at, zone)}")
        )
    return pairs


def _away(view: ReviewView) -> str:
    seconds = (view.review.due_at - view.now).total_seconds()
    return f"in {kit.span(seconds)}" if seconds > 0 else f"overdue for {kit.span(-seconds)}"


def _waited(review: Review) -> str:
    return in_a_row([side.capitalize() for side in review.waits_for()]) or "somebody else than the owner"


def _signed(view: ReviewView, one: SignOff, zone: str | None) -> str:
    side = f" ({one.side.capitalize()})" if isinstance(one.side, Side) else ""
    return f"{kit.plain(view.name_of(one.person))}{side}, {to_the_minute(one.at, zone)}"


def _reopened(view: ReviewView) -> list[Card]:
    if not view.is_reopened:
        return []
    refs = in_a_row([incident.ref for incident in view.incidents if incident.is_open])
    return [
        kit.container([kit.block(f"⚠ {refs} is open again. The day is set anew when it is resolved.")], style="warning")
    ]


def _buttons(view: ReviewView, within: int | None) -> list[Card]:
    review, about = view.review, _about(view.review.id, within)
    back = [kit.execute(f"Back to {ref_of(within)}", "incident.view", {"incident": within})] if within else []
    match review.state:
        case ReviewState.DRAFT:
            ready = not review.missing()
            found = [
                kit.opens_dialog("Open review", "review.open", about, **({} if ready else {"style": "positive"})),
                kit.execute("Send for review", "review.send", about, **({"style": "positive"} if ready else {})),
                *([kit.opens_dialog("Add factor", "review.factor", about)] if _factors(review) else []),
                kit.execute("Read", "review.read", about),
                kit.opens_dialog("Hand over", "review.owner", about),
            ]
            return [*found, *(back or _skipping(review, about))]
        case ReviewState.IN_REVIEW:
            return [
                kit.execute("Sign off", "review.sign", {**about, "version": review.words}, style="positive"),
                kit.opens_dialog("Open review", "review.open", about),
                kit.execute("Read", "review.read", about),
                kit.opens_dialog("Back to draft", "review.back", about),
                *back,
            ]
        case ReviewState.REVIEWED:
            return [
                kit.execute("Close review", "review.close", about, style="positive"),
                kit.opens_dialog("Open review", "review.open", about),
                kit.opens_dialog("Back to draft", "review.back", about),
                *back,
            ]
        case _:
            return [
                kit.opens_dialog("Open review", "review.open", about),
                kit.opens_dialog("Back to draft", "review.back", about),
                *back,
            ]


def _skipping(review: Review, about: Mapping[str, Any]) -> list[Card]:
    return [] if review.is_required else [kit.opens_dialog("Skip", "review.skip", about)]


def _factors(review: Review) -> bool:
    return any(section.kind.fill is Fill.FACTORS for section in review.sections)


def _about(review: int, within: int | None) -> dict[str, Any]:
    return {"review": review} | ({"within": within} if within else {})


# -- pages ------------------------------------------------------------------------------------------------------------


def read_card(view: ReviewView, page: int, *, within: int | None = None) -> Card:
    """Draw what it says, as much as fits a page; nothing is cut, what does not fit is on the next one."""
    pages = _paged(_blocks(view.review.sections))
    shown = min(max(page, 1), len(pages))
    about = _about(view.review.id, within)
    head = kit.block(f"Review of {kit.plain(view.title)}", weight="Bolder", size="Large", style="heading")
    count = [kit.label(f"Page {shown} of {len(pages)}")] if len(pages) > 1 else []
    buttons = [kit.execute("Back", "review.view", about)]
    if shown > 1:
        buttons.append(kit.execute("Previous page", "review.read", {**about, "page": shown - 1}))
    if shown < len(pages):
        buttons.append(kit.execute("Next page", "review.read", {**about, "page": shown + 1}))
    return kit.card([head, *count, *pages[shown - 1]], speak=f"Review of {view.title}", actions=buttons, wide=True)


def paragraphs(text: str) -> list[Card]:
    """Set words of several lines; people's words are escaped."""
    lines = [line for line in text.split("\n") if line.strip()]
    return [kit.block(kit.plain(line), spacing="None" if n else "Small") for n, line in enumerate(lines)]


def _blocks(sections: Iterable[Section]) -> Iterable[Card]:
    for section in sections:
        words = paragraphs(section.text) or [kit.block("Nothing yet.", isSubtle=True, spacing="Small")]
        title = kit.block(kit.plain(section.kind.title), weight="Bolder", style="heading", separator=True)
        yield kit.container([title, words[0]])
        yield from words[1:]


def _paged(blocks: Iterable[Card]) -> list[list[Card]]:
    pages: list[list[Card]] = [[]]
    room = ROOM
    for block in blocks:
        weight = kit.weight(block)
        if weight > room and pages[-1]:
            pages.append([])
            room = ROOM
        pages[-1].append(block)
        room -= weight
    return pages


# -- lists ------------------------------------------------------------------------------------------------------------


def list_card(found: ReviewList, heading: str) -> Card:
    """Draw one page of a list."""
    wanted = found.wanted
    body = [kit.block(heading, weight="Bolder", size="Large", style="heading")]
    body += [_row(found, review) for review in found.rows]
    if not found.rows:
        body.append(kit.block("There is none. A review begins when an incident of severity 1 or 2 is resolved."))
    shown = (wanted.page - 1) * PAGE + len(found.rows)
    buttons = [
        kit.execute("Mine", "review.list", {"which": "mine"}),
        kit.execute("Overdue", "review.list", {"which": "overdue"}),
        kit.execute("All", "review.list", {"which": "all"}),
    ]
    if shown < found.total:
        body.append(kit.block(f"{shown} of {found.total} are shown.", isSubtle=True))
        buttons.append(kit.execute("More", "review.list", {"which": _which(wanted), "page": wanted.page + 1}))
    names = "; ".join(ref_of(review.incidents[0]) for review in found.rows) or "none"
    return kit.card(body, speak=f"{heading}: {names}.", actions=buttons, wide=True)


def _row(found: ReviewList, review: Review) -> Card:
    incident = found.incidents[review.incidents[0]]
    late = review.is_overdue(found.now) and not incident.is_open
    sign, state, _ = _SKIPPED if review.skipped else _OVERDUE if late else _HEAD[review.state]
    word = state.removeprefix("Review: ").capitalize()
    more = f" and {len(review.incidents) - 1} more" if len(review.incidents) > 1 else ""
    due = f"  ·  due {review.due_at:%a %Y-%m-%d}" if review.is_live else ""
    owner = found.people[review.owner].name
    return kit.container(
        [
            kit.block(f"**{incident.ref}{more}**  ·  {sign} {word}  ›", size="Small"),
            kit.block(kit.plain(incident.title), spacing="None", weight="Bolder"),
            kit.block(f"{kit.plain(owner)}{due}", size="Small", isSubtle=True, spacing="None"),
        ],
        separator=True,
        selectAction=kit.execute(f"Open the review of {incident.ref}", "review.view", {"review": review.id}),
    )


def _which(wanted: Wanted) -> str:
    return "overdue" if wanted.overdue else "mine" if wanted.owner else "all" if wanted.everything else "open"


def shown_list(turn: Turn, wanted: Wanted, heading: str) -> Reply:
    """Answer with a list."""
    card = list_card(listed(turn.store, wanted, turn.now), heading)
    return Reply(text=card["speak"], card=card)


def asked_list(turn: Turn, which: str, page: int = 1) -> Reply:
    """Answer with the list of a word: mine, overdue, all, else what is still to be done."""
    match which:
        case "mine":
            return shown_list(turn, Wanted(owner=turn.actor, page=page), "My reviews")
        case "overdue":
            return shown_list(turn, Wanted(overdue=True, page=page), "Overdue reviews")
        case "all":
            return shown_list(turn, Wanted(everything=True, page=page), "All reviews")
        case _:
            return shown_list(turn, Wanted(page=page), "Reviews")


def none_card(ref: str, incident: int) -> Card:
    """Say that an incident has no review, and offer to begin one."""
    said = f"{ref} has no review: those of severity 3 and 4 begin when somebody wants one."
    return kit.sentence_card(said, actions=[kit.execute("Begin review", "review.begin", {"incident": incident})])


# -- the buttons ------------------------------------------------------------------------------------------------------


def review_id(data: Mapping[str, Any]) -> int:
    """Read which review a button belongs to. Raise Refused for a card that is not ours."""
    number = carried.number(data, "review")
    if number is None:
        raise Refused("This card does not say which review it belongs to. Write `review list` to see those there are.")
    return number


def drawn(turn: Turn, result: Result, data: Mapping[str, Any] | None = None) -> Reply:
    """Show how it stands."""
    view = review_view(turn.store, result.review, turn.now)
    within = carried.number(data or {}, "within")
    return Reply(text=spoken(view), card=review_card(view, turn.zone, said=result.notice, within=within))


def answered(turn: Turn, result: Result, data: Mapping[str, Any]) -> Reply:
    """Answer a press that may have changed something; the message it stands in follows from now on."""
    is_status_card = (
        bool(turn.message_id) and turn.store.cards.at(turn.place.base_id, turn.message_id or "") is not None
    )
    if turn.message_id and not turn.private and not is_status_card:
        telling.follows(turn.store, result.review, turn.place, turn.message_id, turn.actor.id)
    return drawn(turn, result, data)


def _view(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return drawn(turn, Result(review=review_to_see(turn.store, review_id(data))), data)


def _open(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Open the form of the first section that still needs something; what cannot be written any more is read."""
    review = review_to_see(turn.store, review_id(data))
    if not review.is_live:
        return _read(turn, data)
    return OpenForm(name="review", values={**_kept(data), "embedded": True})


def _open_of_incident(turn: Turn, data: Mapping[str, Any]) -> Answer:
    incident = incident_of(data)
    review = reviews.review_of(turn.store, turn.actor, incident)
    if review is None:
        raise Refused(f"{ref_of(incident)} has no review yet. Write `review {ref_of(incident)}` to begin one.")
    return _open(turn, {"review": review.id, "within": incident})


def _begin(turn: Turn, data: Mapping[str, Any]) -> Answer:
    review = reviews.begin(turn.store, turn.actor, incident_of(data), turn.now)
    return answered(turn, Result(review=review), data)


def _read(turn: Turn, data: Mapping[str, Any]) -> Answer:
    view = whole_view(turn.store, review_to_see(turn.store, review_id(data)), turn.now)
    card = read_card(view, carried.number(data, "page") or 1, within=carried.number(data, "within"))
    return Reply(text=card["speak"], card=card)


def _list(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return asked_list(turn, str(data.get("which")), carried.number(data, "page") or 1)


def _step(do: Callable[[Turn, int], Result]) -> Callable[[Turn, Mapping[str, Any]], Answer]:
    def run(turn: Turn, data: Mapping[str, Any]) -> Answer:
        return answered(turn, do(turn, review_id(data)), data)

    return run


def _sign(turn: Turn, data: Mapping[str, Any]) -> Answer:
    read = carried.number(data, "version")
    return answered(turn, reviews.sign_off(turn.store, turn.actor, review_id(data), turn.now, read=read), data)


def _opens(form: str) -> Callable[[Turn, Mapping[str, Any]], Answer]:
    def run(turn: Turn, data: Mapping[str, Any]) -> Answer:
        review_to_see(turn.store, review_id(data))
        return OpenForm(name=form, values={**_kept(data), "embedded": True})

    return run


def _kept(data: Mapping[str, Any]) -> dict[str, Any]:
    return _about(review_id(data), carried.number(data, "within"))


def sections_to_choose(view: ReviewView) -> Sequence[tuple[str, str]]:
    """Offer the sections, with a sign for those that say something and a word for those that must."""
    rows: list[tuple[str, str]] = []
    for number, section in enumerate(view.review.sections, 1):
        sign = "✓" if section.text.strip() else "○"
        needed = " (needed)" if section.kind.required and not section.text.strip() else ""
        rows.append((section.id, f"{number} {sign} {section.kind.title}{needed}"))
    return rows


AGAIN = "review.view"
VERBS = (
    Verb(name="review.view", run=_view, kind="view", again=AGAIN),
    Verb(name="review.list", run=_list, kind="view", again="review.list"),
    Verb(name="review.read", run=_read, kind="view", again=AGAIN),
    Verb(name="review.open", run=_open, kind="view", again=AGAIN),
    Verb(name="incident.review", run=_open_of_incident, kind="view"),
    Verb(name="review.begin", run=_begin),
    Verb(name="review.send", run=_step(lambda t, n: reviews.send(t.store, t.actor, n, t.now)), again=AGAIN),
    Verb(name="review.sign", run=_sign, again=AGAIN),
    Verb(name="review.close", run=_step(lambda t, n: reviews.close(t.store, t.actor, n, t.now)), again=AGAIN),
    Verb(name="review.factor", run=_opens("review-factor"), kind="view", again=AGAIN),
    Verb(name="review.back", run=_opens("review-back"), kind="view", again=AGAIN),
    Verb(name="review.owner", run=_opens("review-owner"), kind="view", again=AGAIN),
    Verb(name="review.skip", run=_opens("review-skip"), kind="view", again=AGAIN),
)
