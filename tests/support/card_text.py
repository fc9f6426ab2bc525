"""What somebody reads on a card."""

from typing import Any

from bot.turn import Card


def titles(card: Card) -> list[str]:
    """Name the buttons."""
    return [a["title"] for a in card.get("actions", ())]


def texts(value: Any) -> str:
    """Join everything a reader sees."""
    if isinstance(value, dict):
        own = [str(value[k]) for k in ("text", "title", "value") if isinstance(value.get(k), str)]
        return "\n".join([*own, *(texts(v) for k, v in value.items() if k != "data")])
    return "\n".join(map(texts, value)) if isinstance(value, list) else ""


def fact(card: Card, name: str) -> str | None:
    """Read the value of one line of the facts; None where there is none."""
    pairs = [f for b in card["body"] if b["type"] == "FactSet" for f in b["facts"]]
    return next((f["value"] for f in pairs if f["title"] == name), None)
