"""`escalate`, `drill` and `here`, typed and as forms, on a real store."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.targets import side_named
from bot.turn import OpenForm, Reply
from dialogs.registry import FORMS
from domain.catalog import Side, Team
from domain.errors import Refused
from domain.paging import PageReason
from domain.people import Person
from storage.unit_of_work import SqlStore
from tests.support.card_text import texts
from tests.support.samples import place, thread
from tests.usecases.conftest import Desk
from tests.usecases.pager import ORGANISATION, Pager, rota
from tests.usecases.test_commands import GROUP, form, said, send, turn, write

CHANNEL = place()


@pytest.fixture
async def paged(desk: Desk) -> Desk:
    """One incident on checkout in the group chat; its first step is due, nothing has been paged yet."""
    await Pager(desk).organise()
    await desk.declare(where=GROUP, services=("checkout",))
    return desk


async def pages(desk: Desk) -> Sequence[tuple[str, PageReason]]:
    found = await desk.see(lambda s: s.pages.of_incident(1))
    people = await desk.see(lambda s: s.people.many([p.person_id for p in found if p.person_id]))
    return [(people[p.person_id].handle if p.person_id else f"#{p.team_id}", p.reason) for p in found]


async def drawn(desk: Desk, asked: OpenForm, who: Person | None = None) -> dict[str, Any]:
    """Draw a form for somebody."""
    shape = next(f for f in FORMS if f.name == asked.name)
    return await desk.see(lambda s: shape.draw(turn(desk, s, who), asked.values, asked.problem))


def inputs(card: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {b["id"]: b for b in card["body"] if b["type"].startswith("Input.")}


def choices(card: dict[str, Any], name: str) -> dict[str, str]:
    return {c["value"]: c["title"] for c in inputs(card)[name]["choices"]}


# -- escalate -----------------------------------------------------------------------------------------------------


async def test_whoever_is_not_known_is_asked_for_with_nobody_else_in_their_place(paged: Desk) -> None:
    card = await drawn(paged, form(await write(paged, "escalate @Siobhan")))
    assert inputs(card)["target"]["value"] == "person"
    assert "value" not in inputs(card)["person"]
    with pytest.raises(Refused, match="Choose a person"):
        await send(paged, "escalate.submit", {"incident": 1, "cycle": 0, "target": "person", "person": ""})
    assert await pages(paged) == []


async def test_escalate_pages_the_next_step_and_says_whom(paged: Desk) -> None:
    assert said(await write(paged, "escalate")) == "I paged Grace Hopper (step 1)."
    assert said(await write(paged, "escalate INC-1")) == "I paged Lin Wei 林薇 (step 2)."
    assert await pages(paged) == [("grace", PageReason.STEP), ("lin", PageReason.STEP)]


@pytest.mark.parametrize(
    ("typed", "whom"),
    [
        ("@lin", ["lin"]),
        ("INC-1 Lin Wei 林薇", ["lin"]),
        ("#1 lin@example.org", ["lin"]),
        ("me", ["ada"]),
        ("person:lin", ["lin"]),
        ("“team:payments”", ["ada", "#payments"]),
        ("TEAM: Payments", ["ada", "#payments"]),
        ("schedule:it-ops-primary", ["lin"]),
        ("operations", ["lin"]),
        ("Ops", ["lin"]),
        ("side:engineering", ["grace"]),
    ],
)
async def test_escalate_pages_exactly_who_is_named(paged: Desk, typed: str, whom: list[str]) -> None:
    answer = await write(paged, f"escalate {typed}")
    assert said(answer).startswith("I paged")
    assert await pages(paged) == [(name, PageReason.ESCALATED) for name in whom]


async def test_a_policy_begins_with_its_first_step(paged: Desk) -> None:
    assert said(await write(paged, "escalate policy:CRITICAL")) == "I paged Grace Hopper (step 1)."


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("@nobody", "I know nobody called “nobody”"),
        ("payment", "Did you mean `team:payments`"),
        ("critical", "Did you mean `policy:critical`"),
        ("team:paymets", "payments"),
        ("team:", "“”"),
        ("schedule:it-ops", "it-ops-primary"),
        ("policy:critcal", "Did you mean `critical`?"),
        ("policy:zzz", "I know no escalation policy “zzz”."),
        ("person:zzz", "I know nobody called “zzz”"),
        ("x" * 5_000, "I know nobody called"),
    ],
    ids=lambda t: t[:20],
)
async def test_whoever_is_unknown_is_asked_for_with_the_nearest(paged: Desk, typed: str, problem: str) -> None:
    asked = form(await write(paged, f"escalate {typed}"))
    assert (asked.name, asked.values["incident"]) == ("escalate", 1)
    assert problem in str(asked.problem)
    assert len(str(asked.problem)) < 500
    assert await pages(paged) == []


async def test_without_a_policy_it_says_what_to_write(paged: Desk) -> None:
    await paged.declare("Slow", services=("search",))
    with pytest.raises(Refused, match=r"has an escalation policy.*escalate INC-2 @person"):
        await write(paged, "escalate INC-2")
    assert said(await write(paged, "escalate INC-2 @lin")) == "I paged Lin Wei 林薇."


async def test_where_it_is_unclear_which_incident_the_words_wait(paged: Desk) -> None:
    await paged.declare("Two", where=GROUP)
    asked = form(await write(paged, "escalate @lin"))
    assert (asked.name, dict(asked.values)) == ("pick", {"command": "escalate", "rest": "@lin"})
    answer = await send(paged, "pick.submit", {**asked.values, "incident": "1"})
    assert said(answer) == "I paged Lin Wei 林薇."


@pytest.mark.parametrize(
    ("words", "side"),
    [
        ("operations", Side.OPERATIONS),
        (" Engineering ", Side.ENGINEERING),
        ("ops", Side.OPERATIONS),
        ("side:platform", Side.PLATFORM),
        ("sides:operations", Side.OPERATIONS),
        ("", None),
        ("opera", None),
    ],
)
def test_a_side_is_named_by_its_word(words: str, side: Side | None) -> None:
    assert side_named(words) is side


# -- its form -----------------------------------------------------------------------------------------------------


async def test_the_form_names_the_next_step_and_everybody_else(paged: Desk) -> None:
    await write(paged, "escalate")
    card = await drawn(paged, OpenForm(name="escalate", values={"incident": 1, "embedded": True}))
    offered = choices(card, "target")
    assert [*offered][:3] == ["next", "side:operations", "person"]
    assert offered["next"] == "Next step: Lin Wei 林薇"
    assert offered["side:operations"] == "Bring in Operations"
    for value in ("team:payments", "team:it-ops", "schedule:payments-primary", "policy:critical"):
        assert value in offered
    assert inputs(card)["target"]["value"] == "next"
    assert inputs(card)["person"]["value"] == "ada", "the lead of the owning team"


async def test_without_a_step_a_person_is_asked_for(paged: Desk) -> None:
    await paged.declare("Slow")
    card = await drawn(paged, OpenForm(name="escalate", values={"incident": 2}), paged.grace)
    assert next(iter(choices(card, "target"))) == "person"
    assert inputs(card)["person"]["value"] == "grace"


@pytest.mark.parametrize(
    ("typed", "whom"),
    [
        ({"target": "next"}, "lin"),
        ({"target": "side:operations"}, "lin"),
        ({"target": "person", "person": "lin"}, "lin"),
        ({"target": "person", "person": "me"}, "ada"),
        ({"target": "team:payments", "person": "lin"}, "ada"),
        ({"target": "schedule:it-ops-primary"}, "lin"),
    ],
    ids=lambda t: t["target"] if isinstance(t, dict) else t,
)
async def test_the_form_pages_what_was_chosen(paged: Desk, typed: dict[str, str], whom: str) -> None:
    await write(paged, "escalate")
    answer = await send(paged, "escalate.submit", {"incident": 1, "cycle": 0, **typed})
    assert said(answer).startswith("I paged")
    assert isinstance(answer, Reply)
    assert answer.closes
    assert (await pages(paged))[1][0] == whom


async def test_in_the_card_the_form_gives_way_to_the_card_with_the_sentence(paged: Desk) -> None:
    answer = await send(paged, "escalate.submit", {"incident": 1, "cycle": 0, "embedded": True, "target": "next"})
    assert isinstance(answer, Reply)
    assert answer.card is not None
    assert "I paged Grace Hopper (step 1)." in texts(answer.card["body"][0])


@pytest.mark.parametrize(
    "typed",
    [{}, {"target": "everybody"}, {"target": 7}, {"target": "person"}, {"target": "person", "person": "nobody"}],
    ids=repr,
)
async def test_a_form_without_a_choice_pages_nobody(paged: Desk, typed: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"\.$"):
        await send(paged, "escalate.submit", {"incident": 1, "cycle": 0, **typed})
    assert await pages(paged) == []


async def test_the_next_step_of_a_form_is_the_one_it_named(paged: Desk) -> None:
    await write(paged, "escalate")
    card = await drawn(paged, OpenForm(name="escalate", values={"incident": 1}))
    paged.later(minutes=1)
    await write(paged, "escalate")
    answer = await send(paged, "escalate.submit", {**card["actions"][0]["data"], "target": "next"})
    assert "Lin Wei 林薇 was paged for INC-1 at 14:19 UTC meanwhile" in said(answer)
    assert len(await pages(paged)) == 2


async def test_a_form_from_before_a_reopening_pages_nobody(paged: Desk) -> None:
    await write(paged, "resolve")
    await write(paged, "reopen INC-1 it is back")
    answer = await send(paged, "escalate.submit", {"incident": 1, "cycle": 0, "target": "next"})
    assert "before INC-1 was reopened" in str(answer)
    assert await pages(paged) == []


async def test_a_large_organisation_offers_what_the_incident_is_about(paged: Desk) -> None:
    others = tuple(Team(id=f"team-{n}", name=f"A{n}", side=Side.PLATFORM) for n in range(120))
    await Pager(paged).organise(replace(ORGANISATION, teams=(*ORGANISATION.teams, *others)))
    offered = choices(await drawn(paged, OpenForm(name="escalate", values={"incident": 1})), "target")
    assert len(offered) == 50
    assert {"team:payments", "team:it-ops", "schedule:payments-primary", "policy:critical"} <= set(offered)


# -- drill --------------------------------------------------------------------------------------------------------


async def drills(desk: Desk) -> list[str]:
    found = [await desk.see(lambda s, n=n: s.drills.get(n)) for n in range(1, 10)]
    return [drill.schedule for drill in found if drill]


@pytest.mark.parametrize(
    "typed", ["payments-primary", "PAYMENTS-primary", "schedule:payments-primary", "“payments-primary”"]
)
async def test_a_drill_pages_whoever_is_on_call(paged: Desk, typed: str) -> None:
    answer = said(await write(paged, f"drill {typed}"))
    assert answer == "Drill on payments-primary: I paged Grace Hopper. The result comes here."
    assert await drills(paged) == ["payments-primary"]


async def test_without_a_name_it_is_the_only_schedule_of_my_teams(paged: Desk) -> None:
    assert "Drill on payments-primary" in said(await write(paged, "drill"))
    assert "Drill on it-ops-primary" in said(await write(paged, "drill", paged.lin))


async def test_where_it_is_unclear_which_schedule_the_form_asks(paged: Desk) -> None:
    two = (*ORGANISATION.schedules, rota("payments-secondary", "payments", "ada"))
    await Pager(paged).organise(replace(ORGANISATION, schedules=two))
    asked = form(await write(paged, "drill"))
    card = await drawn(paged, asked)
    assert [*choices(card, "schedule")] == ["it-ops-primary", "payments-primary", "payments-secondary"]
    assert inputs(card)["schedule"]["value"] == "payments-primary", "the first of my team"
    answer = await send(paged, "drill.submit", {"schedule": "payments-secondary"})
    assert "Drill on payments-secondary: I paged Ada Lovelace." in said(answer)


async def test_a_schedule_nobody_knows_is_asked_for_with_the_nearest(paged: Desk) -> None:
    asked = form(await write(paged, "drill payments-primry"))
    assert "payments-primary" in str(asked.problem)
    assert "payments-primary" in choices(await drawn(paged, asked), "schedule")
    with pytest.raises(Refused, match="Choose a schedule"):
        await send(paged, "drill.submit", {"schedule": "gone"})
    assert await drills(paged) == []


async def test_without_any_schedule_it_says_so(paged: Desk) -> None:
    await Pager(paged).organise(replace(ORGANISATION, schedules=(), escalation_policies=(), services=()))
    with pytest.raises(Refused, match="There is no schedule yet"):
        await drawn(paged, form(await write(paged, "drill")))


async def test_five_hundred_schedules_are_searched(paged: Desk) -> None:
    many = tuple(rota(f"rota-{n:03}", "payments", "ada") for n in range(500))
    await Pager(paged).organise(replace(ORGANISATION, schedules=(*ORGANISATION.schedules, *many)))
    asked = inputs(await drawn(paged, form(await write(paged, "drill"))))["schedule"]
    assert (len(asked["choices"]), asked["style"]) == (1, "filtered")
    pager = Pager(paged)
    found = await pager.bot.router.turn(
        pager.bot.inbound("invoke", name="application/search", value={"queryText": "TA-04", "dataset": "schedules"})
    )
    assert [row["title"] for row in found.body["value"]["results"]] == [f"rota-04{n}" for n in range(10)]  # type: ignore[union-attr]


async def test_what_was_asked_privately_is_told_in_the_askers_own_chat(paged: Desk) -> None:
    own = place("personal", conversation_id="a:ada")
    await paged.db.write(lambda s: s.conversations.remember(own, at=paged.now))
    await write(paged, "drill payments-primary", private=True, place=CHANNEL)
    await write(paged, "drill it-ops-primary", place=CHANNEL)
    places = [await paged.see(lambda s, n=n: told(s, n)) for n in (1, 2)]
    assert places == ["a:ada", CHANNEL.conversation_id]


def told(store: SqlStore, number: int) -> str | None:
    drill = store.drills.get(number)
    return drill.place.conversation_id if drill else None


# -- here ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["team:payments", "payments", "TEAM: PAYMENTS", "“team:payments”"])
async def test_here_makes_the_channel_the_teams(paged: Desk, typed: str) -> None:
    answer = said(await write(paged, f"here {typed}", place=thread("17")))
    assert answer == "This is the channel of Payments from now on. It was another one before."
    team = await paged.see(lambda s: s.catalog.team("payments"))
    assert team is not None
    assert team.channel == CHANNEL.base_id, "the channel, not the thread it was written in"
    assert said(await write(paged, f"here {typed}", place=CHANNEL)) == "This is the channel of Payments already."


async def test_a_team_without_a_channel_gets_one(paged: Desk) -> None:
    assert said(await write(paged, "here team:it-ops", place=CHANNEL)) == (
        "This is the channel of IT Operations from now on."
    )


@pytest.mark.parametrize(
    ("typed", "where", "why"),
    [
        ("here team:payments", GROUP, "This is a chat"),
        ("here team:payments", place("personal"), "This is a chat"),
        ("here team:paymets", CHANNEL, "payments"),
        ("here", CHANNEL, "`here team:it-ops`, `here team:payments`"),
    ],
)
async def test_here_says_what_to_write_instead(paged: Desk, typed: str, where: Any, why: str) -> None:
    with pytest.raises(Refused, match=why):
        await write(paged, typed, place=where)
