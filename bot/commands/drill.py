"""`drill`: a harmless page, to see that it arrives and how long an answer takes."""

from bot.grammar import unquoted
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from domain.errors import Unknown
from domain.oncall import Schedule
from usecases import drills
from usecases.oncall_names import schedule_named


def run(turn: Turn, rest: str) -> Answer:
    """Page whoever is on call on a schedule; where it is unclear which one, the form asks."""
    wanted = unquoted(rest)
    wanted = wanted[len("schedule:") :].strip() if wanted.lower().startswith("schedule:") else wanted
    mine = [] if wanted else _mine(turn)
    if not wanted and len(mine) != 1:
        return OpenForm(name="drill", values={"schedule": mine[0].id if mine else ""})
    try:
        schedule = schedule_named(turn.store, wanted) if wanted else mine[0]
    except Unknown as unknown:
        return OpenForm(name="drill", problem=str(unknown))
    return Reply(text=drills.start(turn.store, turn.actor, schedule.id, turn.aside, turn.key, turn.now))


def _mine(turn: Turn) -> list[Schedule]:
    """List the schedules of the asker's teams."""
    handle = turn.actor.handle
    teams = [team for team in turn.store.catalog.teams() if handle and handle in (team.lead, *team.members)]
    return [schedule for team in teams for schedule in turn.store.schedules.of_team(team.id)]


COMMAND = Command(
    word="drill",
    usage="drill [schedule]",
    meaning="Page whoever is on call harmlessly, and report how long it took.",
    run=run,
    example="drill payments-primary",
)
