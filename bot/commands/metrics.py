"""`metrics`: how long things take, how often they come again."""

import re
from datetime import timedelta

from bot.cards.metrics import metrics_card, spoken
from bot.grammar import unquoted
from bot.turn import Answer, Command, Reply, Turn
from domain.errors import Refused, Unknown
from usecases.metrics import figures
from usecases.oncall_names import nearest

_TEAM = re.compile(r"(?:^|(?<=\s))team:(\S+)", re.IGNORECASE)
_DAYS = re.compile(r"(?:last\s+)?([1-9]\d{0,2})\s*(?:d|days?)?", re.IGNORECASE | re.ASCII)
_DEFAULT, _MOST = 30, 400


def run(turn: Turn, rest: str) -> Answer:
    """Show the figures of the last days, of all or of a team."""
    named, left = _TEAM.search(rest), " ".join(_TEAM.sub(" ", rest).split())
    team = turn.store.catalog.team(unquoted(named[1].strip(",;"))) if named else None
    if named and team is None:
        raise Unknown(nearest(turn.store, named[1], "team"))
    days = _DAYS.fullmatch(left)
    if left and (days is None or int(days[1]) > _MOST):
        raise Refused(
            f"“{left[:40]}” is no number of days up to {_MOST}: write `metrics 90 days`, or `metrics team:<id>`."
        )
    since = turn.now - timedelta(days=int(days[1]) if days else _DEFAULT)
    found = figures(turn.store, since, turn.now, team)
    card = metrics_card(found, turn.store.organisations.settings().targets, turn.zone)
    return Reply(text=spoken(found), card=card)


COMMAND = Command(
    word="metrics",
    usage="metrics [team:<id>] [<n> days]",
    meaning="Show how long incidents take and how often they come again.",
    run=run,
    example="metrics 90 days",
)
