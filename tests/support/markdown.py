"""A small, suspicious reader of the markdown Teams draws in a TextBlock: what a reader sees, and what came alive.

Written from the rules (CommonMark's escapes, entities and flanking; Teams' bold, italic, lists, links and mentions), not
from our own escaping. Where clients differ, it takes the side of the one that draws more.
"""

import html
import re
from dataclasses import dataclass, field

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});")
_PUNCTUATION = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_BLOCKS = {
    "list": re.compile(r"\s*(?:[-+*]|\d{1,9}[.)])(?:\s|$)"),
    "heading": re.compile(r"\s{0,3}#{1,6}(?:\s|$)"),
    "quote": re.compile(r"\s*>"),
    "fence": re.compile(r"\s*```"),
}


@dataclass
class Seen:
    """What stands on the screen, and the names of everything that is more than text."""

    text: str
    alive: list[str] = field(default_factory=list[str])


def read(markdown: str) -> Seen:
    """Read a TextBlock's text."""
    seen = Seen("")
    for piece in re.split(r"(\r\n|\r|\n)", markdown):
        if piece in {"\r\n", "\r", "\n"}:
            seen.text += piece
            continue
        seen.alive += [name for name, pattern in _BLOCKS.items() if pattern.match(piece)]
        _inline(piece, seen)
    return seen


def _inline(line: str, seen: Seen) -> None:
    at = 0
    while at < len(line):
        char, following = line[at], line[at + 1 : at + 2]
        if char == "\\" and following in _PUNCTUATION and following:
            seen.text += following
            at += 2
            continue
        entity = _ENTITY.match(line, at) if char == "&" else None
        if entity:
            seen.text += html.unescape(entity[0])
            at = entity.end()
            continue
        seen.alive += _alive(line, at)
        seen.text += char
        at += 1


def _alive(line: str, at: int) -> list[str]:
    char, before, after = line[at], line[at - 1 : at] if at else "", line[at + 1 : at + 2]
    if char == "`":
        return ["code"]
    if char == "<" and (after.isalpha() or after in {"/", "!", "?"}):
        return ["tag"]
    if char == "[" and "](" in _bare(line[at:]):
        return ["link"]
    if char == "*" and (before.strip() or after.strip()):
        return ["emphasis"]
    if char == "_" and (before.strip() or after.strip()) and not (before.isalnum() and after.isalnum()):
        return ["emphasis"]
    return []


def _bare(line: str) -> str:
    """Take the escaped characters out."""
    return re.sub(r"\\.", "", line)
