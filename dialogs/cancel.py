"""Leaving a form."""

from collections.abc import Mapping
from typing import Any

from bot.turn import Answer, Reply, Turn, Verb


def cancel(turn: Turn, data: Mapping[str, Any]) -> Answer:  # noqa: ARG001 - nothing is read, nothing changes
    """Close a form that is a message of its own."""
    return Reply(text="Cancelled.", closes=True)


VERBS = (Verb(name="form.cancel", run=cancel),)
