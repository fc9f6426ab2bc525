"""An override as a card: for whoever made it, for the one who takes over, and for those who are replaced."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards import carried, kit
from bot.turn import Answer, Card, Reply, Turn, Verb
from domain.conversation import ConversationKind
from domain.errors import Refused
from domain.people import Person
from usecases import letters, overrides
from usecases.overrides import Covered, OverrideView
from usecases.spans import Span
from usecases.wording import between, exact, listed

GONE = "This override is not there any more. Write `oncall` to see who is on call."
SPANS_SHOWN = 5
"""Times written out for one person; ours: an override seldom meets more shifts."""
COVERED_SHOWN = 3


def override_card(view: OverrideView, reader: Person) -> Card:
    """Draw an override for one of its people, or for whoever made it."""
    said = spoken(view, reader)
    body = [kit.block(kit.plain(view.made.schedule), size="Small", isSubtle=True)]
    if _is_told(view, reader):
        body += [
            kit.block(kit.plain(_headline(view, reader)), weight="Bolder", size="Medium", spacing="None"),
            kit.facts(_facts(view, reader)),
        ]
        body += [] if view.begun else [kit.block("If you cannot, press Decline before it begins.", size="Small")]
    else:
        body.append(kit.block(kit.plain(said), spacing="None"))
    return kit.card(body, speak=said, actions=_buttons(view, reader), **_refresh(view, reader))


def spoken(view: OverrideView, reader: Person) -> str:
    """Say an override in sentences for one reader, with date, zone and UTC."""
    mine = view.made.override
    when = between(mine.starts_at, mine.ends_at, reader.time_zone)
    schedule = view.made.schedule
    if not _is_told(view, reader):
        already = "This override stands already: " if view.repeated else ""
        said = f"{already}{view.person.name} is on call on {schedule}, {when}{_instead(view)}."
        return " ".join([said, *_remarks(view, reader)])
    if reader.id == view.person.id:
        return f"{_maker(view)} put you on call on {schedule}, {when}{_instead(view)}."
    spans = _spans(view.replaced[reader.id], reader)
    return f"{view.person.name} is on call on {schedule} instead of you, {spans}. {_maker(view)} made this override."


def _headline(view: OverrideView, reader: Person) -> str:
    if reader.id == view.person.id:
        return f"{_maker(view)} put you on call"
    return f"{view.person.name} is on call instead of you"


def _facts(view: OverrideView, reader: Person) -> list[tuple[str, str]]:
    mine = view.made.override
    if reader.id == view.person.id:
        others = kit.plain(listed(_replaced(view), most=kit.NAMES)) or "nobody: it was a gap"
        first = ("From", exact(mine.starts_at, reader.time_zone))
        return [first, ("To", exact(mine.ends_at, reader.time_zone)), ("Instead of", others)]
    spans = view.replaced[reader.id]
    if len(spans) == 1:
        starts_at, ends_at = spans[0]
        times = [("From", exact(starts_at, reader.time_zone)), ("To", exact(ends_at, reader.time_zone))]
    else:
        times = [("When", _spans(spans, reader))]
    return [*times, ("Made by", kit.plain(_maker(view)))]


def _remarks(view: OverrideView, reader: Person) -> list[str]:
    """Explain what a maker could wonder about: a start that was cut, other overrides, people nobody could tell."""
    told = ["The start had passed, so it begins now."] if view.cut else []
    told += [_covered(one, reader) for one in view.covers[:COVERED_SHOWN]]
    if len(view.covers) > COVERED_SHOWN:
        told.append(f"It covers {len(view.covers) - COVERED_SHOWN} more overrides.")
    untold = listed([person.name for person in view.untold], most=kit.NAMES)
    told += [f"I could not tell {untold}: they have no Teams account here."] if untold else []
    return told


def _covered(one: Covered, reader: Person) -> str:
    when = between(one.override.starts_at, one.override.ends_at, reader.time_zone)
    whose = "your override" if one.made_by == reader.id else "the override"
    return f"It covers {whose} for {one.person}, {when}, because the later one wins."


def _instead(view: OverrideView) -> str:
    names = _replaced(view)
    return f", instead of {listed(names, most=kit.NAMES)}" if names else "; nobody was on call then"


def _replaced(view: OverrideView) -> list[str]:
    return [view.people[person_id].name for person_id in view.replaced if person_id in view.people]


def _spans(spans: Sequence[Span], reader: Person) -> str:
    told = [between(starts_at, ends_at, reader.time_zone) for starts_at, ends_at in spans[:SPANS_SHOWN]]
    more = [f"and {len(spans) - SPANS_SHOWN} more times"] if len(spans) > SPANS_SHOWN else []
    return "; ".join([*told, *more])


def _maker(view: OverrideView) -> str:
    return view.maker.name if view.maker else "Somebody"


def _is_told(view: OverrideView, reader: Person) -> bool:
    """Tell whether this is news for the reader about their own time, and not the answer to what they asked for."""
    return reader.id in view.concerned and not _is_maker(view, reader) and not view.repeated


def _is_maker(view: OverrideView, reader: Person) -> bool:
    return reader.id == view.made.made_by


def _buttons(view: OverrideView, reader: Person) -> list[Card]:
    if view.begun:
        return []
    about = {"override": view.made.id}
    if _is_maker(view, reader):
        return [kit.execute("Take back", "override.decline", about)]
    return [kit.execute("Decline", "override.decline", about)] if reader.id in view.concerned else []


def _refresh(view: OverrideView, reader: Person) -> dict[str, Any]:
    """Let the card of one reader bring itself up to date: others may take the override back."""
    if view.begun or reader.channel_user_id is None or _is_maker(view, reader):
        return {}
    action = kit.execute("Refresh", "override.view", {"override": view.made.id})
    return {"refresh": {"action": action, "userIds": [reader.channel_user_id]}}


# -- the buttons ------------------------------------------------------------------------------------------------------


def number_in(data: Mapping[str, Any], name: str) -> int:
    """Read the number of the thing a button belongs to. Raise Refused for a card that is not ours."""
    number = carried.number(data, name)
    if number is None:
        raise Refused("This card does not say what it belongs to. Write `oncall` to go on.")
    return number


def _decline(turn: Turn, data: Mapping[str, Any]) -> Answer:
    shown = overrides.take_back(turn.store, turn.actor, number_in(data, "override"), turn.now)
    if shown is None:
        return Reply(text=GONE)
    mine = shown.made.override
    when = between(mine.starts_at, mine.ends_at, turn.actor.time_zone)
    verb = "took back" if _is_maker(shown, turn.actor) else "declined"
    said = f"You {verb} this override: {shown.person.name} on {shown.made.schedule}, {when}. The schedule holds again."
    stays = turn.message_id is not None and not turn.private
    if stays and turn.message_id:
        in_chat = turn.place.kind is ConversationKind.PERSONAL
        letters.draw_again(
            turn.store,
            turn.place,
            turn.message_id,
            letters.SENTENCE,
            key=f"override:{shown.made.id}:gone:{turn.message_id}",
            coalesce=f"override:{shown.made.id}:{turn.message_id}",
            version=1,
            text=said if in_chat else f"{turn.actor.name} {said.removeprefix('You ')}",
        )
    return Reply(text=said)


def _view(turn: Turn, data: Mapping[str, Any]) -> Answer:
    shown = overrides.view(turn.store, number_in(data, "override"), turn.now)
    if shown is None:
        return Reply(text=GONE)
    return Reply(text=spoken(shown, turn.actor), card=override_card(shown, turn.actor))


VERBS = (
    Verb(name="override.decline", run=_decline, again="override.view"),
    Verb(name="override.view", run=_view, kind="view"),
)
