"""Putting together what two people made of the same text."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Lines = Sequence[str]


def merged(base: str, theirs: str, mine: str) -> str:
    """Merge by lines: what only one of the two changed is taken from them; where both did, theirs stands before mine.

    No line that either of them wrote is lost.
    """
    old, left, right = base.split("\n"), theirs.split("\n"), mine.split("\n")
    found: list[str] = []
    at_old = at_left = at_right = 0
    for in_old, in_left, in_right, size in _kept(old, left, right):
        found += _settled(old[at_old:in_old], left[at_left:in_left], right[at_right:in_right])
        found += old[in_old : in_old + size]
        at_old, at_left, at_right = in_old + size, in_left + size, in_right + size
    return "\n".join(found)


def _settled(old: Lines, left: Lines, right: Lines) -> Lines:
    if list(right) in (list(old), list(left)):
        return left
    return right if list(left) == list(old) else [*left, *right]


def _kept(old: Lines, left: Lines, right: Lines) -> Iterator[tuple[int, int, int, int]]:
    """Give the stretches that both have left alone: where they begin in all three, and how long they are."""
    ours = SequenceMatcher(None, old, left, autojunk=False).get_matching_blocks()
    others = SequenceMatcher(None, old, right, autojunk=False).get_matching_blocks()
    here = there = 0
    while here < len(ours) and there < len(others):
        a, b = ours[here], others[there]
        begins, ends = max(a.a, b.a), min(a.a + a.size, b.a + b.size)
        if begins < ends:
            yield begins, a.b + begins - a.a, b.b + begins - b.a, ends - begins
        if a.a + a.size < b.a + b.size:
            here += 1
        else:
            there += 1
    yield len(old), len(left), len(right), 0
