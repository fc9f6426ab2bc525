from pathlib import Path

import pytest

import server
from domain.catalog import Side
from integrations.organisation_file import read_organisation, write_organisation

DEMO = Path(server.__file__).parent / "demo" / "organisation.yaml"


@pytest.fixture(scope="module")
def demo():
    return read_organisation(DEMO.read_bytes())


def test_the_demo_organisation_passes_its_own_check(demo):
    assert read_organisation(write_organisation(demo).encode()) == demo


def test_it_has_the_size_the_product_promises(demo):
    assert (len(demo.people), len(demo.services)) == (12, 8)
    assert len({person.time_zone for person in demo.people}) == 4
    sides = sorted(team.side for team in demo.teams)
    assert sides == sorted([Side.ENGINEERING, Side.ENGINEERING, Side.OPERATIONS, Side.PLATFORM])
    assert 4 <= len(demo.schedules) <= 6


def test_everybody_can_be_reached_in_local_teams(demo):
    assert all(person.aad_object_id and person.email for person in demo.people)
    assert [person.handle for person in demo.people if person.admin] == ["ada"]
    assert {member for team in demo.teams for member in team.members} == {person.handle for person in demo.people}


def test_every_service_has_both_sides_a_policy_and_a_runbook(demo):
    sides = {team.id: team.side for team in demo.teams}
    for service in demo.services:
        assert sides[service.owner] in {Side.ENGINEERING, Side.PLATFORM}
        assert service.operations is not None
        assert sides[service.operations] is Side.OPERATIONS
        assert service.tier
        assert service.escalation_policy
        assert service.runbooks
    assert {service.escalation_policy for service in demo.services} == {p.id for p in demo.escalation_policies}


def test_it_has_names_and_schedules_worth_a_look(demo):
    assert any(not person.name.isascii() for person in demo.people)
    assert any(rotation.only for schedule in demo.schedules for rotation in schedule.rotations)
    assert any(schedule.overrides for schedule in demo.schedules)
