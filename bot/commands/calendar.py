"""`calendar`: the secret address of one's own shifts, of a schedule, or of a team's maintenance."""

from bot.turn import Answer, Command, Reply, Turn
from domain.conversation import ConversationKind
from usecases import calendars, letters

_MINE = ("", "me", "mine", "my")
_TEAM = "team:"


def run(turn: Turn, rest: str) -> Answer:
    """Tell the address in the 1:1 chat only: whoever has it can read the calendar."""
    words = rest.split()
    renew = bool(words) and words[-1].lower() == "new"
    wanted = " ".join(words[:-1] if renew else words).strip("\"'“”`")
    if wanted.lower() in _MINE:
        what, address = "your shifts", calendars.address_for_person(turn.store, turn.actor, turn.now, renew=renew)
    elif wanted.lower().startswith(_TEAM):
        team = wanted[len(_TEAM) :].strip()
        what, address = (
            f"the maintenance of {team}",
            calendars.address_for_team(turn.store, team, turn.now, renew=renew),
        )
    else:
        wanted = wanted.removeprefix("schedule:")
        what, address = wanted, calendars.address_for_schedule(turn.store, wanted, turn.now, renew=renew)
    ended = " The earlier address has ended." if renew else ""
    said = (
        f"The calendar of {what}: {address} .{ended} Subscribe to it in your calendar program. "
        "Whoever has this address can read it; write `calendar new` with the same words to get another one."
    )
    if turn.place.kind is ConversationKind.PERSONAL or turn.private:
        return Reply(text=said)
    told = letters.say_to_person(turn.store, turn.actor, said, key=f"calendar:{turn.key}")
    return Reply(text="I sent you the address in our chat." if told else "Ask me this in our 1:1 chat: it is secret.")


COMMAND = Command(
    word="calendar",
    usage="calendar [me|<schedule>|team:<id>] [new]",
    meaning="Get a private address of your shifts, a schedule, or a team's maintenance, for your calendar program.",
    run=run,
)
