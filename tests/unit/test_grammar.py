import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import grammar
from bot.grammar import About, Declaration
from bot.turn import OpenForm
from bot.words import Mention
from domain.errors import Unknown
from domain.oncall import Schedule
from domain.people import Person
from tests.support.samples import ADA, CHANNEL, GRACE, LIN, incident, object_id, person, place, resolved, thread
from tests.support.shelf import Shelf, turn

# -- names of incidents -------------------------------------------------------------------------------------------

REFS = {
    "INC-12": (12, ""),
    "inc-12": (12, ""),
    "inc12": (12, ""),
    "#12": (12, ""),
    "#0012": (12, ""),
    "INC-12 rolled back": (12, "rolled back"),
    "  INC-12   rolled  back ": (12, "rolled  back"),
    "INC-12: rolled back": (12, "rolled back"),
    "inc12, rolled back": (12, "rolled back"),
    "INC-12\nline one\nline two": (12, "line one\nline two"),
    "INC-12\trolled back": (12, "rolled back"),
    "INC-12 line one\nline two": (12, "line one\nline two"),
    "INC-999999999": (999_999_999, ""),
    "INC-0": (0, ""),
}


@pytest.mark.parametrize("typed", REFS)
def test_a_name_at_the_front_is_split_off(typed: str) -> None:
    assert grammar.leading_ref(typed) == REFS[typed]


@pytest.mark.parametrize(
    "typed", ["", "12", "rolled back INC-12", "INC-", "INC-x", "inc", "incident", "12 pods", "##12"]
)
def test_other_words_are_words(typed: str) -> None:
    assert grammar.leading_ref(typed) == (None, typed)


def test_a_lone_number_is_a_name_only_where_a_command_says_so() -> None:
    assert grammar.leading_ref("12", bare_number=True) == (12, "")
    assert grammar.leading_ref(" 12 ", bare_number=True) == (12, "")
    assert grammar.leading_ref("12 pods", bare_number=True) == (None, "12 pods")
    assert grammar.leading_ref("²", bare_number=True) == (None, "²")


@given(st.text(max_size=60), st.booleans())
def test_reading_a_name_never_fails_and_loses_no_word(typed: str, bare: bool) -> None:
    number, rest = grammar.leading_ref(typed, bare_number=bare)
    assert number is None or 0 <= number < 2**31
    assert typed == rest if number is None else typed.split()[-len(rest.split()) :] == rest.split() or not rest.split()


def test_thousands_of_digits_are_no_number_and_no_crash() -> None:
    assert grammar.leading_ref("INC-" + "1" * 10_000)[0] is None
    assert grammar.severity_of("1" * 10_000) is None
    assert grammar.severity_of("sev" + "1" * 10_000) is None
    made = grammar.declaration("API is down sev" + "1" * 10_000)
    assert made.title.startswith("API is down")


# -- which incident -----------------------------------------------------------------------------------------------

STANDING = {(f"{CHANNEL};messageid=1", False): (12,), (CHANNEL, True): (12, 13), (CHANNEL, False): ()}


def shelf(*cases: int, standing: dict[tuple[str, bool], tuple[int, ...]] | None = None) -> Shelf:
    return Shelf(cases={i: incident(i) for i in cases}, standing=standing or {})


def test_a_named_incident_wins_over_the_one_of_the_thread() -> None:
    here = turn(shelf(12, 13, standing=STANDING), where=thread("1"))
    about = grammar.incident_and_rest(here, "note", "INC-13 hello")
    assert isinstance(about, About)
    assert (about.incident.id, about.rest) == (13, "hello")


def test_the_thread_says_which_incident_is_meant() -> None:
    here = turn(shelf(12, 13, standing=STANDING), where=thread("1"))
    about = grammar.incident_and_rest(here, "note", "hello")
    assert isinstance(about, About)
    assert (about.incident.id, about.rest) == (12, "hello")


def test_an_unclear_place_asks_and_keeps_what_was_typed() -> None:
    here = turn(shelf(12, 13, standing=STANDING), where=thread("99"))
    assert grammar.incident_and_rest(here, "note", "hello") == OpenForm(
        name="pick", values={"command": "note", "rest": "hello"}
    )


