from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import StaleVersion
from domain.escalation import EscalationPolicy, Step, StepHours, parse_target
from domain.running_escalation import LIVE, Escalation, EscalationState
from storage.database import Database
from tests.support.samples import NOW, incident, person
from usecases.ports import Unavailable

POLICY = EscalationPolicy(
    id="checkout",
    steps=(
        Step(notify=(parse_target("schedule:primary"), parse_target("person:lin")), wait=timedelta(minutes=5)),
        Step(
            notify=(parse_target("sides:both"),),
            wait=timedelta(seconds=90),
            acknowledgements=2,
            only=StepHours.OFF,
        ),
    ),
    repeat=2,
    last_resort=parse_target("team:platform"),
    ack_timeout=timedelta(minutes=30),
)


@pytest.fixture
async def numbers(database: Database) -> list[int]:
    """Two incidents."""

    def work(store):
        ada = store.people.add(person(1, id=0))
        return [store.incidents.add(incident(id=0, declared_by=ada.id)).id for _ in range(2)]

    return await database.write(work)


def running(incident_id: int, **more) -> Escalation:
    given = {"id": 0, "incident_id": incident_id, "cycle": 0, "policy": POLICY, "started_at": NOW}
    return Escalation(**{**given, **more})


async def test_what_is_added_is_read_back_equal_with_its_whole_policy(database: Database, numbers: list[int]):
    whole = running(
        numbers[0],
        cycle=3,
        state=EscalationState.WAITING,
        position=5,
        next_at=NOW + timedelta(microseconds=1),
        version=7,
    )
    added = await database.write(lambda store: store.escalations.add(whole))
    assert added == replace(whole, id=added.id)
    assert added.id > 0
    assert await database.read(lambda store: store.escalations.get(added.id)) == added
    assert await database.read(lambda store: store.escalations.get(added.id + 1)) is None


async def test_every_field_can_be_changed(database: Database, numbers: list[int]):
    added = await database.write(lambda store: store.escalations.add(running(numbers[0])))
    changed = replace(
        added,
        cycle=1,
        policy=replace(POLICY, repeat=0),
        state=EscalationState.EXHAUSTED,
        started_at=NOW - timedelta(hours=1),
        position=6,
        next_at=NOW,
        version=1,
    )
    await database.write(lambda store: store.escalations.save(changed, seen=0))
    assert await database.read(lambda store: store.escalations.get(added.id)) == changed
    done = replace(changed, state=EscalationState.STOPPED, next_at=None, version=2)
    await database.write(lambda store: store.escalations.save(done, seen=1))
    assert await database.read(lambda store: store.escalations.get(added.id)) == done


async def test_a_save_over_a_newer_version_is_refused(database: Database, numbers: list[int]):
    added = await database.write(lambda store: store.escalations.add(running(numbers[0])))
    newer = replace(added, position=1, version=1)
    await database.write(lambda store: store.escalations.save(newer, seen=0))

    def late(store):
        with pytest.raises(StaleVersion):
            store.escalations.save(replace(added, position=9, version=1), seen=0)
        store.escalations.save(replace(added, position=9, version=1), seen=0)

    with pytest.raises(Unavailable):
        await database.write(late)
    assert await database.read(lambda store: store.escalations.get(added.id)) == newer


async def test_those_of_an_incident_stand_oldest_first(database: Database, numbers: list[int]):
    one, other = numbers
    made = await database.write(lambda store: [store.escalations.add(running(i)) for i in (one, other, one)])
    assert list(await database.read(lambda store: store.escalations.of_incident(one))) == [made[0], made[2]]
    assert list(await database.read(lambda store: store.escalations.of_incident(other))) == [made[1]]
    assert list(await database.read(lambda store: store.escalations.of_incident(99))) == []


async def test_live_ones_are_waiting_held_or_running_oldest_first(database: Database, numbers: list[int]):
    states = [*EscalationState, *EscalationState]
    made = await database.write(
        lambda store: [store.escalations.add(running(numbers[0], state=state)) for state in states]
    )
    alive = [e for e in made if e.state in LIVE]
    held = [e for e in made if e.state is EscalationState.HELD]
    assert list(await database.read(lambda store: store.escalations.live())) == alive
    assert list(await database.read(lambda store: store.escalations.live(limit=3))) == alive[:3]
    assert list(await database.read(lambda store: store.escalations.held())) == held
