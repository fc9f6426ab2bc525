"""Trouble that comes again, through the whole bot on a real store: found, said, made a problem of, and asked about."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from domain.problem import Problem, ProblemState
from tests.support.care_desk import CareDesk
from tests.support.rota import buttons, card_of, said, shown, texts
from tests.usecases.changer import tell
from usecases.ports import IncidentFilter

DAY = timedelta(days=1)


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[CareDesk]:
    made = await CareDesk.opened(sqlite_url)
    yield made
    await made.db.close()


@pytest.fixture
async def anywhere(database_url: str) -> AsyncIterator[CareDesk]:
    made = await CareDesk.opened(database_url)
    yield made
    await made.db.close()


async def happens(
    desk: CareDesk, title: str = "Checkout is down", fix: str = "", who: str = "ada", **more: Any
) -> None:
    """Declare, and resolve where it is said what fixed it; an hour goes by."""
    service = more.get("service", "checkout")
    await tell(desk.rota, f"declare {title} sev3 service:{service}", who)
    await desk.later(seconds=3)
    number = (await desk.rota.see(lambda store: store.incidents.list(_newest())))[0].id
    if fix:
        desk.rota.later(minutes=25)
        await tell(desk.rota, f"resolve INC-{number} {fix}", who)
    await desk.later(hours=1)


def _newest() -> Any:
    return IncidentFilter(limit=1)


async def problem(desk: CareDesk, number: int = 1) -> Problem | None:
    return await desk.rota.see(lambda store: store.problems.get(number))


async def status(desk: CareDesk, number: int) -> dict[str, Any]:
    return (await desk.rota.press("incident.view", {"incident": number}, "ada"))["value"]


# -- alike -------------------------------------------------------------------------------------------------------------


async def test_the_card_says_which_it_looks_like_why_and_what_fixed_it(anywhere: CareDesk) -> None:
    desk = anywhere
    for n in range(6):  # others, so that some words are rare
        await happens(desk, f"Build {n} of the pipeline fails", "Cleared the cache", service="platform")
    await happens(desk, "Payment queue grows without end", "Restarted the *stuck* workers")
    await happens(desk, "Queue of payments does not drain")
    said_of = texts(await status(desk, 8))
    assert "Looks like" in said_of
    assert (
        "**INC-7** Payment queue grows without end, 2 h 25 min ago: same service (Checkout), both say “payments” and “queue”"
        in said_of
    )
    assert r"What ended it: Restarted the \*stuck\* workers" in said_of
    assert "INC-1" not in said_of
    assert "Looks like" not in texts(await status(desk, 7))


async def test_the_same_again_is_said_first_and_with_its_count(desk: CareDesk) -> None:
    await happens(desk, "Checkout is down (host 4)", "Rolled back 4.11")
    await happens(desk, "Checkout is DOWN host 17")
    card = texts(await status(desk, 2))
    assert "Seen before" in card
    assert "INC-1" in card
    assert await problem(desk) is None


async def test_what_people_write_is_never_a_query(anywhere: CareDesk) -> None:
    desk = anywhere
    nasty = 'NEAR("a" OR b*) AND -c {d} : \' ; DROP TABLE incident_words -- <at>x</at>'
    await happens(desk, nasty, "x")
    await happens(desk, nasty)
    assert "INC-1" in texts(await status(desk, 2))


async def test_nothing_is_alike_where_nothing_is(desk: CareDesk) -> None:
    await happens(desk, "Checkout is down", "x")
    await happens(desk, "Coffee machine leaks", service="platform")
    assert not {"Looks like", "Seen before"} & set(texts(await status(desk, 2)).split("\n"))


# -- a problem ---------------------------------------------------------------------------------------------------------


async def test_the_third_time_opens_a_problem_with_an_owner_and_a_day(anywhere: CareDesk) -> None:
    desk = anywhere
    await happens(desk, fix="Restarted it", who="grace")
    await happens(desk, "Checkout is down again", fix="Restarted it", who="grace")
    assert await problem(desk) is None
    await happens(desk, "Checkout is down (3)")
    made = await problem(desk)
    assert made is not None
    assert (made.title, made.service, made.due_on) == ("Checkout is down (3)", "checkout", date(2026, 12, 7))
    assert made.owner == desk.rota.people["ada"].id, "the lead of the team that owns the service"
    card = desk.card("ada", letter="problem")
    assert [*buttons(card)] == ["Close problem", "Move", "Hand over"]
    work = "55 min 6 s of work (estimated), 50 min"
    assert work in texts(card), "twice 25 minutes by one person, and a declaration just now"
    assert "3 times" in texts(card)
    assert "Problem 1, seen again" in texts(await status(desk, 3))
    await happens(desk, "checkout is down!")
    assert await desk.rota.see(lambda store: store.problems.incidents(1)) == [1, 2, 3, 4]
    assert await problem(desk, 2) is None


async def test_it_is_not_closed_without_a_word_on_it(desk: CareDesk) -> None:
    for _ in range(2):
        await happens(desk, fix="Restarted it")
    await happens(desk)
    refused = said(await desk.rota.say("resolve INC-3", "ada"))
    assert "INC-3 is one of 3 incidents of problem 1" in refused
    incident = await desk.rota.see(lambda store: store.incidents.get(3))
    assert incident.is_open
    form = await desk.rota.press("incident.resolve", {"incident": 3, "cycle": 0}, "ada")
    action = buttons(form["value"])["Resolve"]
    again = await desk.rota.press(action["verb"], {**action["data"], "summary": ""}, "ada")
    assert "Say in a few words what was done" in shown(again)
    done = await desk.rota.press(action["verb"], {**action["data"], "summary": "Added memory"}, "ada")
    assert "Resolved" in shown(done)


async def test_it_is_closed_with_evidence_and_open_again_when_it_comes_back(desk: CareDesk) -> None:
    for _ in range(2):
        await happens(desk, fix="Restarted it")
    await happens(desk, fix="Restarted it")
    assert "belongs to Ada Lovelace" in said(await desk.rota.say("problem close 1 see the graph", "zoe"))
    task = await desk.rota.dialog("task/fetch", buttons(desk.card("ada", letter="problem"))["Close problem"]["data"])
    assert task is not None
    action = buttons(task["value"]["card"]["content"])["Close problem"]
    empty = await desk.rota.dialog("task/submit", {**action["data"], "evidence": " "})
    assert "Say what shows that it is solved" in str(empty)
    assert (
        await desk.rota.dialog("task/submit", {**action["data"], "evidence": "Four weeks without it: graph 12"}) is None
    )
    closed = await problem(desk)
    assert closed is not None
    assert closed.state is ProblemState.CLOSED
    await desk.runs()
    await happens(desk)
    again = await problem(desk)
    assert again is not None
    assert again.is_open, "what showed that it was solved did not hold"
    assert len(desk.got("ada", letter="problem")) == 2
    assert "There is none" not in texts(card_of(await desk.rota.say("problems", "ada")))


async def test_it_is_moved_handed_over_linked_and_listed(desk: CareDesk) -> None:
    for _ in range(3):
        await happens(desk, fix="Restarted it")
    await happens(desk, "Search is slow", service="platform")
    assert "Mon 2026-12-14, in 21 days" in texts(card_of(await desk.rota.say("problem move 1 2026-12-14", "ada")))
    await desk.rota.say("problem assign 1 @grace", "ada")
    await desk.runs()
    assert "Grace Hopper" in texts(desk.card("grace", letter="problem"))
    assert "4 incidents" in said(await desk.rota.say("problem link 1 INC-4", "zoe"))
    assert "belongs to it already" in texts(card_of(await desk.rota.say("problem link 1 INC-4", "zoe")))
    await desk.rota.say("problem unlink INC-4", "grace")
    assert await desk.rota.see(lambda store: store.problems.of_incident(4)) is None
    assert "Problem 1" in texts(card_of(await desk.rota.say("problems mine", "grace")))
    assert "There is none" in texts(card_of(await desk.rota.say("problems mine", "lin")))
    assert "Problem 1" in texts(card_of(await desk.rota.say("problems team:it-ops", "lin")))
    assert "There is no problem 9" in said(await desk.rota.say("problem close 9 x", "ada"))
    assert "After `problems` I know" in said(await desk.rota.say("problems frob", "ada"))


async def test_its_owner_is_reminded_and_then_the_other_lead(desk: CareDesk) -> None:
    for _ in range(3):
        await happens(desk, fix="Restarted it")
    desk.sent.clear()
    await desk.later(days=60)
    days = [one.at.strftime("%m-%d %H:%M") for one in desk.got("ada", letter="problem")]
    assert days == ["12-04 09:00", "12-07 09:00", "12-08 09:00", "12-15 09:00", "12-22 09:00", "12-29 09:00"]
    assert len(desk.got("lin", "is not solved")) == 4


async def test_twenty_at_once_are_one_time(desk: CareDesk) -> None:
    for _ in range(4):
        await tell(desk.rota, "declare Checkout is down sev3 service:checkout")
    await desk.later(minutes=1)
    assert await problem(desk) is None
    assert "INC-3" in texts(await status(desk, 4)), "it is said all the same"


async def test_what_is_long_ago_is_no_repetition(desk: CareDesk) -> None:
    await happens(desk, fix="Restarted it")
    await happens(desk, fix="Restarted it")
    desk.sleeps(desk.rota.now + 91 * DAY)
    await happens(desk)
    assert await problem(desk) is None


async def test_forged_buttons_are_answered_with_a_sentence(desk: CareDesk) -> None:
    for verb in ("problem.view", "problem.close", "problem.close.submit", "problem.reopen"):
        for data in ({}, {"problem": 99}, {"problem": True}, {"problem": "1"}):
            assert "problem" in shown(await desk.rota.press(verb, data, "ada")).lower(), (verb, data)
