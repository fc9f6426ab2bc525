"""The forms of a review: its sections one after the other, a factor with its action item, and what needs a reason."""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.action import new_action
from bot.cards import carried, kit
from bot.cards.action import KINDS
from bot.cards.review import AGAIN, answered, paragraphs, review_id, sections_to_choose
from bot.turn import Answer, Card, Form, OpenForm, Turn, Verb
from dialogs.parts import form, person_choice, person_chosen, person_in, words
from domain.action import ActionKind
from domain.blameless import hints
from domain.errors import Refused
from domain.incident import TITLE_LIMIT, ref_of
from domain.people import Person
from domain.review import REASON_LIMIT, SECTION_LIMIT, Section
from usecases import actions, reviews
from usecases.reviews import Clash, Result, ReviewView, Typed, review_to_see, review_view, whole_view
from usecases.wording import to_the_minute

OVERVIEW = "overview"
"""Where to go from a section, beside another one: back to the card."""
_FACTOR_LIMIT = 400  # characters of one line of the list
_HINTS_SHOWN = 3
_NONCE_LIMIT = 200  # characters; ours are far shorter, a forged one must still fit its column


# -- one section --------------------------------------------------------------------------------------------------------


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Draw the section that was chosen, else the first one that still needs something."""
    view = whole_view(turn.store, review_to_see(turn.store, review_id(values)), turn.now)
    section = _chosen(view, words(values, "section"))
    typed, seen, kept = _typed(turn, view, section, values)
    number = [one.id for one in view.review.sections].index(section.id) + 1
    keep = {"review": view.review.id, "section": section.id, "version": seen, "embedded": True, "private": turn.private}
    keep |= {name: values[name] for name in ("within", "clash") if values.get(name)}
    body = [
        kit.label(f"Review of {kit.plain(view.title)}  ·  {number} of {len(view.review.sections)}"),
        kit.block(kit.plain(section.kind.title), weight="Bolder", size="Large", style="heading", spacing="Small"),
        *kit.problem(problem),
        *([kit.notice(words(values, "said"))] if words(values, "said") else []),
        *kept,
        *(_live(section) if section.kind.is_live else _field(section, typed)),
        *_hints(turn, section, typed),
        kit.choice_input("go", "Then go to", _ways(view), value=_next(view, section)),
    ]
    live = section.kind.is_live
    buttons = [
        kit.execute("Go on" if live else "Save", "review.save", keep, style="positive"),
        kit.execute("Back" if live else "Save and close", "review.leave", keep),
    ]
    return kit.card(body, speak=f"Review of {view.title}: {section.kind.title}", actions=buttons, wide=True)


def save(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Save the section and go on to another one. Sent again it changes nothing."""
    clash = _written(turn, data)
    if clash is not None:
        return clash
    go = words(data, "go")
    review = review_to_see(turn.store, review_id(data))
    if go == OVERVIEW or all(section.id != go for section in review.sections):
        return answered(turn, Result(review=review, notice="All of it is saved."), data)
    values = {**_kept(data), "section": go, "embedded": True, "said": _said(review.section(words(data, "section")))}
    return OpenForm(name="review", values=values)


