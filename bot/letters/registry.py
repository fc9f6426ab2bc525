"""All letters, by name. A new kind of message is one line here; a duplicate fails at start."""

from bot.letters import (
    action,
    approval,
    care,
    change,
    digest,
    handoff,
    maintenance,
    override,
    page,
    problem,
    review,
    sentence,
    shift_news,
    swap,
    update,
)
from bot.letters.letter import Letter

LETTERS: tuple[Letter, ...] = (
    sentence.LETTER,
    page.LETTER,
    action.LETTER,
    review.LETTER,
    problem.LETTER,
    digest.LETTER,
    approval.LETTER,
    *care.LETTERS,
    *handoff.LETTERS,
    *maintenance.LETTERS,
    *override.LETTERS,
    shift_news.LETTER,
    swap.LETTER,
    change.LETTER,
    *update.LETTERS,
)
