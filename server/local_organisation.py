"""The organisation as Local Teams needs it: people to act as, teams with channels."""

from domain.organisation import Organisation
from server.local_teams.values import ChannelInfo, Human, TeamInfo
from usecases.ports import Database


class LocalDirectory:
    """Reads people and teams from the database for the built-in emulator."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def people(self) -> list[Human]:
        """List everybody with an Entra object id: without one nobody can sign in to Teams."""
        organisation = await self._load()
        return [
            Human(
                object_id=p.aad_object_id,
                name=p.name,
                handle=p.handle,
                email=p.email or "",
                time_zone=p.time_zone,
            )
            for p in organisation.people
            if p.aad_object_id
        ]

    async def teams(self) -> list[TeamInfo]:
        """List the teams; each has its own channel first and one for incidents."""
        organisation = await self._load()
        ids = {p.handle: p.aad_object_id for p in organisation.people}
        return [
            TeamInfo(
                id=team.id,
                name=team.name,
                channels=(
                    ChannelInfo(team.channel or f"{team.id}-general", "General"),
                    ChannelInfo(f"{team.id}-incidents", "Incidents"),
                ),
                member_object_ids=frozenset(i for m in team.members if (i := ids.get(m))),
            )
            for team in organisation.teams
        ]

    async def _load(self) -> Organisation:
        return await self._db.read(lambda store: store.organisations.load())
