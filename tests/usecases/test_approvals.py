"""Approvals through the whole bot on a real store: asked, decided, too late, by the wrong person, by nobody."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.letters.approval import LETTER
from bot.letters.letter import Gone, Undelivered
from domain.approval import Approval, ApprovalState, Group, parse_decider
from domain.catalog import Service, Side, Team
from domain.errors import Refused
from domain.incident import Role
from domain.people import Person
from domain.timeline import Source
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.rota import (
    ADA,
    BEN,
    CREW,
    GRACE,
    ZOE,
    Rota,
    buttons,
    card_of,
    everything,
    organisation,
    said,
    shown,
    texts,
)
from tests.support.samples import NOW, person, place
from usecases import organisation as organisations
from usecases.approvals import asking, deciders, deciding, registry, telling
from usecases.approvals.asking import Question
from usecases.approvals.subjects import SubjectKind, SubjectView
from usecases.approvals.views import ApprovalView, approval_to_see, approval_view
from usecases.incidents import Incidents, Trail
from usecases.work import DueWork

LIMIT = NOW + timedelta(hours=4)
TITLE = "Deploy <at>all</at> **4.12**"
ended: list[tuple[ApprovalState, str | None]] = []


def content(store: Any, number: int) -> Mapping[str, Any] | None:
    text = store.key_value.get(f"thing.{number}")
    return None if text is None else {"text": text}


def look(store: Any, number: int, zone: str | None, now: datetime) -> SubjectView:
    return SubjectView(title=TITLE, lines=(("Service", "checkout"),), text=store.key_value.get(f"thing.{number}") or "")


def decided(store: Any, approval: Approval, actor: Person | None, now: datetime) -> None:
    ended.append((approval.state, actor.handle if actor else None))


THING = SubjectKind(kind="thing", content=content, view=look, decided=decided)


@pytest.fixture
async def rota(db: Database, monkeypatch: pytest.MonkeyPatch) -> Rota:
    monkeypatch.setattr(registry, "SUBJECTS", (THING,))
    ended.clear()
    return await Rota.made(db)


async def ask(
    rota: Rota, *groups: str | tuple[str, int], who: str = "ada", until: datetime = LIMIT, **more: Any
) -> Approval:
    wanted = [(g, 1) if isinstance(g, str) else g for g in groups]

    def work(store: SqlStore) -> Approval:
        store.key_value.set("thing.7", more.get("text", "the words"))
        question = Question(
            kind="thing",
            subject_id=7,
            content={"text": more.get("text", "the words")},
            groups=tuple(
                Group(deciders=tuple(map(parse_decider, names.split())), needed=needed) for names, needed in wanted
            ),
            expires_at=until,
            places=more.get("places", ()),
        )
        return asking.ask(store, rota.people[who], question, rota.now)

    return await rota.change(work)


async def press(rota: Rota, what: str, who: str, **typed: Any) -> str:
    return shown(await rota.press(f"approval.{what}", {"approval": 1, **typed}, who))


async def now(rota: Rota, number: int = 1) -> Approval:
    return await rota.see(lambda store: store.approvals.get(number))


async def view_of(rota: Rota, number: int = 1) -> ApprovalView:
    def look(store: SqlStore) -> ApprovalView:
        return approval_view(store, approval_to_see(store, number), None, rota.now)

    return await rota.see(look)


async def due(rota: Rota, kind: str, number: int = 1) -> None:
    """Let the work of a kind run, as the engine does at its moment."""
    run = {
        asking.REMIND: deciding.run_remind,
        asking.ESCALATE: deciding.run_escalate,
        asking.EXPIRE: deciding.run_expire,
    }
    work = DueWork(id=1, kind=kind, due_at=rota.now, fence=1, subject=None, payload={"approval": number})
    await rota.change(lambda store: run[kind](store, work, rota.now))


async def sentences(rota: Rota, who: str) -> list[str]:
    return [letter.text for letter in await rota.letters(who, "sentence")]


# -- asking -----------------------------------------------------------------------------------------------------------


async def test_each_who_may_decide_is_asked_in_their_own_zone_and_nobody_else(rota: Rota) -> None:
    await ask(rota, "team:it-ops lead:payments", who="grace")
    (lin,), (ada,) = await rota.letters("lin"), await rota.letters("ada")
    assert lin.text == (
        "Grace Hopper asks you to approve “Deploy <\u200bat>all<\u200b/at> **4.12**” until "
        "Mon 2026-11-23 23:48 Kolkata (18:18 UTC)."
    )
    assert list(buttons(ada.card)) == ["Approve", "Reject"]
    assert await rota.letters("grace") == []


async def test_the_card_shows_what_is_approved_and_escapes_it(rota: Rota) -> None:
    await ask(rota, "team:it-ops", text="rm -rf <at>all</at> [x](https://e.example)")
    (lin,) = await rota.letters("lin")
    assert "Deploy &lt;at>all&lt;/at> \\*\\*4.12\\*\\*" in texts(lin.card)
    assert "rm -rf &lt;at>all&lt;/at> \\[x\\]\\(https://e.example)" in texts(lin.card)
    assert "IT Operations \\(0 of 1 person)" in texts(lin.card) or "IT Operations (0 of 1 person)" in texts(lin.card)


async def test_where_everybody_reads_it_there_is_one_button_to_decide(rota: Rota) -> None:
    await ask(rota, "team:it-ops", places=(place(),))
    base = next(letter for letter in await rota.letters() if letter.payload["reader"] is None)
    assert list(buttons(base.card)) == ["Decide"]
    assert "comment" not in [found.get("id") for found in everything(base.card)]


async def test_who_cannot_be_asked_because_nobody_is_there_is_refused(rota: Rota) -> None:
    with pytest.raises(Refused, match="Nobody else could approve this: Platform would have to"):
        await ask(rota, "team:platform", who="zoe")
    with pytest.raises(Refused, match="Nobody else could approve"):
        await ask(rota, ("team:it-ops", 2))


async def test_asked_again_the_earlier_question_is_withdrawn_and_its_work_gone(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    await ask(rota, "team:it-ops", text="other words")
    assert (await now(rota)).state is ApprovalState.WITHDRAWN
    assert (await now(rota, 2)).state is ApprovalState.PENDING
    assert await rota.see(lambda store: store.work.planned("approval:1")) == []
    assert ended == []


def commanded(store: SqlStore, people: Mapping[str, Person]) -> None:
    """Declare INC-1, whose commander is Lin."""
    desk, trail = Incidents(store, NOW), Trail(Source.MESSAGE, None)
    given: dict[str, Any] = {"severity": 3, "services": (), "details": "", "place": place(), "trail": trail}
    desk.declare(people["ada"], title="It is down", **given)
    desk.assign(people["ada"], 1, Role.COMMANDER, people["lin"], trail)


# -- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decider", "handles"),
    [
        ("person:grace", {"grace"}),
        ("person:nobody", set()),
        ("team:payments", {"ada", "grace"}),
        ("team:gone", set()),
        ("lead:payments", {"ada"}),
        ("lead:it-ops", set()),
        ("side:operations/checkout", {"lin"}),
        ("side:engineering/checkout", {"ada", "grace"}),
        ("side:operations/platform", set()),
        ("side:sideways/checkout", set()),
        ("schedule:payments-primary", {"grace"}),
        ("schedule:it-ops-primary", set()),
        ("schedule:gone", set()),
        ("role:commander/1", {"lin"}),
        ("role:scribe/1", set()),
        ("role:commander/99", set()),
        ("role:commander/x", set()),
    ],
)
async def test_who_a_decider_means(rota: Rota, decider: str, handles: set[str]) -> None:
    await rota.change(lambda store: commanded(store, rota.people))
    found = await rota.see(lambda store: deciders.people_for(store, parse_decider(decider), rota.now))
    assert {person.handle for person in found} == handles


async def test_who_has_no_account_in_teams_can_press_nothing_and_so_is_not_counted_on(rota: Rota) -> None:
    with pytest.raises(Refused, match="Nobody else could approve this: Ben Azar would have to"):
        await ask(rota, "person:ben")
    await ask(rota, ("team:payments person:ben", 0), who="zoe")
    assert [group.needed for group in (await view_of(rota)).groups] == [2]


async def test_of_many_the_leads_are_asked_first_and_the_others_find_it_in_their_channel(rota: Rota) -> None:
    crowd = tuple(person(n, f"Aaron {n:03}", handle=f"aaron{n}") for n in range(100, 130))
    team = Team(
        id="payments",
        name="Payments",
        side=Side.ENGINEERING,
        lead="zoe",
        members=tuple(one.handle for one in crowd),
        channel="19:pay@thread.tacv2",
    )
    big = organisation(people=(*CREW, *crowd), teams=(team,), services=(), schedules=(), escalation_policies=())
    await rota.change(lambda store: store.organisations.replace(big))
    await ask(rota, "team:payments", who="lin")
    asked = await rota.letters(name="approval")
    assert len([letter for letter in asked if letter.payload["reader"] is not None]) == telling.ASKED_AT_MOST
    assert ZOE.object_id in {letter.payload.get("object_id") for letter in asked}
    (everybody,) = [letter for letter in asked if letter.payload["reader"] is None]
    assert everybody.payload["place"]["conversation_id"] == "19:pay@thread.tacv2"
    assert list(buttons(everybody.card)) == ["Decide"]


@pytest.mark.parametrize(
    ("who", "wanted"), [("ada", ["team:it-ops"]), ("lin", ["team:payments"]), ("zoe", ["team:payments"])]
)
async def test_the_other_side_is_asked(rota: Rota, who: str, wanted: list[str]) -> None:
    def groups(store: SqlStore) -> list[str]:
        services = [found for found in (store.catalog.service("checkout"),) if found]
        made = deciders.other_side(store, rota.people[who], services, rota.now)
        return [str(decider) for group in made for decider in group.deciders]

    assert await rota.see(groups) == wanted


async def test_where_the_other_side_is_nobody_the_own_one_is_asked(rota: Rota) -> None:
    def groups(store: SqlStore) -> tuple[Group, ...]:
        services = [found for found in (store.catalog.service("platform"),) if found]
        return deciders.other_side(store, rota.people["ada"], services, rota.now)

    assert [str(group.deciders[0]) for group in await rota.see(groups)] == ["team:platform"]


# -- deciding ---------------------------------------------------------------------------------------------------------


async def test_one_yes_is_enough_and_who_asked_is_told(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    assert "Lin Wei 林薇 approved it at 14:18 UTC." in await press(rota, "approve", "lin", comment="after 20:00 please")
    assert (await now(rota)).state is ApprovalState.APPROVED
    assert ended == [(ApprovalState.APPROVED, "lin")]
    assert await sentences(rota, "ada") == [
        "Deploy <\u200bat>all<\u200b/at> **4.12**: Lin Wei 林薇 approved it at 14:18 UTC. Lin Wei 林薇: after 20:00 please"
    ]
    assert await rota.see(lambda store: store.work.planned("approval:1")) == []


async def test_pressed_twice_it_counts_once(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    await press(rota, "approve", "lin")
    before = await now(rota)
    assert "approved it at 14:18 UTC" in await press(rota, "approve", "lin", comment="again")
    assert await now(rota) == before
    assert len(ended) == 1


async def test_a_no_needs_a_word_and_the_field_stays(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    answer = await rota.press("approval.reject", {"approval": 1, "comment": "  "}, "lin")
    assert "Say why you reject it" in texts(answer["value"])
    assert list(buttons(answer["value"])) == ["Approve", "Reject"]
    await press(rota, "reject", "lin", comment="Not on a Friday")
    assert ended == [(ApprovalState.REJECTED, "lin")]
    assert (await sentences(rota, "ada"))[0].endswith("rejected it at 14:18 UTC. Lin Wei 林薇: Not on a Friday")


async def test_a_comment_that_is_too_long_is_not_lost(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    long = "x" * 1_001
    answer = await rota.press("approval.reject", {"approval": 1, "comment": long}, "lin")
    assert "1000 is the most" in texts(answer["value"])
    assert next(f for f in everything(answer["value"]) if f.get("id") == "comment")["value"] == long


@pytest.mark.parametrize("who", ["ada", "grace", "zoe"])
async def test_others_and_whoever_asked_may_not(rota: Rota, who: str) -> None:
    await ask(rota, "team:it-ops team:payments" if who == "ada" else "team:it-ops")
    assert "somebody else has to make it" in (words := await press(rota, "approve", who)) or "not one of those" in words
    assert (await now(rota)).votes == ()


async def test_too_late_says_who_and_when(rota: Rota) -> None:
    await ask(rota, "team:it-ops lead:payments", who="grace")
    await press(rota, "approve", "lin")
    rota.later(minutes=3)
    assert "It is too late. Lin Wei 林薇 approved it at 14:18 UTC." in await press(rota, "reject", "ada", comment="no")
    assert (await now(rota)).state is ApprovalState.APPROVED


async def test_one_of_each_side(rota: Rota) -> None:
    await ask(rota, "team:payments", "team:it-ops", who="zoe")
    assert "Payments (1 of 1 person); IT Operations (0 of 1 person)" in (await press(rota, "approve", "ada")).replace(
        "\\", ""
    )
    assert (await now(rota)).is_open
    await press(rota, "approve", "grace")
    assert (await now(rota)).is_open
    await press(rota, "approve", "lin")
    assert (await now(rota)).state is ApprovalState.APPROVED


async def test_an_edit_of_the_subject_withdraws_the_question(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    await rota.change(lambda store: store.key_value.set("thing.7", "edited"))
    assert "has changed since" in await press(rota, "approve", "lin")
    assert ended == [(ApprovalState.WITHDRAWN, None)]


async def test_whoever_asked_may_withdraw_it(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    assert list(buttons((await rota.press("approval.view", {"approval": 1}, "ada"))["value"])) == ["Withdraw"]
    assert "Only whoever asked" in await press(rota, "withdraw", "lin")
    assert "Ada Lovelace withdrew it at 14:18 UTC." in await press(rota, "withdraw", "ada")
    assert "withdrew it" in await press(rota, "withdraw", "ada")
    assert ended == [(ApprovalState.WITHDRAWN, "ada")]


@pytest.mark.parametrize("number", [None, 0, -1, 99, "1", True, 2**40])
async def test_a_forged_number_is_a_sentence(rota: Rota, number: Any) -> None:
    await ask(rota, "team:it-ops")
    answer = shown(await rota.press("approval.approve", {"approval": number}, "lin"))
    assert "approvals" in answer
    assert (await now(rota)).votes == ()


# -- every copy -------------------------------------------------------------------------------------------------------


async def stand(rota: Rota, letter: Any, activity: str) -> None:
    where = place("personal", conversation_id=f"a:{activity}")
    gone = Gone(payload=letter.payload, place=where, activity_id=activity, attempts=1, at=rota.now)
    assert LETTER.sent is not None
    await rota.change(lambda store: LETTER.sent and LETTER.sent(store, gone))


async def test_every_copy_is_drawn_again_and_a_late_one_too(rota: Rota) -> None:
    await ask(rota, "team:payments team:it-ops", who="zoe", places=(place(),))
    sent = await rota.letters(name="approval")
    for count, letter in enumerate(sent[:-1]):
        await stand(rota, letter, f"m{count}")
    await press(rota, "approve", "ada")
    await stand(rota, sent[-1], "late")
    again = {row["activity_id"] for row in await rota.outbox() if row.get("activity_id")}
    assert again == {"m0", "m1", "m2", "late"}
    drawn = [letter for letter in await rota.letters(name="approval") if letter.payload.get("activity_id")]
    assert all("Ada Lovelace approved it" in texts(letter.card) and not buttons(letter.card) for letter in drawn)


async def test_a_question_that_is_decided_before_it_left_is_not_sent(rota: Rota) -> None:
    await ask(rota, "team:payments", who="zoe")
    await press(rota, "approve", "ada")
    assert [letter.activity for letter in await rota.letters("grace", "approval")] == [None]


async def test_who_was_not_reached_is_named(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    (lin,) = await rota.letters("lin")
    lost = Undelivered(payload=lin.payload, reason="the person has blocked the bot", attempts=1, at=rota.now)
    await rota.change(lambda store: LETTER.failed and LETTER.failed(store, lost))
    assert await sentences(rota, "ada") == [
        "I could not ask Lin Wei 林薇 to decide thing:7: the person has blocked the bot."
    ]


# -- time -------------------------------------------------------------------------------------------------------------


async def test_reminder_escalation_and_expiry_are_planned_with_the_question(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    planned = await rota.see(lambda store: store.work.planned("approval:1"))
    assert [(w.kind, w.due_at - NOW) for w in planned] == [
        (asking.REMIND, timedelta(hours=2)),
        (asking.ESCALATE, timedelta(hours=3)),
        (asking.EXPIRE, timedelta(hours=4)),
    ]


async def test_of_a_long_wait_people_are_reminded_soon_and_again_before_its_end(rota: Rota) -> None:
    await ask(rota, "team:it-ops", until=NOW + timedelta(days=60))
    planned = await rota.see(lambda store: store.work.planned("approval:1"))
    assert [(w.kind, w.due_at - NOW) for w in planned] == [
        (asking.REMIND, timedelta(days=1)),
        (asking.ESCALATE, timedelta(days=3)),
        (asking.REMIND, timedelta(days=59)),
        (asking.EXPIRE, timedelta(days=60)),
    ]
    for days in (1, 58):
        rota.later(days=days)
        await due(rota, asking.REMIND)
    assert len([letter for letter in await rota.letters("lin", "approval") if letter.payload.get("again")]) == 2


async def test_only_those_are_reminded_who_have_said_nothing(rota: Rota) -> None:
    await ask(rota, ("team:payments", 2), who="zoe")
    await press(rota, "approve", "ada")
    await due(rota, asking.REMIND)
    reminders = [letter for letter in await rota.letters(name="approval") if letter.payload.get("again")]
    assert [letter.text[:24] for letter in reminders] == ["Reminder: Zoë Ångström a"]
    assert reminders[0].payload["object_id"] == GRACE.object_id


async def test_the_lead_of_those_who_were_asked_hears_of_it(rota: Rota) -> None:
    await ask(rota, "person:grace team:payments", who="lin")
    await due(rota, asking.ESCALATE)
    (told,) = await sentences(rota, "ada")
    assert "waits for a decision of Grace Hopper and Payments until Mon 2026-11-23 18:18" in told


async def test_it_expires_and_who_asked_is_told(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    rota.later(hours=4)
    await due(rota, asking.EXPIRE)
    await due(rota, asking.EXPIRE)
    assert ended == [(ApprovalState.EXPIRED, None)]
    assert (await sentences(rota, "ada"))[0].endswith("Nobody decided it in time: it expired at 18:18 UTC.")
    assert "It is too late. Nobody decided it in time" in await press(rota, "approve", "lin")


async def test_a_press_after_its_time_ends_it_though_the_work_that_does_is_late(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    rota.later(hours=4)
    assert "It is too late. Nobody decided it in time" in await press(rota, "approve", "lin")
    assert (await now(rota)).votes == ()
    assert ended == [(ApprovalState.EXPIRED, None)]
    await due(rota, asking.EXPIRE)
    assert len(ended) == 1
    assert len(await sentences(rota, "ada")) == 1


async def test_where_an_approver_leaves_the_company_whoever_asked_is_told_once(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    left = organisation(
        people=(ADA, GRACE, ZOE, BEN),
        teams=(
            Team(id="payments", name="Payments", side=Side.ENGINEERING, lead="ada", members=("ada", "grace")),
            Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS, members=()),
        ),
        services=(Service(id="checkout", name="Checkout", owner="payments", operations="it-ops"),),
        schedules=(),
        escalation_policies=(),
    )
    await rota.change(lambda store: organisations.replace(store, left, rota.now))
    await due(rota, asking.REMIND)
    told = [text for text in await sentences(rota, "ada") if "Too few people" in text]
    assert len(told) == 1
    assert "IT Operations would have to" in told[0]
    assert "not one of those" in await press(rota, "approve", "lin")


# -- `approvals` ------------------------------------------------------------------------------------------------------


async def test_the_list_shows_what_waits_for_me_and_what_i_asked(rota: Rota) -> None:
    await ask(rota, "team:it-ops")
    mine, theirs = await rota.say("approvals", "ada"), await rota.say("approvals", "lin")
    assert said(mine) == "Nothing waits for your decision."
    assert "You asked" in texts(card_of(mine))
    assert said(theirs) == "1 waits for you."
    assert "Ada Lovelace" in texts(card_of(theirs))
    assert "Nothing waits" in said(await rota.say("approvals", "zoe"))


async def test_what_expires_first_is_shown_and_the_rest_is_counted(rota: Rota) -> None:
    first = await ask(rota, "team:it-ops")

    def many(store: SqlStore) -> None:
        for n in range(1, 300):
            store.approvals.add(replace(first, id=0, expires_at=LIMIT + timedelta(minutes=n)))

    await rota.change(many)
    theirs, mine = await rota.say("approvals", "lin"), await rota.say("approvals", "ada")
    assert said(theirs) == "300 wait for you."
    assert "And 290 more, which expire later." in texts(card_of(theirs))
    assert "23:48 Kolkata" in texts(card_of(theirs)), "the oldest of them, which expires first"
    assert "And 290 more, which are older." in texts(card_of(mine))


async def test_the_list_leaves_out_what_only_a_later_version_knows(rota: Rota, monkeypatch: pytest.MonkeyPatch) -> None:
    await ask(rota, "team:it-ops")
    monkeypatch.setattr(registry, "SUBJECTS", ())
    assert said(await rota.say("approvals", "lin")) == "Nothing waits for your decision."
    assert "This version does not know what was asked there" in await press(rota, "approve", "lin")
