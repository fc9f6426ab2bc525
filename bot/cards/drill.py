"""The card of a drill: a page about nothing, and how long it took."""

from bot.cards import kit
from bot.turn import Card
from domain.people import Person
from usecases.page_view import DrillView


def drill_card(view: DrillView, reader: Person | None, *, said: str | None = None) -> Card:
    """Draw the page of a drill in the time zone of one reader."""
    zone = reader.time_zone if reader else None
    state = "please answer" if view.wanted else "over"
    title = kit.block("This is only a drill", size="Large", weight="Bolder", style="heading", spacing="Small")
    band = [kit.block(f"○ Drill  ·  {state}", weight="Bolder", size="Small"), title]
    asked = f"{view.asked_by} asked for it at {kit.moment(view.drill.started_at, zone, view.now)}."
    body = [
        *([kit.notice(said)] if said else []),
        kit.container(band, style="accent" if view.wanted else "good", bleed=True),
        kit.block(f"Nothing is broken. {kit.plain(asked)}", spacing="Medium"),
        kit.block(kit.plain(_told(view))),
    ]
    data = {"page": view.page.id, "drawn_at": view.now.isoformat()}
    actions = [kit.execute("Acknowledge", "page.ack", data, style="positive")] if view.wanted else []
    return kit.card(body, speak=f"{drill_summary(view)} {_told(view)}", actions=actions, wide=True)


def drill_summary(view: DrillView) -> str:
    """Say it as a notification shows it."""
    return f"DRILL {view.drill.schedule}: nothing is broken, " + ("please answer." if view.wanted else "it is over.")


def _told(view: DrillView) -> str:
    if view.page.acknowledged_at is not None:
        took = kit.span((view.page.acknowledged_at - view.drill.started_at).total_seconds())
        return f"Answered after {took}. Thank you."
    if not view.wanted:
        return "The drill has ended; no answer is needed any more."
    return (
        f"You are on call for {view.drill.schedule}. Press Acknowledge as if it were a real page: "
        f"{view.asked_by} learns how long it took."
    )