def leave(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Save what was typed and show the card."""
    clash = _written(turn, data)
    if clash is not None:
        return clash
    return answered(turn, Result(review=review_to_see(turn.store, review_id(data))), data)


def _written(turn: Turn, data: Mapping[str, Any]) -> OpenForm | None:
    """Save a section; where that is not possible the form to go on with, and what was typed is kept."""
    number, section_id = review_id(data), words(data, "section")
    section = review_to_see(turn.store, number).section(section_id)
    if section.kind.is_live:
        return None
    seen = carried.number(data, "version")
    if seen is None:
        raise Refused("This form does not say what it was filled in for. Open the review again; your text is above.")
    typed = Typed(section=section_id, text=words(data, "text"), version=seen)
    try:
        saved = reviews.write(turn.store, turn.actor, number, typed, turn.now)
    except Refused as refused:
        reviews.keep(turn.store, turn.actor, number, typed, turn.now)
        return OpenForm(name="review", values={**data, "embedded": True}, problem=str(refused))
    if not isinstance(saved, Clash):
        return None
    fits = len(saved.merged) <= SECTION_LIMIT
    values = {
        **_kept(data),
        "section": section_id,
        "text": saved.merged if fits else saved.mine,
        "version": saved.section.version,
        "clash": True,
        "embedded": True,
    }
    who = _name(turn, saved.section.by)
    said = "both texts are put together below" if fits else "both texts are below, and yours is in the field"
    return OpenForm(
        name="review", values=values, problem=f"{who} has changed this section meanwhile: {said}. Look at it and save."
    )


def _typed(turn: Turn, view: ReviewView, section: Section, values: Mapping[str, Any]) -> tuple[str, int, list[Card]]:
    """Tell what stands in the field, the version it belongs to, and what is shown beside it."""
    draft = turn.store.reviews.draft(view.review.id, section.id, turn.actor.id) if turn.actor.id else None
    if words(values, "section") == section.id and isinstance(values.get("text"), str):
        seen = carried.number(values, "version") or section.version
        if not values.get("clash"):
            return words(values, "text"), seen, []
        return words(values, "text"), seen, _both(turn, section, draft.text if draft else "")
    if draft is not None and draft.text != section.text:
        at = to_the_minute(draft.at, turn.zone)
        said = kit.notice(f"You wrote this on {at}, and it is not saved yet.")
        return draft.text, section.version, [said, *_both(turn, section, "")]
    return section.text, section.version, []


def _both(turn: Turn, section: Section, mine: str) -> list[Card]:
    """Show what is saved, and what was typed where the field holds something else."""
    when = f", {to_the_minute(section.at, turn.zone)}" if section.at else ""
    theirs = [
        kit.label(f"Saved now ({kit.plain(_name(turn, section.by))}{when})"),
        *paragraphs(section.text or "Nothing."),
    ]
    shown = [kit.container(theirs, style="emphasis")]
    if mine:
        shown.append(kit.container([kit.label("What you wrote"), *paragraphs(mine)], style="emphasis"))
    return shown


def _chosen(view: ReviewView, wanted: str) -> Section:
    sections = view.review.sections
    found = next((section for section in sections if section.id == wanted), None)
    first = next(iter(view.review.missing()), None)
    empty = next((section for section in view.to_write if not section.text.strip()), None)
    return found or first or empty or sections[0]


def _ways(view: ReviewView) -> list[tuple[str, str]]:
    return [*sections_to_choose(view), (OVERVIEW, "The overview")]


def _next(view: ReviewView, section: Section) -> str:
    ids = [*(one.id for one in view.review.sections), OVERVIEW]
    return ids[ids.index(section.id) + 1]


def _field(section: Section, typed: str) -> list[Card]:
    hint = [kit.block(kit.plain(section.kind.hint), isSubtle=True, spacing="None")] if section.kind.hint else []
    more = {"value": typed} if typed else {}
    title = f"{section.kind.title} (needed)" if section.kind.required else section.kind.title
    return [*hint, kit.text_input("text", title, isMultiline=True, maxLength=SECTION_LIMIT, **more)]


def _live(section: Section) -> list[Card]:
    said = kit.block("This is written by itself, and always true.", isSubtle=True, spacing="None")
    return [said, *(paragraphs(section.text) or [kit.block("Nothing yet.", isSubtle=True)])]


def _hints(turn: Turn, section: Section, typed: str) -> list[Card]:
    """Ask, where the reader's own words close a question; nobody else sees that."""
    if section.kind.is_live or section.by not in (None, turn.actor.id):
        return []
    found = hints(typed)[:_HINTS_SHOWN]
    return [kit.block(f"✎ “{kit.plain(hint.words)}”: {hint.question}", size="Small", isSubtle=True) for hint in found]


def _said(section: Section) -> str:
    """Say that a section is saved, with the question its words ask for."""
    if section.kind.is_live:
        return ""
    first = next(iter(hints(section.text)), None)
    thought = f" A thought on “{first.words}”: {first.question}" if first else ""
    return f"“{section.kind.title}” is saved.{thought}"


def _name(turn: Turn, person: int | None) -> str:
    found = turn.store.people.many([person]).get(person) if person is not None else None
    return found.name if found else "The bot"


def _kept(data: Mapping[str, Any]) -> dict[str, Any]:
    within = carried.number(data, "within")
    return {"review": review_id(data)} | ({"within": within} if within else {})


# -- a factor and its action item ---------------------------------------------------------------------------------------


def draw_factor(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask what contributed, and what is to be done about it; the second half may stay empty."""
    review = review_to_see(turn.store, review_id(values))
    kind = words(values, "kind")
    chosen = person_in(turn, values, otherwise=turn.actor) if words(values, "person") else None
    several = len(review.incidents) > 1
    inputs = [
        _line("factor", "What contributed?", values, _FACTOR_LIMIT, isRequired=True, errorMessage="Say what."),
        kit.block("What is to be done about it? Leave it empty where that is not known yet.", separator=True),
        _line("title", "Action item", values, TITLE_LIMIT),
        kit.choice_input(
            "kind",
            "Type",
            [(str(one), said) for one, said in KINDS.items()],
            value=kind if kind in {str(one) for one in ActionKind} else str(ActionKind.PREVENT),
        ),
        {**person_choice(turn, chosen), "label": "Owner"},
        {
            "type": "Input.Date",
            "id": "due",
            "label": "Due on",
            **({"value": words(values, "due")[:10]} if words(values, "due") else {}),
        },
    ]
    if several:
        refs = [(str(number), ref_of(number)) for number in review.incidents]
        inputs.append(kit.choice_input("of", "Of which incident", refs, value=str(_of(review.incidents, values))))
    nonce = words(values, "nonce") or hashlib.sha256(turn.key.encode()).hexdigest()
    return _form(
        turn,
        values,
        problem,
        inputs,
        title="Add a contributing factor",
        submit=("Add", "review.factor.submit"),
        nonce=nonce[:_NONCE_LIMIT],
    )


def submit_factor(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Write it down, with its action item where there is one. Sent again it says that it is there already."""
    number, factor, title = review_id(data), words(data, "factor"), words(data, "title").strip()
    review = review_to_see(turn.store, number)
    if not turn.once(f"form:{words(data, 'nonce')[:_NONCE_LIMIT] or turn.key}"):
        return answered(turn, Result(review=review, notice="It is written down already."), data)
    added = reviews.add_factor(turn.store, turn.actor, number, factor[:_FACTOR_LIMIT], turn.now)
    said = "The factor is in the list."
    if title:
        owner = person_chosen(turn, data)
        about = {**data, "incident": _of(review.incidents, data)}
        action = actions.add(turn.store, turn.actor, new_action(about, owner), turn.now, source=turn.source)
        said = f"The factor is in the list, and {action.name.lower()} is {owner.name}’s, due {action.due_on}."
    return answered(turn, Result(review=added, notice=said), data)


def _of(incidents: tuple[int, ...], values: Mapping[str, Any]) -> int:
    wanted = carried.number(values, "of", chosen=True)
    return wanted if wanted in incidents else incidents[0]


# -- what needs a reason or a person ------------------------------------------------------------------------------------


def draw_back(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask what is missing."""
    return _reason(turn, values, problem, title="Back to draft", question="What is missing?", verb="review.back.submit")


def submit_back(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Take it back to its draft. Sent again it changes nothing."""
    result = reviews.back_to_draft(turn.store, turn.actor, review_id(data), words(data, "reason"), turn.now)
    return answered(turn, result, data)


def draw_skip(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask why nobody looks back."""
    return _reason(
        turn, values, problem, title="Skip the review", question="Why is it not reviewed?", verb="review.skip.submit"
    )


def submit_skip(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Close it unwritten. Sent again it changes nothing."""
    review = review_to_see(turn.store, review_id(data))
    result = reviews.skip(turn.store, turn.actor, review.incidents[0], words(data, "reason"), turn.now)
    return answered(turn, result, data)


def draw_owner(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask who has it from now on."""
    chosen = person_in(turn, values, otherwise=turn.actor) if words(values, "person") else None
    asked = {**person_choice(turn, chosen), "label": "Owner", "isRequired": True, "errorMessage": "Choose one person."}
    submit = ("Hand over", "review.owner.submit")
    return _form(turn, values, problem, [asked], title="Hand over the review", submit=submit)


def submit_owner(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Hand it over. Sent again it changes nothing."""
    owner: Person = person_chosen(turn, data)
    return answered(turn, reviews.hand_over(turn.store, turn.actor, review_id(data), owner, turn.now), data)


def _reason(
    turn: Turn, values: Mapping[str, Any], problem: str | None, *, title: str, question: str, verb: str
) -> Card:
    asked = _line(
        "reason",
        question,
        values,
        REASON_LIMIT,
        isMultiline=True,
        isRequired=True,
        errorMessage="Say it in a few words.",
    )
    return _form(turn, values, problem, [asked], title=title, submit=(title, verb))


def _form(
    turn: Turn,
    values: Mapping[str, Any],
    problem: str | None,
    inputs: list[Card],
    *,
    title: str,
    submit: tuple[str, str],
    **more: Any,
) -> Card:
    view = review_view(turn.store, review_to_see(turn.store, review_id(values)), turn.now)
    keep = {**_kept(values), **more}
    named = [kit.block(kit.plain(view.title), spacing="None"), *inputs]
    return form(turn, title, named, submit=submit, values=values, problem=problem, keep=keep, back=AGAIN)


def _line(name: str, title: str, values: Mapping[str, Any], limit: int, **more: Any) -> Card:
    value = words(values, name)[:limit]
    return kit.text_input(name, title, maxLength=limit, **({"value": value} if value else {}), **more)


FORMS = (
    Form(
        name="review",
        title="Write the review",
        draw=draw,
        verbs=(
            Verb(name="review.save", run=save, again=AGAIN),
            Verb(name="review.leave", run=leave, again=AGAIN),
        ),
    ),
    Form(
        name="review-factor",
        title="Add a contributing factor",
        draw=draw_factor,
        verbs=(Verb(name="review.factor.submit", run=submit_factor, again=AGAIN),),
    ),
    Form(
        name="review-back",
        title="Back to draft",
        draw=draw_back,
        verbs=(Verb(name="review.back.submit", run=submit_back, again=AGAIN),),
    ),
    Form(
        name="review-skip",
        title="Skip the review",
        draw=draw_skip,
        verbs=(Verb(name="review.skip.submit", run=submit_skip, again=AGAIN),),
    ),
    Form(
        name="review-owner",
        title="Hand over the review",
        draw=draw_owner,
        verbs=(Verb(name="review.owner.submit", run=submit_owner, again=AGAIN),),
    ),
)
