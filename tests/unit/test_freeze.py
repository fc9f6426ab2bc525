from datetime import UTC, datetime, timedelta

import pytest

from domain.catalog import Service, Side, Team
from domain.freeze import Freeze
from domain.organisation import Organisation, OrganisationSettings, diff, freezes_touching
from domain.references import Sections, find_problems

STARTS, ENDS = datetime(2026, 12, 18, 18, tzinfo=UTC), datetime(2027, 1, 4, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def freeze(name="Christmas", starts_at=STARTS, ends_at=ENDS, teams=(), services=()):
    return Freeze(name=name, starts_at=starts_at, ends_at=ends_at, teams=teams, services=services)


def touched(start, end, *freezes, services=("checkout",), owners=("payments",)):
    found = freezes_touching(OrganisationSettings(freezes=freezes), services, owners, start, end)
    return [one.name for one in found]


@pytest.mark.parametrize(
    ("start", "end", "names"),
    [
        (STARTS - 2 * SECOND, STARTS, []),
        (STARTS - SECOND, STARTS + SECOND, ["Christmas"]),
        (STARTS + SECOND, STARTS + 2 * SECOND, ["Christmas"]),
        (STARTS - SECOND, ENDS + SECOND, ["Christmas"]),
        (ENDS - SECOND, ENDS, ["Christmas"]),
        (ENDS, ENDS + SECOND, []),
    ],
)
def test_a_freeze_is_half_open_as_what_it_touches(start, end, names):
    assert touched(start, end, freeze()) == names


@pytest.mark.parametrize(
    ("services", "owners", "names"),
    [
        (["checkout"], ["payments"], ["all", "team", "either"]),
        (["search"], ["platform"], ["all", "service", "either"]),
        (["search", "checkout"], ["platform", "payments"], ["all", "team", "service", "either"]),
        (["mail"], ["it-ops"], ["all"]),
        ([], [], ["all"]),
    ],
)
def test_a_freeze_holds_for_its_services_and_for_those_its_teams_own(services, owners, names):
    freezes = (
        freeze("all"),
        freeze("team", teams=("payments",)),
        freeze("service", services=("search",)),
        freeze("either", teams=("payments",), services=("search",)),
    )
    assert touched(STARTS, ENDS, *freezes, services=services, owners=owners) == names


def test_settings_that_were_stored_before_there_were_freezes_still_load():
    stored = OrganisationSettings().to_json()
    assert "freezes" not in stored
    assert OrganisationSettings.from_json(stored).freezes == ()


def test_the_order_of_freezes_and_of_names_has_no_meaning():
    late, early = freeze("b", STARTS + SECOND), freeze("c", teams=("x", "a"), services=("z", "y"))
    one = Organisation(settings=OrganisationSettings(freezes=(late, early)))
    other = Organisation(
        settings=OrganisationSettings(freezes=(freeze("c", teams=("a", "x"), services=("y", "z")), late))
    )
    assert one == other
    assert not diff(one, other)
    assert [one.name for one in one.settings.freezes] == ["c", "b"]


def test_a_freeze_is_a_change_of_settings():
    after = Organisation(settings=OrganisationSettings(freezes=(freeze(),)))
    assert diff(Organisation(), after).lines() == ("settings: changed",)


def test_names_and_times_of_freezes_are_looked_at_where_they_stand():
    team = Team(id="payments", name="Payments", side=Side.ENGINEERING)
    service = Service(id="checkout", name="Checkout", owner="payments")
    freezes = [
        freeze(starts_at=ENDS, ends_at=ENDS),
        freeze(teams=("payments", "checkout"), services=("checkout", "payments", "checkout")),
    ]
    found = find_problems(Sections(teams=[team], services=[service], freezes=freezes))
    assert [problem.path for problem in found] == [
        ("settings", "freezes", 0, "to"),
        ("settings", "freezes", 1, "teams", 1),
        ("settings", "freezes", 1, "services", 1),
        ("settings", "freezes", 1, "services", 2),
    ]
