"""Who is on call, as a card: for a service on both its sides, a team, a schedule, everything, or a person."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.cards import kit
from bot.turn import Answer, Card, OpenForm, Reply, Turn, Verb
from domain.catalog import Team
from domain.people import Person
from domain.shifts import Shift, ShiftSource
from usecases import oncall
from usecases.oncall import Group, OnCallView, PersonView, Row, Stretch
from usecases.wording import between, exact

ROWS_SHOWN = 20
"""Schedules on one card; ours: four screens of a phone, and below Teams' limit with the longest names."""
NOTE_SHOWN = 200  # characters of what is said of a calendar
SPOKEN = 5
"""Schedules named in the notification."""
_WORDS_LIMIT = 200  # characters of a look-up that a button carries
_SOURCES = {ShiftSource.OVERRIDE: "override", ShiftSource.CALENDAR: "from the calendar"}


def oncall_card(view: OnCallView, zone: str | None, *, said: str = "") -> Card:
    """Draw a look-up; `said` is a sentence on top for whoever pressed."""
    body = [
        *([kit.notice(said)] if said else []),
        kit.block(kit.plain(view.title), weight="Bolder", size="Large", style="heading"),
    ]
    left = ROWS_SHOWN
    for group in view.groups:
        if left > 0:
            body += [_heading(group), *(_row(row, zone) for row in group.rows[:left])]
            body += [] if group.rows else [kit.block("⚠ No schedule: nobody can be on call here.", spacing="None")]
        left -= len(group.rows)
    if left < 0:
        body.append(kit.block(f"{-left} more schedules are not shown. Name a team, a service or a schedule."))
    if not view.groups:
        body.append(kit.block("There are no schedules. An admin adds them with the organisation file."))
    body += [kit.block(kit.plain(view.also), size="Small")] if view.also else []
    body.append(_as_of(view.now, zone))
    return kit.card(body, speak=spoken(view, zone), actions=_buttons(view), wide=True)


def person_card(view: PersonView, zone: str | None, *, mine: bool) -> Card:
    """Draw when somebody is on call; `mine` when they are the reader."""
    name = kit.plain(view.person.name)
    body = [kit.block(name, weight="Bolder", size="Large", style="heading")]
    body += [_row(row, zone, who="On call now") for row in view.current[:ROWS_SHOWN]]
    if not view.current:
        body.append(kit.block("Not on call now."))
    if view.coming:
        body.append(kit.block("Next shifts", weight="Bolder", spacing="Medium", separator=True))
        body += [_coming(shift, zone) for shift in view.coming]
    else:
        body.append(kit.block("No shift is planned after that." if view.current else "No shift is planned."))
    body.append(_as_of(view.now, zone))
    actions = [kit.execute("Swap", "oncall.swap", {"words": ""})] if mine and view.coming else []
    return kit.card(body, speak=spoken_person(view, zone), actions=actions, wide=True)


def spoken(view: OnCallView, zone: str | None) -> str:
    """Say a look-up in a sentence, for notifications and old clients."""
    rows = [row for group in view.groups for row in group.rows]
    told = [f"{row.schedule.id}: {_sentence(row, zone)}" for row in rows[:SPOKEN]]
    told += [f"and {len(rows) - SPOKEN} more"] if len(rows) > SPOKEN else []
    return f"{view.title}. {'; '.join(told) or 'There are no schedules'}."


def spoken_person(view: PersonView, zone: str | None) -> str:
    """Say when somebody is on call in a sentence."""
    now = ", ".join(f"{row.schedule.id} {_until(row.current, zone)}" for row in view.current[:SPOKEN])
    coming = ", ".join(f"{shift.schedule} {_span(shift, zone)}" for shift in view.coming)
    first = f"{view.person.name} is on call: {now}." if now else f"{view.person.name} is not on call now."
    return f"{first} Next: {coming}." if coming else first


# -- the parts --------------------------------------------------------------------------------------------------------


def _heading(group: Group) -> Card:
    named = _team(group.team)
    named += "  ·  your team" if group.mine else ""
    named += "  ·  paged by the escalation policy" if group.by_policy else ""
    return kit.block(named, spacing="Medium", separator=True)


def _team(team: Team | None) -> str:
    return f"**{team.side.capitalize()}**  ·  {kit.plain(team.name)}" if team else "**Without a team**"


