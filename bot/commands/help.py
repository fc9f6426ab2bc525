"""`help`: what can be done here."""

from bot.cards.help import help_card
from bot.turn import Answer, Command, Reply, Turn


def run(turn: Turn, rest: str) -> Answer:  # noqa: ARG001 - help takes no words
    """Show every command with buttons for the usual first steps."""
    return Reply(text="What I can do", card=help_card(turn.commands.values()))


COMMAND = Command(word="help", usage="help", meaning="What can be done here.", run=run, aliases=("hi", "hello", "?"))
