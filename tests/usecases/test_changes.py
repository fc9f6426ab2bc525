"""`change` through the whole bot on a real store: recorded, approved, rolled back, seen beside incidents, linked."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.letters.change import LETTER
from bot.letters.letter import Gone
from domain.approval import ApprovalState, Decision
from domain.catalog import Side, Team
from domain.change import ChangeState, Risk
from domain.conversation import ConversationKind, Place
from domain.freeze import Freeze
from domain.organisation import OrganisationSettings
from scheduling.jobs.registry import all_jobs
from storage.database import Database
from tests.support.rota import Rota, buttons, card_of, everything, lines, said, shown, texts, utc
from tests.support.samples import NOW
from tests.usecases.changer import AHEAD, EVENING, card, change, decide, report, tell
from usecases.approvals import asking
from usecases.change_ports import ChangeFilter
from usecases.changes.views import failure_rate
from usecases.work import DueWork

S = ChangeState


@pytest.fixture
async def rota(db: Database) -> AsyncIterator[Rota]:
    return await Rota.made(db)


# -- recording --------------------------------------------------------------------------------------------------------


async def test_what_has_happened_is_done_whatever_its_risk(rota: Rota) -> None:
    await tell(rota, "change Deploy checkout 4.12 service:CHECKOUT risk:high")
    made = await change(rota)
    assert (made.title, made.service, made.risk, made.at) == ("Deploy checkout 4.12", "checkout", Risk.HIGH, NOW)
    assert (made.state, made.source, made.recorded_by) == (S.DONE, "teams", rota.people["ada"].id)
    assert await rota.see(lambda store: asking.standing(store, "change", 1)) is None
    assert lines(texts(await card(rota)))[:2] == ["Change 1  ·  ▲ High risk  ·  Done", "Deploy checkout 4.12"]


@pytest.mark.parametrize(
    ("typed", "title", "at"),
    [
        ("Look at the pool service:checkout", "Look at the pool", NOW),
        ("service:checkout Deploy at 2026-11-23 09:00", "Deploy", utc(2026, 11, 23, 9)),
        ("Deploy at night service:checkout at tomorrow 22:00", "Deploy at night", EVENING),
        ("“Deploy at 3 sites” at 2026-11-24T23:00+01:00 service:checkout", "Deploy at 3 sites", EVENING),
        ("Deploy RISK:Low service:checkout at monday at 22:00", "Deploy", utc(2026, 11, 23, 22)),
        ("List prices anew service:checkout", "List prices anew", NOW),
        ("Deploy at in-memory cache service:checkout", "Deploy at in-memory cache", NOW),
    ],
)
async def test_a_line_is_read_in_any_order(rota: Rota, typed: str, title: str, at: Any) -> None:
    await tell(rota, f"change {typed}")
    made = await change(rota)
    assert (made.title, made.at, made.state) == (title, at, S.PLANNED if at > NOW else S.DONE)


@pytest.mark.parametrize(
    ("typed", "problem", "filled"),
    [
        ("", "", {}),
        ("Deploy 4.12", "", {"title": "Deploy 4.12"}),
        ("service:checkout risk:high", "", {"service": "checkout", "risk": "high"}),
        ("Deploy service:nope", "There is no service “nope”", {"title": "Deploy"}),
        ("Deploy service:checkout service:platform", "belongs to one service", {"title": "Deploy"}),
        ("Deploy service:checkout risk:severe", "There is no risk “severe”", {"title": "Deploy"}),
        ("Deploy service:checkout at 2026-13-99 99:99", "no date and time", {"title": "Deploy", "service": "checkout"}),
        (f"{'x' * 300} service:checkout", "300 characters; 200 is the most", {"title": "x" * 200}),
    ],
)
async def test_what_is_missing_or_unclear_opens_the_form_filled_in(
    rota: Rota, typed: str, problem: str, filled: dict[str, str]
) -> None:
    form = card_of(await rota.say(f"change {typed}"))
    assert list(buttons(form)) == ["Record change", "Cancel"]
    assert problem in texts(form)
    given = {i["id"]: i.get("value") for i in everything(form) if str(i.get("type")).startswith("Input.")}
    assert {name: given[name] for name in filled} == filled
    assert await rota.see(lambda store: store.changes.get(1)) is None


async def send(rota: Rota, who: str = "ada", **fields: str) -> str:
    submit = buttons(card_of(await rota.say("change", who)))["Record change"]
    given = {"title": "Upgrade", "service": "checkout", "risk": "low", **fields}
    return shown(await rota.press(submit["verb"], {**submit["data"], **given}, who))


async def test_the_form_records_in_the_zone_it_was_drawn_in(rota: Rota) -> None:
    said_so = await send(
        rota,
        "grace",
        at_day="2026-11-24",
        at_time="17:00",
        ends_day="2026-11-24",
        ends_time="18:30",
        rollback="helm rollback",
        links="https://a.example/1\nhttps://a.example/2",
    )
    assert "Change 1 is recorded; its card is posted here." in said_so
    made = await change(rota)
    assert (made.at, made.ends_at) == (EVENING, EVENING + timedelta(minutes=90))
    assert (made.rollback, made.links) == ("helm rollback", ("https://a.example/1", "https://a.example/2"))
    drawn = texts(await card(rota))
    assert "Tue 2026-11-24 17:00 New York (22:00 UTC)" in drawn
    assert "[Link 1](https://a.example/1)  ·  [Link 2](https://a.example/2)" in drawn


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"title": " "}, "A change needs a title"),
        ({"service": ""}, "Choose a service."),
        ({"service": "gone"}, "There is no service “gone”"),
        ({"risk": "?"}, "There is no risk “?”"),
        ({"at_day": "2026-11-24"}, "Choose a day and a time for “At”."),
        ({"ends_day": "2026-11-20", "ends_time": "10:00"}, "A change ends after it begins"),
        ({"links": "wiki"}, "“wiki” is no link"),
    ],
)
async def test_a_form_that_is_refused_comes_back_with_what_was_typed(
    rota: Rota, fields: dict[str, str], problem: str
) -> None:
    back = await send(rota, rollback="helm rollback", **fields)
    assert problem in back
    assert "helm rollback" in back
    assert await rota.see(lambda store: store.changes.get(1)) is None


async def test_a_form_records_once_and_a_line_that_comes_twice_too(rota: Rota) -> None:
    submit = buttons(card_of(await rota.say("change")))["Record change"]
    data = {**submit["data"], "title": "Upgrade", "service": "checkout", "risk": "low"}
    await rota.press(submit["verb"], data)
    assert "recorded its change already" in shown(await rota.press(submit["verb"], data, "grace"))
    await tell(rota, "change Deploy service:checkout")
    await rota.again("change Deploy service:checkout")
    assert len(await rota.see(lambda store: store.changes.list(ChangeFilter()))) == 2


async def test_words_of_people_stay_words(rota: Rota) -> None:
    await tell(rota, "change <at>all</at> **bold** [x](https://e.example) service:checkout")
    (letter,) = await rota.letters(name="change")
    assert "\\*\\*bold\\*\\*" in texts(letter.card)
    assert "<at" not in letter.text


async def test_what_is_recorded_privately_stands_in_the_own_chat(rota: Rota) -> None:
    await tell(rota, "help")  # from now on Ada's own chat is known
    asked = rota._inbound("message", "ada", "groupChat", text="change Deploy service:checkout", private=True)
    await rota.router.turn(asked)
    (letter,) = await rota.letters(name="change")
    assert letter.payload["place"]["conversation_id"] == "a:ada"
    answer = [row for row in await rota.outbox() if row["do"] == "post"][-1]
    assert answer["activity"]["text"] == "Change 1 is recorded; its card is in your chat with me."
    assert answer["to"] == "29:ada"


# -- approval ---------------------------------------------------------------------------------------------------------


async def test_a_medium_risk_is_approved_by_the_other_side(rota: Rota) -> None:
    await tell(rota, f"change Upgrade service:checkout risk:medium {AHEAD}")
    assert (await change(rota)).state is S.PROPOSED
    assert "To approve\nIT Operations" in texts(await card(rota, 0))
    (asked,) = await rota.letters("lin", "approval")
    assert "Change 1: Upgrade" in texts(asked.card)
    await decide(rota, "lin", Decision.APPROVE)
    assert (await change(rota)).state is S.PLANNED
    assert "Approved by\nLin Wei 林薇" in texts(await card(rota, 0))
    assert list(buttons(await card(rota, 0))) == ["Done", "Rolled back", "Cancel"]


async def test_a_high_risk_is_approved_by_both_sides_and_never_by_its_author(rota: Rota) -> None:
    await tell(rota, f"change Upgrade service:checkout risk:high {AHEAD}")
    with pytest.raises(Exception, match="somebody else has to make it"):
        await decide(rota, "ada", Decision.APPROVE)
    await decide(rota, "lin", Decision.APPROVE)
    assert (await change(rota)).state is S.PROPOSED
    await decide(rota, "grace", Decision.APPROVE)
    assert (await change(rota)).state is S.PLANNED


async def test_a_rejection_says_why(rota: Rota) -> None:
    await tell(rota, f"change Upgrade service:checkout risk:medium {AHEAD}")
    await decide(rota, "lin", Decision.REJECT, "Not before the sale.")
    assert ((await change(rota)).state, (await change(rota)).comment) == (S.REJECTED, "Not before the sale.")
    drawn = await card(rota, 0)
    assert "Rejected by\nLin Wei 林薇, Mon 2026-11-23 14:18 London (14:18 UTC)" in texts(drawn)
    assert "Not before the sale." in texts(drawn)
    assert buttons(drawn) == {}


async def test_what_nobody_decides_before_its_time_does_not_happen(rota: Rota) -> None:
    await tell(rota, f"change Upgrade service:checkout risk:medium {AHEAD}")
    rota.now = EVENING
    await run_due(rota, asking.EXPIRE)
    made = await change(rota)
    assert (made.state, made.comment) == (S.CANCELLED, "Nobody decided before its time.")


async def test_a_cancelled_change_needs_no_decision_any_more(rota: Rota) -> None:
    await tell(rota, f"change Upgrade service:checkout risk:medium {AHEAD}")
    assert "Cancelled" in shown(await rota.press("change.cancel", {"change": 1}, "grace"))
    approval = await rota.see(lambda store: asking.standing(store, "change", 1))
    assert (approval.state, approval.reason) == (ApprovalState.WITHDRAWN, "Change 1 was cancelled.")
    assert "Cancelled by\nGrace Hopper" in texts(await card(rota, 0))


async def test_a_change_in_a_freeze_says_so_to_those_who_decide(db: Database) -> None:
    day = timedelta(days=1)
    freeze = Freeze(name="Sale *now*", starts_at=EVENING - day, ends_at=EVENING + day, services=("checkout",))
    rota = await Rota.made(db, settings=OrganisationSettings(freezes=(freeze,)))
    await tell(rota, f"change Upgrade service:checkout risk:medium {AHEAD}")
    assert "⚠ It falls into the freeze “Sale \\*now\\*”." in texts(await card(rota))
    (asked,) = await rota.letters("lin", "approval")
    assert "it falls into “Sale" in texts(asked.card)
    await tell(rota, "change Other service:platform at 2026-11-24 22:00")
    await tell(rota, "change After it service:checkout at 2026-11-25 22:00")
    await tell(rota, "change Done already service:checkout")
    assert [("freeze" in texts(await card(rota, n))) for n in (1, 2, 3)] == [False, False, False]


NOBODY = (
    Team(id="payments", name="Payments", side=Side.ENGINEERING, members=("ada",)),
    Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS),
    Team(id="platform", name="Platform", side=Side.PLATFORM, members=("zoe",)),
)


@pytest.mark.parametrize("risk", ["medium", "high"])
async def test_where_nobody_could_approve_it_is_planned_and_says_so(db: Database, risk: str) -> None:
    rota = await Rota.made(db, teams=NOBODY)
    await tell(rota, f"change Upgrade service:checkout risk:{risk} {AHEAD}")
    assert (await change(rota)).state is S.PLANNED
    assert "Nobody else could approve it, so it is planned without an approval." in texts(await card(rota))


@pytest.mark.parametrize("operations", [(), ("grace",)], ids=["nobody in operations", "the same person on both sides"])
async def test_where_one_of_two_sides_has_nobody_the_other_one_is_asked(
    db: Database, operations: tuple[str, ...]
) -> None:
    teams = (
        Team(id="payments", name="Payments", side=Side.ENGINEERING, members=("ada", "grace")),
        Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS, members=operations),
        NOBODY[2],
    )
    rota = await Rota.made(db, teams=teams)
    await tell(rota, f"change Upgrade service:checkout risk:high {AHEAD}")
    assert (await change(rota)).state is S.PROPOSED
    assert "could be asked: the other side has nobody to approve it." in texts(await card(rota))
    await decide(rota, "grace", Decision.APPROVE)
    assert (await change(rota)).state is S.PLANNED


# -- how it went ------------------------------------------------------------------------------------------------------


async def run_due(rota: Rota, kind: str) -> int:
    """Carry out the work of a kind that is due."""
    (job,) = [j for j in all_jobs() if j.kind == kind]

    def work(store: Any) -> int:
        subjects = ("change:1", "approval:1")
        found = [w for s in subjects for w in store.work.planned(s) if w.kind == kind and w.due_at <= rota.now]
        for n, one in enumerate(found):
            due = DueWork(id=n, kind=kind, due_at=one.due_at, fence=1, subject=one.subject, payload=one.payload)
            job.run(store, due, rota.now)
        return len(found)

    return await rota.change(work)


async def stand(rota: Rota, place: Place) -> None:
    """Let Teams have taken the card."""
    (row,) = [row for row in await rota.outbox() if row.get("letter") == "change"]
    gone = Gone(payload=row, place=place, activity_id="7", attempts=1, at=rota.now)
    assert LETTER.sent is not None
    await rota.change(lambda store: LETTER.sent(store, gone))


def channel() -> Place:
    return Place(
        tenant_id="t", service_url="https://s/", conversation_id="19:x@thread.tacv2", kind=ConversationKind.CHANNEL
    )


async def test_a_press_redraws_the_card_for_everybody_and_a_second_one_changes_nothing(rota: Rota) -> None:
    await tell(rota, f"change Upgrade service:checkout {AHEAD}")
    await stand(rota, channel())
    rota.now = EVENING + timedelta(minutes=10)
    assert "Done" in shown(await rota.press("change.done", {"change": 1}, "grace"))
    first = await change(rota)
    assert (first.state, first.at, first.ended_by) == (S.DONE, EVENING, rota.people["grace"].id)
    (redrawn,) = [row for row in await rota.outbox() if row.get("activity_id") == "7"]
    assert redrawn["change"] == 1
    assert "Done" in shown(await rota.press("change.done", {"change": 1}, "ada"))
    assert await change(rota) == first
    assert await rota.see(lambda store: store.work.planned("change:1")) == []


async def test_a_card_that_was_sent_while_the_change_went_on_is_drawn_again(rota: Rota) -> None:
    await tell(rota, f"change Upgrade service:checkout {AHEAD}")
    await rota.press("change.done", {"change": 1})
    await stand(rota, channel())
    assert len([row for row in await rota.outbox() if row.get("activity_id") == "7"]) == 1


async def test_a_rollback_asks_what_happened(rota: Rota) -> None:
    await tell(rota, "change Upgrade service:checkout")
    form = (await rota.press("change.rollback", {"change": 1}))["value"]
    submit = buttons(form)["Rolled back"]
    assert "Rolled back" in shown(await rota.press(submit["verb"], {**submit["data"], "comment": "Errors."}))
    assert ((await change(rota)).state, (await change(rota)).comment) == (S.ROLLED_BACK, "Errors.")
    too_late = await rota.press(submit["verb"], {**submit["data"], "comment": "x" * 2_000}, "grace")
    assert "Errors." in shown(too_late)
    assert "so nothing was changed" in shown(await rota.press("change.cancel", {"change": 1}))


@pytest.mark.parametrize("data", [{}, {"change": "1; --"}, {"change": 99}, {"change": True}, {"change": 2**40}])
@pytest.mark.parametrize(
    "verb", ["change.done", "change.cancel", "change.rollback", "change.view", "change.rolled_back"]
)
async def test_a_press_on_what_is_not_there_is_answered_in_a_sentence(rota: Rota, verb: str, data: Any) -> None:
    assert "change list" in shown(await rota.press(verb, data))


async def test_its_author_is_asked_how_it_went_an_hour_later_or_at_its_end(rota: Rota) -> None:
    await tell(rota, f"change Upgrade service:checkout {AHEAD}")
    (planned,) = await rota.see(lambda store: store.work.planned("change:1"))
    assert planned.due_at == EVENING + timedelta(hours=1)
    rota.now = planned.due_at
    assert await run_due(rota, "change.outcome:1") == 1
    (_, asked) = await rota.letters(name="change")
    assert asked.payload["object_id"] == rota.people["ada"].object_id
    assert asked.text.startswith("How did it go? Change 1, low risk, on Checkout: Upgrade")
    assert "Nobody has said it yet." in texts(asked.card)
    await rota.press("change.done", {"change": 1})
    assert (await rota.letters("ada", "change"))[-1].activity is None  # answered before it left


async def test_what_is_approved_is_asked_about_and_what_a_program_plans_is_not(rota: Rota) -> None:
    await tell(rota, f"change Upgrade service:checkout risk:medium {AHEAD}")
    assert await rota.see(lambda store: store.work.planned("change:1")) == []
    await decide(rota, "lin", Decision.APPROVE)
    assert len(await rota.see(lambda store: store.work.planned("change:1"))) == 1
    number = await report(rota, minutes=-600)
    assert await rota.see(lambda store: store.work.planned(f"change:{number}")) == []


# -- lists ------------------------------------------------------------------------------------------------------------


async def test_a_list_names_the_latest_with_the_failure_rate(rota: Rota) -> None:
    for n in range(12):
        await report(rota, f"Deploy {n}", minutes=n + 1, state=S.ROLLED_BACK if n == 3 else None)
    await report(rota, "Pipeline", minutes=0, service="platform")
    answer = await rota.say("change list service:checkout")
    drawn = texts(card_of(answer))
    assert "Change failure rate, last 30 days: 8 % (1 of 12)" in drawn
    assert [f"Deploy {n}\n" in f"{drawn}\n" for n in (0, 9, 10)] == [True, True, False]
    older = buttons(card_of(answer))["Older"]
    assert "Deploy 11" in shown(await rota.press(older["verb"], older["data"]))
    assert "Pipeline" in texts(card_of(await rota.say("changes list")))
    assert "There is no service “nope”" in said(await rota.say("change list service:nope"))
    odd = {**older["data"], "before": "x", "before_at": "y", "service": ["checkout"]}
    assert "Deploy 0" in shown(await rota.press(older["verb"], odd))


async def test_an_empty_list_says_what_to_do(rota: Rota) -> None:
    drawn = card_of(await rota.say("change list"))
    assert "There are none." in texts(drawn)
    assert "failure rate" not in texts(drawn)
    form = (await rota.press("change.open", buttons(drawn)["Record change"]["data"]))["value"]
    assert list(buttons(form)) == ["Record change", "Back"]


async def test_the_failure_rate_is_a_count_with_its_number(rota: Rota) -> None:
    for state in (S.DONE, S.FAILED, S.ROLLED_BACK, S.PLANNED):
        await report(rota, state=state)
    since = NOW - timedelta(days=1)
    assert await rota.see(lambda store: failure_rate(store, since, NOW)) == (2, 3)
    assert await rota.see(lambda store: failure_rate(store, since, NOW, ["platform"])) == (0, 0)
