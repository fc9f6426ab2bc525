"""Teams and services."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, true, update

from domain.catalog import Service, Side, Team
from domain.oncall import parse_weekly_window
from storage.person import folded
from storage.tables import person, service, team, team_member

_SERVICES = select(service).order_by(service.c.name, service.c.id)
_SERVICE = select(service).where(service.c.id_key == bindparam("wanted"))
_TEAMS = (
    select(team, person.c.handle.label("lead"))
    .outerjoin(person, person.c.id == team.c.lead_id)
    .order_by(team.c.name, team.c.id)
)
_TEAM = (
    select(team, person.c.handle.label("lead"))
    .outerjoin(person, person.c.id == team.c.lead_id)
    .where(team.c.id_key == bindparam("wanted"))
)
_SET_CHANNEL = (
    update(team)
    .where(team.c.id_key == bindparam("wanted"))
    .values(channel=bindparam("new_channel"), channel_by_command=true())
)
_BY_COMMAND = select(team.c.id_key, team.c.channel).where(team.c.channel_by_command.is_(true()))
_MEMBERS = select(team_member.c.team_id, person.c.handle).join(person, person.c.id == team_member.c.person_id)
_MEMBERS_HERE = _MEMBERS.where(team_member.c.team_id == bindparam("here"))


_IMPORTS = 5
"""One after the other that a change may have to wait for; ours: more than anybody starts at once."""


class SqlCatalog:
    """Implements usecases.ports.Catalog."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def services(self) -> Sequence[Service]:
        """List all, by name."""
        return [_service(row) for row in self._connection.execute(_SERVICES)]

    def service(self, service_id: str) -> Service | None:
        """Find one by id, in any case."""
        row = self._connection.execute(_SERVICE, {"wanted": folded(service_id)}).one_or_none()
        return None if row is None else _service(row)

    def teams(self) -> Sequence[Team]:
        """List all, by name."""
        members: dict[str, list[str]] = {}
        for row in self._connection.execute(_MEMBERS):
            members.setdefault(row.team_id, []).append(row.handle)
        return [_team(row, sorted(members.get(row.id, ()))) for row in self._connection.execute(_TEAMS)]

    def team(self, team_id: str) -> Team | None:
        """Find one by id, in any case."""
        row = self._connection.execute(_TEAM, {"wanted": folded(team_id)}).one_or_none()
        if row is None:
            return None
        members = self._connection.execute(_MEMBERS_HERE, {"here": row.id})
        return _team(row, sorted(member.handle for member in members))

    def set_channel(self, team_id: str, channel: str) -> None:
        """Make a channel the team's, until the organisation file names another one."""
        values = {"wanted": folded(team_id), "new_channel": channel}
        for _ in range(_IMPORTS + 1):
            # Whoever waited for an import finds the row gone that it has written anew, and may wait for the next one.
            if self._connection.execute(_SET_CHANNEL, values).rowcount:
                return

    def channels_by_command(self) -> Mapping[str, str]:
        """Tell which channels teams have by command, by the teams' folded ids."""
        return {row.id_key: row.channel for row in self._connection.execute(_BY_COMMAND)}


def service_values(service: Service) -> Mapping[str, Any]:
    """Give the row of a service."""
    return {
        "id": service.id,
        "id_key": folded(service.id),
        "name": service.name,
        "owner": service.owner,
        "operations": service.operations,
        "tier": service.tier,
        "escalation_policy": service.escalation_policy,
        "runbooks": list(service.runbooks),
        "severity_policies": {str(level): name for level, name in service.severity_policies.items()},
    }


def team_values(team: Team, ids: Mapping[str, int], *, channel_by_command: bool) -> Mapping[str, Any]:
    """Give the row of a team; `ids` are people's ids by folded handle."""
    return {
        "id": team.id,
        "id_key": folded(team.id),
        "name": team.name,
        "side": team.side,
        "lead_id": ids[folded(team.lead)] if team.lead else None,
        "channel": team.channel,
        "channel_by_command": channel_by_command,
        "time_zone": team.time_zone,
        "working_hours": [str(window) for window in team.working_hours],
        "capacity_hours_per_week": team.capacity_hours_per_week,
        "care_hours_per_week": team.care_hours_per_week,
    }


def _service(row: Row[Any]) -> Service:
    return Service(
        id=row.id,
        name=row.name,
        owner=row.owner,
        operations=row.operations,
        tier=row.tier,
        escalation_policy=row.escalation_policy,
        runbooks=tuple(row.runbooks),
        severity_policies={int(level): name for level, name in row.severity_policies.items()},
    )


def _team(row: Row[Any], members: Sequence[str]) -> Team:
    return Team(
        id=row.id,
        name=row.name,
        side=Side(row.side),
        lead=row.lead,
        members=tuple(members),
        channel=row.channel,
        time_zone=row.time_zone,
        working_hours=tuple(parse_weekly_window(text) for text in row.working_hours),
        capacity_hours_per_week=row.capacity_hours_per_week,
        care_hours_per_week=row.care_hours_per_week,
    )