def test_a_channel_with_one_open_incident_is_clear_with_and_without_a_thread() -> None:
    one = Shelf(
        cases={12: incident(12), 13: resolved(incident(13))},
        standing={(CHANNEL, True): (12, 13), (f"{CHANNEL};messageid=99", False): (), (CHANNEL, False): ()},
    )
    for where in (thread("99"), place()):
        about = grammar.incident_and_rest(turn(one, where=where), "ack", "")
        assert isinstance(about, About), where.conversation_id
        assert about.incident.id == 12


def test_an_incident_that_does_not_exist_is_said_in_one_sentence() -> None:
    with pytest.raises(Unknown, match=r"^There is no INC-77\. .*\.$"):
        grammar.incident_and_rest(turn(shelf(12)), "show", "#77")


# -- declare ------------------------------------------------------------------------------------------------------

DECLARATIONS = {
    "": Declaration("", None, ()),
    "Checkout is down": Declaration("Checkout is down", None, ()),
    "Checkout is down sev1 service:checkout": Declaration("Checkout is down", 1, ("checkout",)),
    "sev2 Checkout is down": Declaration("Checkout is down", 2, ()),
    "SEV-3: Checkout is down": Declaration("Checkout is down", 3, ()),
    "Checkout is down (sev1)": Declaration("Checkout is down", 1, ()),
    "Checkout is down severity:4": Declaration("Checkout is down", 4, ()),
    "service:checkout Checkout is down sev1": Declaration("Checkout is down", 1, ("checkout",)),
    "Checkout service:checkout is down sev1 service:search": Declaration("Checkout is down", 1, ("checkout", "search")),
    "service:checkout, Checkout is down": Declaration("Checkout is down", None, ("checkout",)),
    "SERVICE:Checkout down": Declaration("down", None, ("Checkout",)),
    "sev1": Declaration("", 1, ()),
    "sev9 Checkout": Declaration("Checkout", 9, ()),
    "the sev1 page does not open": Declaration("the sev1 page does not open", None, ()),
    "microservice:checkout is down": Declaration("microservice:checkout is down", None, ()),
    "Checkout\n is  down": Declaration("Checkout is down", None, ()),
    "7 of 9 pods are down": Declaration("7 of 9 pods are down", None, ()),
}


@pytest.mark.parametrize("typed", DECLARATIONS)
def test_declare_takes_severity_and_services_out_of_the_title(typed: str) -> None:
    assert grammar.declaration(typed) == DECLARATIONS[typed]


@given(st.lists(st.sampled_from(["API", "down", "🔥", "<at>x</at>", "**b**", "service:a", "sev2", "x:y"]), max_size=8))
def test_every_word_of_a_declaration_is_found_again(words: list[str]) -> None:
    said = grammar.declaration(" ".join(words))
    kept = [*said.title.split(), *(f"service:{s}" for s in said.services), *(["sev2"] if said.severity else [])]
    assert set(kept) == set(words)


def test_services_of_a_list_are_taken_out() -> None:
    assert grammar.services_in("mine service:checkout") == (("checkout",), "mine")
    assert grammar.services_in("service:a  all service:b") == (("a", "b"), "all")
    assert grammar.services_in("") == ((), "")


SEVERITIES = {"2": 2, " sev2 ": 2, "SEV-2": 2, "severity 2": 2, "sev:2": 2, "9": 9, "": None, "two": None, "²": None}


@pytest.mark.parametrize("typed", SEVERITIES)
def test_a_severity_is_read_as_people_write_it(typed: str) -> None:
    assert grammar.severity_of(typed) == SEVERITIES[typed]


# -- people -------------------------------------------------------------------------------------------------------

