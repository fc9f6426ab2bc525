"""What people made by command, and what is left of it when the organisation file is imported again."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.catalog import Team
from domain.oncall import Override, Schedule
from domain.organisation import Organisation
from storage.person import folded
from storage.schedule import with_made
from usecases.oncall_ports import MadeOverride


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What people made by command, as it stands before an import."""

    channels: Mapping[str, str]
    """Channels of teams by folded team id."""
    overrides: Sequence[MadeOverride]
    """In the order in which they were made."""
    said: Mapping[str, Sequence[Override]]
    """What the file has said so far, by folded schedule id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlived:
    """An organisation file and what outlives its import."""

    organisation: Organisation
    """As it is stored: the file's, without overrides that stay people's own, with channels that teams keep."""
    channels: Collection[str]
    """Folded ids of teams whose channel is still there by command."""
    overrides: Mapping[str, Sequence[MadeOverride]]
    """What stays people's own, by schedule id as the file writes it."""
    taken_over: Collection[int]
    """Ids of overrides that are the file's from now on."""

    @property
    def effective(self) -> Organisation:
        """What holds then: the file's overrides, then people's own."""
        schedules = (with_made(said, self.overrides.get(said.id, ())) for said in self.organisation.schedules)
        return replace(self.organisation, schedules=tuple(schedules))


def outlive(organisation: Organisation, made: Made, handles: Mapping[str, str]) -> Outlived:
    """Tell what holds once this organisation has been imported.

    `handles` names the people who are known already and stay listed: handles of the file by the folded ones they had.
    A channel set by command stays until the file names another one. An override stays as long as its schedule and its
    person; where the file has taken it over, and has put others behind it, it is the file's from then on.
    """
    kept: dict[str, Sequence[MadeOverride]] = {}
    taken_over: set[int] = set()
    schedules: list[Schedule] = []
    own: defaultdict[str, list[MadeOverride]] = defaultdict(list)
    for one in made.overrides:
        own[folded(one.schedule)].append(one)
    for said in organisation.schedules:
        key = folded(said.id)
        named = (_as_named(one, said.id, handles) for one in own.get(key, ()))
        mine = [one for one in named if one is not None]
        divided, kept[said.id] = _divide(said, made.said.get(key, ()), mine)
        schedules.append(divided)
        taken_over |= {one.id for one in mine} - {one.id for one in kept[said.id]}
    teams = tuple(_with_channel(team, made.channels) for team in organisation.teams)
    by_command = {
        folded(team.id) for team in teams if team.channel and team.channel == made.channels.get(folded(team.id))
    }
    stored = replace(organisation, teams=teams, schedules=tuple(schedules))
    return Outlived(organisation=stored, channels=by_command, overrides=kept, taken_over=taken_over)


def _with_channel(team: Team, channels: Mapping[str, str]) -> Team:
    return team if team.channel is not None else replace(team, channel=channels.get(folded(team.id)))


def _as_named(one: MadeOverride, schedule_id: str, handles: Mapping[str, str]) -> MadeOverride | None:
    handle = handles.get(folded(one.override.person))
    return None if handle is None else replace(one, schedule=schedule_id, override=replace(one.override, person=handle))


def _divide(
    said: Schedule, before: Sequence[Override], made: Sequence[MadeOverride]
) -> tuple[Schedule, Sequence[MadeOverride]]:
    """Tell apart what the file says from what an export has put into it.

    What stands at the end of the file just as people made it stays their own: they can still take it back.
    """
    overrides, earlier = list(said.overrides), list(made)
    stays: list[MadeOverride] = []

    def is_new(override: Override) -> bool:
        return overrides.count(override) > before.count(override)

    while overrides and earlier and overrides[-1] == earlier[-1].override and is_new(overrides[-1]):
        overrides.pop()
        stays.insert(0, earlier.pop())
    stays = [*(one for one in earlier if not is_new(one.override)), *stays]
    return replace(said, overrides=tuple(overrides)), stays
