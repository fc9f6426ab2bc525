"""Local Teams: the built-in emulator of Microsoft Teams, with a web page to act as the people of the organisation."""

from server.local_teams.emulator import LocalTeams
from server.local_teams.values import (
    LOCAL_TENANT_ID,
    ChannelInfo,
    CommandHint,
    Human,
    MessageAction,
    Patience,
    TeamInfo,
)

__all__ = [
    "LOCAL_TENANT_ID",
    "ChannelInfo",
    "CommandHint",
    "Human",
    "LocalTeams",
    "MessageAction",
    "Patience",
    "TeamInfo",
]
