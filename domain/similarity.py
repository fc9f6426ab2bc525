"""When incidents are alike, and how that is said."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.metrics import kind_words

AGAIN_WITHIN = timedelta(days=90)
"""So far back an incident of the same kind counts as the same trouble (incident practice, section 7)."""
PROBLEM_FROM = 3
"""The how-manieth incident of a kind opens a problem."""
SHOWN = 3
"""Similar incidents on a card; ours: what fits a phone beside the rest."""
_ENOUGH = 0.5
"""Of the words of two titles so many are the same when they say the same; ours."""
_WORD = re.compile(r"[^\W_]{2,40}")
_ENDINGS = ("ing", "ed", "s")
_SHORTEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of an incident by which it is compared."""

    id: int
    title: str
    text: str
    """What was said about it."""
    services: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Why an incident looks like another one."""

    other: int
    services: tuple[str, ...]
    """Services of both."""
    words: tuple[str, ...]
    """Words of both, as they stand in the newer one, the rarest first."""
    same_kind: bool
    """It is the same trouble on the same service."""


def terms(text: str) -> Sequence[str]:
    """Cut a text into the words it is looked up by, each once, in their order."""
    return list(dict.fromkeys(word.lower() for word in _WORD.findall(text)))


def stem(word: str) -> str:
    """Take off the commonest endings, so that "queues" and "queue", "expired" and "expires" count as one word."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word[: -len(ending)]
            break
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST else word


def stems(text: str) -> frozenset[str]:
    """Give the words of a text by which they are counted."""
    return frozenset(stem(word) for word in terms(text))


def same_trouble(new: Told, old: Told) -> bool:
    """Tell whether two are of one kind: a service in common, and titles that say the same."""
    if not set(new.services) & set(old.services):
        return False
    if kind_words(new.title) == kind_words(old.title):
        return True
    ours, theirs = ({stem(word) for word in kind_words(told.title).split()} for told in (new, old))
    return bool(ours | theirs) and len(ours & theirs) / len(ours | theirs) >= _ENOUGH


def likeness(new: Told, old: Told, rare: Sequence[str]) -> Likeness | None:
    """Compare two; `rare` are the words of the newer one that tell something, the rarest first.

    None where nothing but chance connects them: neither a service with a word nor two words in common.
    """
    theirs = stems(f"{old.title} {old.text}")
    words = tuple(word for word in rare if stem(word) in theirs)
    services = tuple(service for service in new.services if service in old.services)
    same_kind = same_trouble(new, old)
    if not same_kind and len(words) + bool(services) < 2:  # noqa: PLR2004 - two reasons
        return None
    return Likeness(other=old.id, services=services, words=words, same_kind=same_kind)


def chosen_terms(wanted: Sequence[str], frequency: Mapping[str, int], total: int, *, most: int) -> Sequence[str]:
    """Choose the words to look up, the rarest first: those that nearly everybody uses say nothing."""
    common = max(total // 5, 5)
    known = [word for word in wanted if 0 < frequency.get(word, 0) <= common]
    return sorted(known, key=lambda word: (frequency[word], word))[:most]


def affordable(chosen: Collection[str], frequency: Mapping[str, int], budget: int) -> Sequence[str]:
    """Choose those words whose incidents can all be looked at: as many as `budget` allows, the rarest first."""
    found: list[str] = []
    left = budget
    for word in chosen:
        if frequency[word] > left:
            break
        left -= frequency[word]
        found.append(word)
    return found
