"""Earlier incidents that look like this one: which, why, and what fixed them."""

from bot.cards import kit
from bot.turn import Card
from usecases.similar.views import Likely
from usecases.views import IncidentView

_FIX_SHOWN = 200  # characters of what fixed it; the incident has it all


def alike_lines(view: IncidentView) -> list[Card]:
    """Draw them, nothing where there is none."""
    if not view.alike:
        return []
    head = "Seen before" if any(one.same_kind for one in view.alike) else "Looks like"
    return [
        kit.container(
            [kit.block(f"↻ **{head}**", size="Small"), *(_line(view, one) for one in view.alike)],
            style="emphasis",
            spacing="Medium",
        )
    ]


def _line(view: IncidentView, one: Likely) -> Card:
    incident = one.incident
    ago = kit.span((view.now - incident.declared_at).total_seconds())
    ended = "It is still open."
    if not incident.is_open:
        fixed = kit.plain(kit.shortened(incident.summary, _FIX_SHOWN))
        ended = f"What ended it: {fixed}" if fixed else "Nobody wrote down what ended it."
    why = f": {kit.plain(one.why)}" if one.why else ""
    return kit.block(f"**{incident.ref}** {kit.plain(incident.title)}, {ago} ago{why}. {ended}", size="Small")
