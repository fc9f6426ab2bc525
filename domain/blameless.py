"""Hints on wording that blames. Soft: nobody is stopped, nothing is counted, only the writer sees it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_THEN = "What did it look like at that moment?"
_SENSE = "What made this the sensible thing to do?"
_ELSE = "What else had to be true?"

_LISTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        _THEN,
        (
            "should have",
            "should’ve",
            "should not have",
            "could have",
            "would have",
            "if only",
            "failed to",
            "neglected",
            "hätte",
            "hätten",
            "versäumte",
            "versäumt hat",
        ),
    ),
    (
        _SENSE,
        (
            "human error",
            "careless",
            "carelessness",
            "mistake by",
            "fault of",
            "forgot",
            "forgotten",
            "to blame",
            "menschliches versagen",
            "nachlässig",
            "vergessen hat",
            "schuld an",
            "fehler von",
        ),
    ),
    (_ELSE, ("root cause", "obviously", "simply", "grundursache", "offensichtlich", "einfach nur")),
)
_QUESTION_OF = {phrase: question for question, phrases in _LISTS for phrase in phrases}
_PHRASE = re.compile(
    r"(?<!\w)(" + "|".join(re.escape(p) for p in sorted(_QUESTION_OF, key=len, reverse=True)) + r")(?!\w)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“[^”]*”|\"[^\"\n]*\"|„[^“\n]*“|^>.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Hint:
    """Words that close a question, and a question that opens it again."""

    words: str
    question: str


def hints(text: str) -> Sequence[Hint]:
    """Find them, each once, in the order of the text. What is quoted was said by somebody and stays as it was said."""
    own = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text.replace("'", "’") if "’" in text else text)
    found = dict.fromkeys(match[1].lower() for match in _PHRASE.finditer(own))
    return [Hint(words, _QUESTION_OF[words]) for words in found]
