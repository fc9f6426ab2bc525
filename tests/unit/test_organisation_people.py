import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people import MAX_HANDLE, Person, handle_from_name


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Ada Lovelace", "ada-lovelace"),
        ("Zoë Ångström", "zoe-angstrom"),
        ("Søren Kjær", "soren-kjaer"),
        ("Jürgen Großmann", "jurgen-grossmann"),
        ("Łukasz Þórsson", "lukasz-thorsson"),
        ("O'Brien, Conan (Ops)", "obrien-conan-ops"),
        ("D’Angelo", "dangelo"),
        ("İpek Işık", "ipek-isik"),
        ("  Ada\u00a0Lovelace ", "ada-lovelace"),
        ("Ａｄａ", "ada"),
        ("R2 D2", "r2-d2"),
        ("Lin Wei 林薇", "lin-wei"),
        ("林薇", "person"),
        ("🚒", "person"),
        ("", "person"),
    ],
)
def test_a_handle_is_made_from_a_name(name, handle):
    assert handle_from_name(name, frozenset()) == handle


def test_a_taken_handle_gets_the_next_free_number():
    assert handle_from_name("Ada", {"ada"}) == "ada-2"
    assert handle_from_name("Ada", {"ada", "ada-2", "ada-4"}) == "ada-3"
    assert handle_from_name("林薇", {"person"}) == "person-2"


def test_a_long_name_leaves_room_for_its_number():
    long = handle_from_name("x" * 200, frozenset())
    assert len(long) == MAX_HANDLE
    assert handle_from_name("x" * 200, {long}) == "x" * (MAX_HANDLE - 2) + "-2"


@given(st.text(), st.sets(st.sampled_from(["person", "a", "b", "ab"])))
def test_every_name_gives_a_free_handle_of_the_right_form(name, taken):
    handle = handle_from_name(name, taken)
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", handle)
    assert len(handle) <= MAX_HANDLE
    assert handle not in taken


def test_a_person_taken_in_is_active_and_not_listed():
    person = Person(id=0, handle="ada", name="Ada")
    assert (person.active, person.listed, person.admin, person.time_zone) == (True, False, False, "UTC")
