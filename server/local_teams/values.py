"""What Local Teams is told about the organisation, and the constants of its one tenant."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

LOCAL_TENANT_ID = "10ca1000-7ea5-4000-8000-000000000001"
GUEST_TENANT_ID = "10ca1000-7ea5-4000-8000-0000000000ff"

SEND_WINDOWS = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
"""Teams' windows (messages, seconds) for sending, per bot and thread. Source: Microsoft, "Rate limit your bot"."""

ROSTER_WINDOWS = ((14, 1.0), (16, 2.0), (120, 30.0), (3600, 3600.0))
"""Teams' windows (requests, seconds) for reading members, per bot and thread. Source: the same page."""


@dataclass(frozen=True, slots=True)
class Human:
    """A person somebody can act as. `object_id` is the Entra object id, `time_zone` an IANA name.

    A guest's activities carry another tenant id (`GUEST_TENANT_ID`), as in Teams.
    """

    object_id: str
    name: str
    handle: str
    email: str
    time_zone: str = "UTC"
    locale: str = "en-US"
    guest: bool = False


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel. An `id` that is not a Teams thread id (`19:…`) is turned into a stable one."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class TeamInfo:
    """A team with its channels. `id` follows the rule of `ChannelInfo.id`. The first channel is the general one."""

    id: str
    name: str
    channels: tuple[ChannelInfo, ...]
    member_object_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class MessageAction:
    """A message extension action the bot declares. `contexts`: `message` (the "…" menu) or `compose`."""

    id: str
    title: str
    contexts: tuple[str, ...] = ("message",)


@dataclass(frozen=True, slots=True)
class CommandHint:
    """A command of the bot, offered in the `@` and `/` menus. The title is what gets typed."""

    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the emulator waits for the bot, in seconds, and when it delivers again.

    Teams gives up on messages and card actions after about 15 s, on message extensions after 5 s, and delivers a
    message again up to three times. Source: MicrosoftDocs/msteams-docs issues 6084 and 4592.
    """

    message: float = 15.0
    invoke: float = 15.0
    extension: float = 5.0
    redelivery: tuple[float, ...] = (2.0, 5.0, 10.0)


PeopleSource = Callable[[], Awaitable[list[Human]]]
TeamsSource = Callable[[], Awaitable[list[TeamInfo]]]
