"""`here`: this channel is a team's channel."""

from bot.grammar import unquoted
from bot.turn import Answer, Command, Reply, Turn
from domain.conversation import ConversationKind
from domain.errors import Refused, Unknown
from usecases import digests
from usecases.oncall_names import nearest


def run(turn: Turn, rest: str) -> Answer:
    """Make this channel the team's: last resorts, reminders and digests are posted here."""
    wanted = unquoted(rest)
    wanted = wanted[len("team:") :].strip() if wanted.lower().startswith("team:") else wanted
    if not wanted:
        teams = ", ".join(f"`here team:{team.id}`" for team in turn.store.catalog.teams()[:10])
        raise Refused(f"Say which team this channel belongs to: {teams or '`here team:<id>`'}.")
    team = turn.store.catalog.team(wanted)
    if team is None:
        raise Unknown(nearest(turn.store, wanted, "team"))
    if turn.place.kind is not ConversationKind.CHANNEL:
        raise Refused(f"This is a chat, and {team.name} needs a channel: write `here team:{team.id}` in the channel.")
    if team.channel == turn.place.base_id:
        return Reply(text=f"This is the channel of {team.name} already.")
    turn.store.catalog.set_channel(team.id, turn.place.base_id)
    digests.plan_all(turn.store, turn.now)
    before = " It was another one before." if team.channel else ""
    return Reply(text=f"This is the channel of {team.name} from now on.{before}")


COMMAND = Command(
    word="here",
    usage="here team:<id>",
    meaning="Make this channel the team's channel.",
    run=run,
    example="here team:payments",
)
