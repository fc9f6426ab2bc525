from dataclasses import replace

from domain.catalog import Service, Side, Team
from domain.organisation import ListedPerson, Organisation, OrganisationSettings, SectionChanges, Targets, diff

ADA, LIN = ListedPerson(handle="ada", name="Ada"), ListedPerson(handle="Lin", name="Lin")
PAYMENTS = Team(id="payments", name="Payments", side=Side.ENGINEERING, members=("Lin", "ada"))


def test_sections_and_members_have_one_order():
    organisation = Organisation(people=(LIN, ADA), teams=(PAYMENTS,))
    assert [person.handle for person in organisation.people] == ["ada", "Lin"]
    assert organisation.teams[0].members == ("ada", "Lin")
    assert organisation == Organisation(people=(ADA, LIN), teams=(replace(PAYMENTS, members=("ada", "Lin")),))


def test_equal_organisations_do_not_differ():
    changes = diff(Organisation(people=(ADA, LIN)), Organisation(people=(LIN, ADA)))
    assert not changes
    assert changes.lines() == ()


def test_what_differs_is_told_by_section():
    before = Organisation(people=(ADA, LIN), teams=(PAYMENTS,))
    after = Organisation(
        people=(replace(ADA, admin=True), ListedPerson(handle="zoe", name="Zoë")),
        teams=(PAYMENTS,),
        services=(Service(id="checkout", name="Checkout", owner="payments"),),
        settings=OrganisationSettings(targets=Targets(resolve_hours=1)),
    )
    changes = diff(before, after)
    assert changes
    assert changes.people == SectionChanges(added=("zoe",), changed=("ada",), removed=("Lin",))
    assert not changes.teams
    assert changes.settings
    assert changes.lines() == (
        "people: 1 added, 1 changed, 1 removed",
        "services: 1 added",
        "settings: changed",
    )


def test_a_change_of_settings_alone_is_a_change():
    after = Organisation(settings=OrganisationSettings(update_reminder={}))
    assert diff(Organisation(), after).lines() == ("settings: changed",)


def test_a_renamed_id_is_one_removed_and_one_added():
    changes = diff(Organisation(people=(ADA,)), Organisation(people=(replace(ADA, handle="Ada"),)))
    assert changes.people == SectionChanges(added=("Ada",), removed=("ada",))