TWIN = person(7, "Grace Hopper", handle="grace-2")
LEFT = person(8, "Old Hand", handle="old", active=False)
CROWD = Shelf(known={p.id: p for p in (ADA, GRACE, LIN)})
TWINS = Shelf(known={p.id: p for p in (ADA, GRACE, TWIN, LEFT)})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("me", ADA),
        ("@you", ADA),
        ("Myself", ADA),
        ("grace", GRACE),
        ("@GRACE", GRACE),
        ("Grace Hopper", GRACE),
        ("@grace hopper", GRACE),
        ("Lin Wei 林薇", LIN),
    ],
)
def test_a_person_is_named_by_handle_or_full_name(typed: str, meant: Person) -> None:
    assert grammar.person_of(turn(CROWD), typed) == meant


def test_an_email_address_names_a_person() -> None:
    assert grammar.person_of(turn(CROWD), "grace@example.org") == GRACE


def test_somebody_who_has_left_is_not_found_by_the_handle() -> None:
    with pytest.raises(Unknown, match="old"):
        grammar.person_of(turn(TWINS), "old")


ROTAS = Shelf(
    known=CROWD.known,
    rotas=[Schedule(id=name, team="payments", time_zone="UTC") for name in ("payments-primary", "second")],
)


@pytest.mark.parametrize(
    ("typed", "schedule", "who", "unknown"),
    [
        ("", None, None, []),
        ("payments-primary", "payments-primary", None, []),
        ("@grace", None, GRACE, []),
        ("Grace Hopper", None, GRACE, []),
        ("payments-primary @grace", "payments-primary", GRACE, []),
        ("@grace schedule:payments-primary", "payments-primary", GRACE, []),
        ("Grace “second”, Hopper", "second", GRACE, []),
        ("primary @grace", None, GRACE, ["“primary”"]),
        ("payments-primary @nobody", "payments-primary", None, ["“nobody”"]),
        ("primary @nobody", None, None, ["“primary”", "“nobody”"]),
        ("@nobody", None, None, ["“nobody”"]),
        ("primary", None, None, ["“primary”"]),
    ],
)
def test_a_schedule_and_a_person_are_read_each_for_itself(
    typed: str, schedule: str | None, who: Person | None, unknown: list[str]
) -> None:
    names = grammar.schedule_and_person(turn(ROTAS), typed)
    assert (names.schedule.id if names.schedule else None, names.person) == (schedule, who)
    assert len(names.problems) == len(unknown)
    assert all(word in problem for word, problem in zip(unknown, names.problems, strict=True))
    assert sorted(f"{names.schedule_typed} {names.person_typed}".split()) == sorted(typed.split())


@pytest.mark.parametrize(
    "mention",
    [
        Mention("Grace Hopper", "29:user-7", None),
        Mention("Grace Hopper", "29:elsewhere", object_id(7)),
        Mention("Grace Hopper", f"8:orgid:{object_id(7)}", None),
    ],
)
def test_a_mention_means_the_one_who_was_mentioned_and_not_a_namesake(mention: Mention) -> None:
    here = turn(TWINS, mentions=[mention])
    assert grammar.person_of(here, "@Grace Hopper") == TWIN


def test_of_two_mentions_the_named_one_counts() -> None:
    both = [Mention("Ada Lovelace", "29:user-1", None), Mention("Grace Hopper", "29:user-2", None)]
    assert grammar.person_of(turn(CROWD, actor=LIN, mentions=both), "@Grace Hopper") == GRACE


def test_namesakes_are_told_apart_by_their_handles() -> None:
    with pytest.raises(Unknown, match="2 people called Grace Hopper; use one of the handles `grace`, `grace-2`"):
        grammar.person_of(turn(TWINS), "Grace Hopper")


def test_a_mentioned_stranger_is_asked_to_introduce_themselves() -> None:
    here = turn(CROWD, mentions=[Mention("New Person", "29:new", object_id(99))])
    with pytest.raises(Unknown, match="I do not know New Person yet"):
        grammar.person_of(here, "@New Person")


@pytest.mark.parametrize("typed", ["@", "", "nobody", "<at>x</at>", "🔥", "' or 1=1 --"])
def test_nobody_is_a_sentence(typed: str) -> None:
    with pytest.raises(Unknown, match=r"\.$"):
        grammar.person_of(turn(CROWD), typed)
