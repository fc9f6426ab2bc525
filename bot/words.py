"""What somebody wrote to the bot, as plain words: our own mention and Teams' markup are gone, nothing else is."""

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.transport.inbound import MentionEntity

# Neither pattern can look at a character twice: each part ends at the first "<" or ">".
_AT = re.compile(r"<at(?:\s[^<>]*)?>([^<]*)</at>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br\s?/?|/?p)>", re.IGNORECASE)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Joiners (U+200C, U+200D) and direction marks stay: emoji and right-to-left names are made of them.
_INVISIBLE = dict.fromkeys(map(ord, "\u00a0\u200b\u2060\ufeff"), " ")
_BLANK = " \t\r\n\u00a0\u200b\u2060\ufeff"
_LEADING = re.compile(f"(?:[{_BLANK}]|&nbsp;)*", re.IGNORECASE)
_COMMAND = "incident"


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody mentioned in a text, where it says "@" + `name`."""

    name: str
    id: str
    """The 29: id."""
    object_id: str | None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text for the command parser, and the people it mentions in order."""

    text: str
    mentions: tuple[Mention, ...]


def clean(text: str, *, bot_id: str, bot_name: str, mentions: Sequence[MentionEntity] = ()) -> Cleaned:
    """Return the words addressed to the bot. Total and linear: every text has an answer.

    Lines stay lines (notes have several); a line break is blank space like any other between words.
    """
    rest = _without_own(_unwrapped(text), bot_id, bot_name, mentions)
    named, people = _with_names(rest, bot_id, mentions)
    # Only now: escaped text such as &lt;at&gt; must never be read as a mention.
    return Cleaned(_without_command(_plain(named)), people)


def _unwrapped(text: str) -> str:
    """Turn Teams' paragraphs into lines, only where the whole text is wrapped: a typed <br> is somebody's text."""
    bare = text.strip(_BLANK)
    if bare[:3].lower() == "<p>" and bare[-4:].lower() == "</p>":
        return _BREAK.sub("\n", bare)
    return text


def _without_own(text: str, bot_id: str, bot_name: str, mentions: Sequence[MentionEntity]) -> str:
    """Remove the bot's own mention once and at the start only: elsewhere its name is a word like any other."""
    bare = _LEADING.sub("", text, count=1)
    for mention in mentions:
        if bot_id and mention.id == bot_id and mention.text and bare.startswith(mention.text):
            return bare[len(mention.text) :]
    first = _AT.match(bare)
    if first and bot_name and _plain(first[1]).casefold() == _plain(bot_name).casefold():
        return bare[first.end() :]
    return text


def _with_names(text: str, bot_id: str, mentions: Sequence[MentionEntity]) -> tuple[str, tuple[Mention, ...]]:
    """Turn each <at>Name</at> into @Name; who it is comes from the entities, in their order."""
    waiting: dict[str, list[MentionEntity]] = {}
    for mention in reversed(mentions):
        waiting.setdefault(mention.text or f"<at>{mention.name}</at>", []).append(mention)
    people: list[Mention] = []

    def name_of(found: re.Match[str]) -> str:
        name = " ".join(_plain(found[1]).split())
        listed = waiting.get(found[0])
        who = listed.pop() if listed else None
        if name and who and who.id and who.id != bot_id:
            people.append(Mention(name, who.id, who.object_id))
        return f"@{html.escape(name, quote=False)}" if name else ""

    return _AT.sub(name_of, text), tuple(people)


def _plain(text: str) -> str:
    try:
        unescaped = html.unescape(text)
    except ValueError:  # "&#" with more digits than Python turns into a number
        unescaped = text
    return unicodedata.normalize("NFKC", _LINE_ENDS.sub("\n", unescaped)).translate(_INVISIBLE).strip()


def _without_command(text: str) -> str:
    """Drop one leading "/" and one leading "incident": slash menus insert them, people type them."""
    rest = text[1:].lstrip() if text.startswith("/") else text
    head, after = rest[: len(_COMMAND)], rest[len(_COMMAND) :]
    if head.lower() == _COMMAND and (not after or after[0].isspace()):
        return after.strip()
    return rest
