"""Who and what exists: people and teams of the organisation under the ids that Teams would give them."""

import asyncio
import math
import time
from dataclasses import dataclass, field

from server.local_teams.ids import channel_thread_id, team_group_id, user_mri
from server.local_teams.values import ChannelInfo, Human, PeopleSource, TeamInfo, TeamsSource

_FRESH_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Team:
    """A team under its thread id, with its channels under theirs."""

    id: str
    name: str
    channels: tuple[ChannelInfo, ...]
    members: frozenset[str]

    @property
    def group_id(self) -> str:
        """The Entra group id (GUID)."""
        return team_group_id(self.id)


@dataclass(slots=True)
class _Snapshot:
    people: dict[str, Human] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    channels: dict[str, tuple[Team, ChannelInfo]] = field(default_factory=dict)


def _channel_id(team: TeamInfo, channel: ChannelInfo) -> str:
    own = channel_thread_id(channel.id)
    # Two teams may both call a channel "general": the team makes a made-up id unique.
    return own if own == channel.id else channel_thread_id(f"{team.id}/{channel.id}")


class Directory:
    """A picture of the organisation, at most half a second old: it may change while the server runs."""

    def __init__(self, people: PeopleSource, teams: TeamsSource, app_id: str) -> None:
        self._read_people = people
        self._read_teams = teams
        self._app_id = app_id
        self._now = _Snapshot()
        self._read_at = -math.inf
        self._reading = asyncio.Lock()

    async def refresh(self, *, now: bool = False) -> None:
        """Read people and teams again if the picture is old, or in any case."""
        async with self._reading:
            if now or time.monotonic() - self._read_at >= _FRESH_SECONDS:
                self._now = await self._read()
                self._read_at = time.monotonic()

    async def _read(self) -> _Snapshot:
        fresh = _Snapshot()
        for person in await self._read_people():
            fresh.people[person.object_id] = person
            for name in (person.object_id, person.handle, self.mri(person), f"8:orgid:{person.object_id}"):
                fresh.names[name.lower()] = person.object_id
        for told in await self._read_teams():
            self._take_team(fresh, told)
        return fresh

    @staticmethod
    def _take_team(fresh: _Snapshot, told: TeamInfo) -> None:
        channels = tuple(ChannelInfo(_channel_id(told, channel), channel.name) for channel in told.channels)
        team = Team(channel_thread_id(told.id), told.name, channels, told.member_object_ids & fresh.people.keys())
        fresh.teams[team.id] = team
        for channel in channels:
            fresh.channels[channel.id] = (team, channel)

    @property
    def people(self) -> list[Human]:
        """All people, in the order in which the organisation names them."""
        return list(self._now.people.values())

    @property
    def teams(self) -> list[Team]:
        """All teams."""
        return list(self._now.teams.values())

    def mri(self, person: Human) -> str:
        """Return the `29:` id under which the bot knows the person."""
        return user_mri(self._app_id, person.object_id)

    def person(self, reference: str) -> Human | None:
        """Find a person by handle, object id, `29:` id or `8:orgid:` id."""
        found = self._now.names.get(reference.lower())
        return self._now.people[found] if found else None

    def team(self, reference: str) -> Team | None:
        """Find a team by its thread id, or by the id the organisation gave it."""
        return self._now.teams.get(channel_thread_id(reference))

    def channel(self, thread_id: str) -> tuple[Team, ChannelInfo] | None:
        """Find a channel and its team by the channel's thread id."""
        return self._now.channels.get(thread_id)
