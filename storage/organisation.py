"""The organisation as its file describes it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    cast,
    delete,
    false,
    insert,
    literal_column,
    null,
    select,
    true,
    update,
)

from domain.escalation import EscalationPolicy
from domain.oncall import Schedule
from domain.organisation import ListedPerson, Organisation, OrganisationSettings
from domain.people import Person
from storage.catalog import SqlCatalog, service_values, team_values
from storage.key_value import SqlKeyValue
from storage.known_names import KnownNames
from storage.outlived import Made, Outlived, outlive
from storage.parsed import as_text, policy_from, schedule_from
from storage.person import SqlPeople, folded
from storage.schedule import SqlSchedules, by_schedule, with_made
from storage.tables import escalation_policy, person, schedule, service, team, team_member
from storage.types import CleanText, to_json

_SETTINGS = "organisation.settings"
_SECTIONS: tuple[Table, ...] = (service, team_member, team, schedule, escalation_policy)  # children first
# A channel that is set just now waits until the import is through, and is not overwritten by what was read before it.
_LOCK_TEAMS = select(team.c.id).order_by(team.c.id).with_for_update(key_share=True)
_UNLIST = update(person).where(person.c.listed.is_(true())).values(listed=false(), active=false(), admin=false())
_GIVE_UP = (
    update(person)
    .where(person.c.id.in_(bindparam("ids", expanding=True)))
    .values(object_id=null(), handle_key=literal_column("' '", CleanText) + cast(person.c.id, CleanText))
)


class SqlOrganisations:
    """Implements usecases.ports.Organisations."""

    def __init__(self, connection: Connection, key_value: SqlKeyValue, known: KnownNames) -> None:
        self._connection = connection
        self._key_value = key_value
        self._known = known
        self._schedules = SqlSchedules(connection)

    def load(self, *, with_made: bool = False) -> Organisation:
        """Read everything, in the order of the file; `with_made` adds the overrides that people have made.

        Teams have the channels they have, by the file or by command.
        """
        stored = self._load()
        return self._with_made(stored) if with_made else stored

    def _with_made(self, stored: Organisation) -> Organisation:
        made = by_schedule(self._schedules.made(listed_only=True))
        return replace(stored, schedules=tuple(with_made(said, made.get(said.id, ())) for said in stored.schedules))

    def _load(self) -> Organisation:
        catalog = SqlCatalog(self._connection)
        people = self._connection.execute(select(person).where(person.c.listed.is_(true())))
        return Organisation(
            people=tuple(
                ListedPerson(
                    handle=row.handle,
                    name=row.name,
                    aad_object_id=row.object_id,
                    email=row.email,
                    time_zone=row.time_zone,
                    admin=row.admin,
                )
                for row in people
            ),
            teams=tuple(catalog.teams()),
            services=tuple(catalog.services()),
            schedules=tuple(schedule_from(text) for text in self._documents(schedule)),
            escalation_policies=tuple(policy_from(text) for text in self._documents(escalation_policy)),
            settings=_settings(self._key_value.get(_SETTINGS)),
        )

    def settled(self, organisation: Organisation) -> Organisation:
        """Tell what `load(with_made=True)` would give after this one was taken over; nothing is changed."""
        return self._outlive(organisation).effective

    def replace(self, organisation: Organisation) -> None:
        """Make the stored one equal to this one; people who are no longer listed stay, inactive.

        What people made by command outlives it: see storage.outlived. Meant for a checked organisation: an unknown
        handle raises KeyError, and nothing is changed.
        """
        self._connection.execute(_LOCK_TEAMS)
        outlived = self._outlive(organisation)
        organisation = outlived.organisation
        ids = self._replace_people(organisation.people)
        for table in _SECTIONS:
            self._connection.execute(delete(table))
        self._insert(schedule, [_document(item) for item in organisation.schedules])
        self._insert(escalation_policy, [_document(item) for item in organisation.escalation_policies])
        kept = outlived.channels
        teams = [team_values(item, ids, channel_by_command=folded(item.id) in kept) for item in organisation.teams]
        self._insert(team, teams)
        members = [
            {"team_id": item.id, "person_id": ids[folded(handle)]}
            for item in organisation.teams
            for handle in item.members
        ]
        self._insert(team_member, members)
        self._insert(service, [service_values(item) for item in organisation.services])
        self._schedules.forget_overrides(outlived.taken_over)
        self._key_value.set(_SETTINGS, to_json(organisation.settings.to_json()))
        self._known.forget()

    def severity_names(self) -> Mapping[int, str]:
        """Tell the words for severities 1 to 4. Read with every card: cheap."""
        return self.settings().severities

    def settings(self) -> OrganisationSettings:
        """Tell what holds for the whole organisation, as it was at most a second ago."""
        return self._known.settings(lambda: _settings(self._key_value.get(_SETTINGS)))

    def _outlive(self, organisation: Organisation) -> Outlived:
        everybody = SqlPeople(self._connection).everybody()
        matches = _matches(organisation.people, everybody)
        made = Made(
            channels=SqlCatalog(self._connection).channels_by_command(),
            overrides=self._schedules.made(),
            said={folded(said.id): said.overrides for said in map(schedule_from, self._documents(schedule))},
        )
        known = ((matches[folded(item.handle)], item.handle) for item in organisation.people)
        return outlive(organisation, made, {folded(one.handle): handle for one, handle in known if one.id})

    def _replace_people(self, listed: Sequence[ListedPerson]) -> Mapping[str, int]:
        """Write the people of the file; return their ids by folded handle."""
        people = SqlPeople(self._connection)
        known = _matches(listed, people.everybody())
        # Handles and object ids may change hands inside one file: all are given up before any is taken.
        self._connection.execute(_UNLIST)
        matched = {match.id for match in known.values() if match.id}
        self._connection.execute(_GIVE_UP, {"ids": list(matched)})
        for other in people.everybody():
            if folded(other.handle) in known and other.id not in matched:
                people.save(replace(other, handle=f"{other.handle}-{other.id}"))
        ids: dict[str, int] = {}
        for item in listed:
            key = folded(item.handle)
            current = _as_listed(known[key], item)
            if current.id:
                people.save(current)
            ids[key] = current.id or people.add(current).id
        return ids

    def _documents(self, table: Table) -> Sequence[str]:
        return self._connection.execute(select(as_text(table.c.document)).order_by(table.c.id)).scalars().all()

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), rows)


def _matches(listed: Sequence[ListedPerson], everybody: Sequence[Person]) -> Mapping[str, Person]:
    """Say who each listed person is, by folded handle: by object id first, then by handle; id 0 is somebody new."""
    by_object_id = {person.object_id: person for person in everybody if person.object_id}
    by_handle = {folded(person.handle): person for person in everybody}
    sure = {folded(i.handle): by_object_id[i.aad_object_id] for i in listed if i.aad_object_id in by_object_id}
    taken = {person.id for person in sure.values()}
    matches = dict(sure)
    for item in listed:
        key = folded(item.handle)
        same_handle = by_handle.get(key)
        if key not in matches and same_handle and same_handle.id not in taken:
            matches[key] = same_handle
        matches.setdefault(key, Person(id=0, handle=item.handle, name=item.name))
    return matches


def _as_listed(known: Person, item: ListedPerson) -> Person:
    same_account = known.object_id == item.aad_object_id
    return replace(
        known,
        handle=item.handle,
        name=item.name,
        object_id=item.aad_object_id,
        # A Teams id belongs to the account it was seen with.
        channel_user_id=known.channel_user_id if same_account else None,
        email=item.email,
        time_zone=item.time_zone,
        admin=item.admin,
        listed=True,
        active=True,
    )


def _document(item: Schedule | EscalationPolicy) -> Mapping[str, Any]:
    return {"id": item.id, "document": item.to_json()}


@lru_cache(maxsize=4)
def _settings(text: str | None) -> OrganisationSettings:
    return OrganisationSettings() if text is None else OrganisationSettings.from_json(json.loads(text))
