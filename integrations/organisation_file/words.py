"""What single values of the organisation file may look like; each raises ValueError with a sentence."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from domain.people import MAX_HANDLE
from domain.references import nearest
from domain.update import PLACEHOLDERS, UPDATE_LIMIT, unknown_placeholder
from domain.zones import parse_moment, time_zones
from integrations.calendars.addresses import objection

MAX_LABEL = 200
MAX_ADDRESS = 2000
_HANDLE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_HANDLE - 1}}}", re.ASCII)
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,3})?", re.ASCII)
_OFFSET = re.compile(r"(?:[Zz]|[+-]\d{2}:\d{2})\Z", re.ASCII)
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")

Choice = TypeVar("Choice", bound=StrEnum)


def handle(text: str) -> str:
    """Read an id: letters, digits, dots, hyphens and underscores, at most 64."""
    if not _HANDLE.fullmatch(text):
        raise ValueError(
            f'"{text[:80]}" cannot be an id: use up to {MAX_HANDLE} letters a-z, digits, ".", "-" and "_", '
            "beginning with a letter or digit."
        )
    return text


def label(text: str) -> str:
    """Read a name: one line with something to see in it, at most 200 characters."""
    if len(text) > MAX_LABEL:
        raise ValueError(f'"{text[:40]}…" is longer than {MAX_LABEL} characters: shorten it.')
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in text):
        raise ValueError("This text holds a line break or a control character: write it on one line without them.")
    if all(unicodedata.category(letter) in {"Zs", "Cf"} for letter in text):
        raise ValueError("This text has nothing to see in it: write a name.")
    return text


def template(text: str) -> str:
    """Read a text with placeholders such as {title}: it may have several lines."""
    if not text.strip() or len(text) > UPDATE_LIMIT:
        raise ValueError(f"A template has something to say, in at most {UPDATE_LIMIT} characters.")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\n\t" for letter in text):
        raise ValueError("This text holds a control character: write it without.")
    unknown = unknown_placeholder(text)
    if unknown is not None:
        known = ", ".join(f"{{{word}}}" for word in PLACEHOLDERS)
        raise ValueError(f'"{{{unknown}}}" is not known in a template: write one of {known}.')
    return text


def object_id(text: str) -> str:
    """Read a Microsoft Entra object id, given back in lower case."""
    if not _GUID.fullmatch(text.lower()):
        raise ValueError(
            f'"{text[:80]}" is not an Entra object id: copy it from the user\'s page, 8-4-4-4-12 hex digits.'
        )
    return text.lower()


def email(text: str) -> str:
    """Read an e-mail address; only its shape is checked."""
    if not _EMAIL.fullmatch(label(text)):
        raise ValueError(f'"{text[:80]}" is not an e-mail address: write it like ada@example.org.')
    return text


def time_zone(text: str) -> str:
    """Read the IANA name of a time zone."""
    if text not in time_zones():
        meant = nearest(text, time_zones())
        advice = f'did you mean "{meant}"?' if meant else "write an IANA name, such as Europe/London."
        raise ValueError(f'"{text[:80]}" is not a time zone: {advice}')
    return text


def channel(text: str) -> str:
    """Read a Teams conversation id."""
    if len(text) > MAX_ADDRESS or any(letter.isspace() for letter in label(text[:MAX_LABEL])):
        raise ValueError(f'"{text[:40]}" is not a channel: copy its id, such as "19:abc@thread.tacv2".')
    return text


def web_address(text: str) -> str:
    """Read an http or https address."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable or len(text) > MAX_ADDRESS or any(letter.isspace() or not letter.isprintable() for letter in text):
        raise ValueError(
            f'"{text[:80]}" is not a web address: write it in full, such as https://wiki.example.org/page.'
        )
    return text


def calendar_address(text: str) -> str:
    """Read the address of a calendar: one that is read, or on this machine, which is read in development."""
    wrong = objection(web_address(text), loopback=True)
    if wrong is not None:
        raise ValueError(f"{wrong.removesuffix('.')}: write the public https address of the calendar.")
    return text


def moment(text: str) -> datetime:
    """Read a moment with its offset as UTC: what holds for everybody has no zone to read a wall clock in."""
    found = parse_moment(text, "UTC")
    if not _OFFSET.search(text):
        raise ValueError(f'"{text}" has no offset: write {text}Z for UTC, or an offset like {text}+01:00.')
    return found


def flag(text: str) -> bool:
    """Read true or false."""
    if text.lower() not in (*_TRUE, *_FALSE):
        raise ValueError(f'"{text[:40]}" is neither true nor false: write one of them.')
    return text.lower() in _TRUE


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Make a reader of whole numbers in a range, both ends included."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,6}", text, re.ASCII) or not low <= int(text) <= high:
            raise ValueError(f'"{text[:40]}" does not fit: write a whole number from {low} to {high}.')
        return int(text)

    return read


def number(low: float, high: float) -> Callable[[str], float]:
    """Make a reader of numbers in a range, both ends included, with at most three decimals."""

    def read(text: str) -> float:
        if not _NUMBER.fullmatch(text) or not low <= float(text) <= high:
            raise ValueError(f'"{text[:40]}" does not fit: write a number from {low:g} to {high:g}.')
        value = float(text)
        return int(value) if value.is_integer() else value

    return read


def choice(kind: type[Choice]) -> Callable[[str], Choice]:
    """Make a reader of one of the words of an enumeration."""

    def read(text: str) -> Choice:
        words = [str(word) for word in kind]
        if text not in words:
            raise ValueError(f'"{text[:40]}" is not possible here: write {", ".join(words[:-1])} or {words[-1]}.')
        return kind(text)

    return read