def _row(row: Row, zone: str | None, *, who: str = "") -> Card:
    """Draw a schedule; `who` stands instead of the name, where that is clear."""
    current = row.current
    source = _SOURCES.get(current.source)
    who = f"**{who or _name(current)}**" if current.handle else "⚠ **Nobody on call**"
    lines = [
        kit.block(kit.plain(row.schedule.id), size="Small", isSubtle=True),
        kit.block(f"{who}  ·  {source}" if source else who, spacing="None"),
        kit.block(_then(row, zone), size="Small", spacing="None"),
    ]
    if row.still_paged:
        held = f"⚠ {kit.plain(row.still_paged.name)} is still paged: the handoff is not accepted yet."
        lines.append(kit.block(held, size="Small", spacing="None"))
    if row.calendar:
        told = kit.plain(kit.shortened(row.calendar.said(zone), NOTE_SHOWN))
        lines.append(kit.block(f"⚠ {told}", size="Small", spacing="None"))
    return kit.container(lines)


def _name(stretch: Stretch) -> str:
    gone = stretch.person is None or not stretch.person.active
    return kit.plain(stretch.name) + (" (not in the organisation any more)" if stretch.handle and gone else "")


def _then(row: Row, zone: str | None) -> str:
    """Tell until when, and who comes then; a gap is said."""
    told = _until(row.current, zone)
    for stretch in row.following:
        if stretch.handle is None:
            told += f", then ⚠ nobody {_until(stretch, zone)}"
        else:
            told += f", then {_name(stretch)}"
    return told[:1].upper() + told[1:]


def _until(stretch: Stretch, zone: str | None) -> str:
    if stretch.ends_at is None:
        return "with no change planned"
    return f"until {'at least ' if stretch.at_least else ''}{exact(stretch.ends_at, zone)}"


def _sentence(row: Row, zone: str | None) -> str:
    who = row.current.name if row.current.handle else "nobody is on call"
    following = next((stretch for stretch in row.following if stretch.handle), None)
    then = f", next {following.name}" if following else ""
    paged = f" ({row.still_paged.name} is still paged)" if row.still_paged else ""
    return f"{who}{paged} {_until(row.current, zone)}{then}"


def _coming(shift: Shift, zone: str | None) -> Card:
    source = _SOURCES.get(shift.source)
    name = kit.plain(shift.schedule) + (f"  ·  {source}" if source else "")
    lines = [kit.block(name, size="Small", isSubtle=True), kit.block(_span(shift, zone), spacing="None")]
    return kit.container(lines, spacing="Small")


def _span(shift: Shift, zone: str | None) -> str:
    if shift.starts_at is None or shift.ends_at is None:
        return f"from {exact(shift.starts_at, zone)} on" if shift.starts_at else "always"
    return between(shift.starts_at, shift.ends_at, zone)


def _as_of(now: datetime, zone: str | None) -> Card:
    minute = now.replace(second=0, microsecond=0)
    return kit.block(f"As of {exact(minute, zone)}", size="Small", isSubtle=True, spacing="Medium")


def _buttons(view: OnCallView) -> list[Card]:
    rows = [row for group in view.groups for row in group.rows]
    if not rows:
        return []
    about = {"words": view.words[:_WORDS_LIMIT], "schedule": rows[0].schedule.id if len(rows) == 1 else ""}
    return [kit.execute("Override", "oncall.override", about), kit.execute("Swap", "oncall.swap", about)]


# -- the buttons ------------------------------------------------------------------------------------------------------


def answer(turn: Turn, words: str, *, said: str = "") -> Reply:
    """Look words up and draw what they mean; no words mean everything. Raise Unknown for one that means nothing."""
    if not words:
        return _drawn(turn, oncall.everything(turn.store, turn.actor, turn.now), said)
    found = oncall.look_up(turn.store, words, turn.now)
    return answer_person(turn, found) if isinstance(found, Person) else _drawn(turn, found, said)


def answer_person(turn: Turn, person: Person) -> Reply:
    """Draw when a person is on call."""
    view = oncall.of_person(turn.store, person, turn.now)
    shown = person_card(view, turn.zone, mine=person.id == turn.actor.id)
    return Reply(text=spoken_person(view, turn.zone), card=shown)


def _drawn(turn: Turn, view: OnCallView, said: str) -> Reply:
    return Reply(text=said or spoken(view, turn.zone), card=oncall_card(view, turn.zone, said=said))


def words_in(data: Mapping[str, Any], name: str) -> str:
    """Read a word that a button of ours carries; anything else counts as empty."""
    value = data.get(name)
    return value[:_WORDS_LIMIT] if isinstance(value, str) else ""


def _view(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return answer(turn, words_in(data, "words"))


def _opening(form: str) -> Any:
    def run(turn: Turn, data: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - forms read the turn when they are drawn
        return OpenForm(
            name=form,
            values={"schedule": words_in(data, "schedule"), "words": words_in(data, "words"), "embedded": True},
        )

    return run


VERBS: Sequence[Verb] = (
    Verb(name="oncall.view", run=_view, kind="view"),
    Verb(name="oncall.override", run=_opening("override"), kind="view"),
    Verb(name="oncall.swap", run=_opening("swap"), kind="view"),
)
