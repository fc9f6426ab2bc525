from datetime import UTC, datetime

from domain.catalog import Service, Side, Team
from domain.durations import parse_duration, parse_shift_length
from domain.escalation import EscalationPolicy, Step, parse_target
from domain.oncall import Override, Rotation, Schedule
from domain.organisation import ListedPerson
from domain.references import Sections, find_problems, nearest

ADA = ListedPerson(handle="ada", name="Ada")
PAYMENTS = Team(id="payments", name="Payments", side=Side.ENGINEERING, lead="ada", members=("ada",))


def paths(**sections):
    return [problem.path for problem in find_problems(Sections(**sections))]


def test_what_fits_together_has_no_problem():
    service = Service(id="checkout", name="Checkout", owner="payments", operations="payments", escalation_policy="p")
    schedule = Schedule(id="primary", team="payments", time_zone="UTC")
    targets = tuple(parse_target(text) for text in ("person:ada", "team:payments", "schedule:primary"))
    policy = EscalationPolicy(
        id="p", steps=(Step(notify=targets, wait=parse_duration("PT1M")),), last_resort=targets[0]
    )
    found = paths(
        people=[ADA], teams=[PAYMENTS], services=[service], schedules=[schedule], escalation_policies=[policy]
    )
    assert found == []


def test_a_problem_stands_where_the_name_is_used():
    team = Team(id="payments", name="P", side=Side.ENGINEERING, lead="bob", members=("ada", "kim"))
    assert paths(people=[ADA], teams=[team]) == [("teams", 0, "lead"), ("teams", 0, "members", 1)]


def test_the_second_and_the_third_of_three_equal_ids_are_told():
    assert paths(people=[ADA, ADA, ADA]) == [("people", 1, "id"), ("people", 2, "id")]


def test_an_id_is_only_twice_within_its_section():
    team = Team(id="ada", name="A", side=Side.PLATFORM)
    assert paths(people=[ADA], teams=[team]) == []


def test_people_without_object_id_are_not_the_same_person():
    assert paths(people=[ADA, ListedPerson(handle="lin", name="Lin")]) == []


def test_every_turn_and_every_override_is_looked_at():
    rotation = Rotation(
        starts=datetime(2026, 11, 2, 9),  # noqa: DTZ001 - a wall clock has no zone
        shift=parse_shift_length("P7D"),
        people=("ada", "bob"),
    )
    late, early = datetime(2026, 11, 8, tzinfo=UTC), datetime(2026, 11, 7, tzinfo=UTC)
    overrides = (
        Override(person="ada", starts_at=early, ends_at=late),
        Override(person="kim", starts_at=late, ends_at=early),
    )
    schedule = Schedule(id="s", team="payments", time_zone="UTC", rotations=(rotation,), overrides=overrides)
    assert paths(people=[ADA], teams=[PAYMENTS], schedules=[schedule]) == [
        ("schedules", 0, "rotations", 0, "people", 1),
        ("schedules", 0, "overrides", 1, "person"),
        ("schedules", 0, "overrides", 1, "to"),
    ]


def test_the_nearest_word_is_found_without_case():
    assert nearest("PAYMENT", ["payments", "platform"]) == "payments"
    assert nearest("Ada", ["ada"]) == "ada"
    assert nearest("x", ["payments"]) is None
    assert nearest("x" * 100_000, ["payments"]) is None
