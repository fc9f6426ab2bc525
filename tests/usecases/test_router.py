"""Whole turns on a real store, from a verified activity to what waits to be sent; no HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.registry import COMMANDS, VERBS, by_name, by_word
from bot.router import Router
from bot.transport.inbound import Accepted, Inbound, InvokeAnswer
from bot.turn import Reply, Turn, Verb
from bot.words import Mention
from dialogs.registry import FORMS
from dialogs.registry import VERBS as FORM_VERBS
from domain.errors import Refused
from domain.people import Identity
from domain.timeline import EntryKind
from tests.support.samples import SERVICE_URL, TENANT, object_id
from tests.usecases.conftest import Desk
from usecases import log

CHAT = "19:chat@thread.v2"


class Hand:
    """The clock of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def now(self, store: object) -> Any:
        return self._desk.now


class Bot:
    """Acts as people in one group chat."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.count = desk, 0
        self.router = Router(
            database=desk.db,
            clock=Hand(desk),
            commands=by_word(COMMANDS),
            verbs=by_name((*VERBS, *FORM_VERBS)),
            forms=FORMS,
            members_of=nobody,
        )

    def inbound(self, kind: Any = "message", who: int = 1, **more: Any) -> Inbound:
        self.count += 1
        given: dict[str, Any] = {
            "kind": kind,
            "activity_id": f"a{self.count}",
            "name": "adaptiveCard/action" if kind == "invoke" else "",
            "tenant_id": TENANT,
            "service_url": SERVICE_URL,
            "conversation_id": CHAT,
            "conversation_kind": "groupChat",
            "channel_id": None,
            "team_id": None,
            "aad_group_id": None,
            "sender_id": f"29:user-{who}",
            "sender_object_id": object_id(who),
            "sender_name": f"Person {who}",
            "sender_tenant_id": TENANT,
            "sender_is_guest": False,
            "bot_id": "28:bot",
            "bot_name": "Incident",
            "reply_to_id": "card-1" if kind == "invoke" else None,
            "private": False,
            "time_zone": "Europe/Berlin",
            "locale": "en-GB",
            "text": "",
            "mentions": (),
            "value": {},
            "raw": {},
        }
        return Inbound(**{**given, **more})

    async def say(self, text: str, **more: Any) -> Inbound:
        said = self.inbound(text=text, **more)
        assert await self.router.turn(said) == Accepted()
        return said

    async def press(self, verb: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        pressed = self.inbound("invoke", value={"action": {"verb": verb, "data": data}}, **more)
        answer = await self.router.turn(pressed)
        assert isinstance(answer, InvokeAnswer)
        assert answer.status == 200
        assert answer.body is not None
        return dict(answer.body)

    async def replies(self) -> Sequence[str]:
        """Read the sentences and notification texts that wait to be sent."""
        posts = [m["activity"] for m in await self.desk.outbox("post")]
        return [p.get("text") or p.get("summary") for p in posts]


async def nobody(inbound: Inbound, mentions: Sequence[Mention]) -> Sequence[Identity]:
    return ()


@pytest.fixture
def bot(desk: Desk) -> Bot:
    return Bot(desk)


async def test_a_message_delivered_again_has_no_second_effect(bot: Bot) -> None:
    said = await bot.say("declare Checkout is down sev1")
    await bot.router.turn(said)
    noted = await bot.say("note restarting")
    for _ in range(3):
        await bot.router.turn(noted)
    assert [e.text for e in await bot.desk.story(1)] == ["Checkout is down", "restarting"]
    assert await bot.replies() == ["Noted on INC-1."]
    assert await bot.desk.see(lambda s: s.incidents.get(2)) is None


async def test_a_press_delivered_again_with_a_new_id_has_no_second_effect(bot: Bot) -> None:
    await bot.say("declare Checkout is down sev1")
    data = {"incident": 1, "version": 1, "cycle": 0}
    first = await bot.press("incident.ack", data)
    again = await bot.press("incident.ack", data)
    assert first["value"]["body"] == again["value"]["body"]
    assert (await bot.desk.incident(1)).version == 2
    note = {"incident": 1, "version": 2, "cycle": 0, "embedded": True, "text": "restarting"}
    await bot.press("note.submit", note)
    await bot.press("note.submit", note)
    assert (await bot.desk.incident(1)).entry_seq == 3
    await bot.desk.db.write(lambda store: store.inbound.forget_before(2**62))
    long_after = await bot.press("note.submit", note)
    assert (await bot.desk.incident(1)).entry_seq == 3, "the timeline remembers what the memory for presses forgot"
    assert long_after["type"].endswith("card.adaptive")


async def test_what_a_button_writes_beside_the_desk_stays(bot: Bot) -> None:
    """Use cases of their own write on timelines too: the press that wrote must not be taken for its own repetition."""

    def tell(turn: Turn, data: Mapping[str, Any]) -> Reply:
        case = turn.store.incidents.lock(1)
        assert case is not None
        log.tell(turn.store, case, EntryKind.ESCALATED, "Told.", turn.now, activity=turn.trail.activity)
        return Reply(text="Done.")

    def gone(turn: Turn, data: Mapping[str, Any]) -> Reply:
        raise Refused("It is gone.")

    bot.router._verbs = {
        **bot.router._verbs,
        "test.tell": Verb(name="test.tell", run=tell, again="test.gone"),
        "test.gone": Verb(name="test.gone", run=gone, kind="view", again="test.gone"),
    }
    await bot.say("declare Checkout is down sev1")
    assert "Done." in str(await bot.press("test.tell", {"x": 1}))
    assert [e.text for e in await bot.desk.story(1)] == ["Checkout is down", "Told."]
    again = await bot.press("test.tell", {"x": 1})
    assert (again["type"], again["value"]) == ("application/vnd.microsoft.activity.message", "It is gone.")
    assert len(await bot.desk.story(1)) == 2


async def test_a_colleague_nobody_has_heard_of_may_look_press_and_is_taken_in(bot: Bot) -> None:
    await bot.say("declare Checkout is down sev1")
    data = {"incident": 1, "version": 1, "cycle": 0}
    for verb in ("incident.view", "incident.timeline", "incident.note", "incident.assign", "help", "incidents.page"):
        assert (await bot.press(verb, data, who=77))["type"].endswith("card.adaptive"), verb
    await bot.press("incident.ack", data, who=77, sender_name="New Colleague")
    case = await bot.desk.incident(1)
    known = await bot.desk.see(lambda s: s.people.by_object_id(object_id(77)))
    assert known is not None
    assert (case.acknowledged_by, known.handle) == (known.id, "new-colleague")


async def test_a_stranger_can_assign_themselves_with_the_form_as_it_was_drawn(bot: Bot) -> None:
    await bot.say("declare Checkout is down sev1")
    form = (await bot.press("incident.assign", {"incident": 1, "cycle": 0}, who=77))["value"]
    typed = {i["id"]: i["value"] for i in form["body"] if i["type"].startswith("Input.")}
    await bot.press("assign.submit", {**form["actions"][0]["data"], **typed}, who=77)
    assert len((await bot.desk.incident(1)).roles) == 1


async def test_a_guest_hears_one_sentence_and_is_not_stored(bot: Bot) -> None:
    await bot.say("declare Checkout is down", who=77, sender_is_guest=True)
    (sentence,) = await bot.replies()
    assert sentence.startswith("Guests can read along")
    answer = await bot.press("incident.ack", {"incident": 1}, who=77, sender_is_guest=True)
    assert "Guests can read along" in str(answer)
    assert await bot.desk.see(lambda s: s.people.by_object_id(object_id(77))) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "frobnicate",
        "declare sev" + "1" * 5_000,
        "severity " + "9" * 5_000,
        "ack INC-" + "9" * 5_000,
        "declare " + "x" * 100_000,
        "x" * 100_000,
        "note \u202eINC-1",
        "<at>x</at>",
        "&#" + "9" * 5_000 + ";",
        "declare \u200b",
        "list \u2028",
        "show #" + "٣",
    ],
    ids=lambda t: repr(t)[:16],
)
async def test_every_text_has_an_answer(bot: Bot, text: str) -> None:
    await bot.say(text)
    replies = await bot.replies()
    assert len(replies) == 1 or await bot.desk.see(lambda s: s.incidents.get(1)) is not None


ODD: list[dict[str, Any]] = [
    {},
    {"incident": "1" * 5_000},
    {"incident": 77},
    {"incident": None, "cycle": "x"},
    {"incident": 1, "cycle": 99},
    {"incident": 1, "before": 10**30, "after": -1},
    {"incident": 1, "version": {"a": 1}, "card": "x", "embedded": "yes", "private": 1},
    {"incident": 1, "text": ["x"], "status": 3, "severity": [], "role": {}, "person": 9, "services": 4, "title": 5},
]


@pytest.mark.parametrize("data", ODD, ids=lambda d: repr(d)[:24])
async def test_every_press_has_an_answer(bot: Bot, data: dict[str, Any]) -> None:
    await bot.say("declare Checkout is down")
    for verb in (*by_name((*VERBS, *FORM_VERBS)), "gone"):
        answer = await bot.press(verb, dict(data))
        assert answer["type"].startswith("application/vnd.microsoft."), verb


@pytest.mark.parametrize(
    "before", ["note teh pods", "note: teh pods", "/note teh pods", "NOTE INC-1 teh pods", "note\nteh pods"]
)
async def test_an_edited_note_is_followed_however_it_was_typed(bot: Bot, before: str) -> None:
    await bot.say("declare Checkout is down")
    said = await bot.say(before)
    assert (await bot.desk.story(1))[-1].text == "teh pods"
    await bot.router.turn(replace(said, kind="edit", text=before.replace("teh", "the")))
    assert (await bot.desk.story(1))[-1].text == "the pods"
    await bot.router.turn(replace(said, kind="delete", text=""))
    assert (await bot.desk.story(1))[-1].text == ""


@pytest.mark.parametrize(
    ("typed", "meant"), [("delcare", "declare"), ("lst", "list"), ("statuss", "status"), ("zzz", "help")]
)
async def test_an_unknown_word_gets_suggestions(bot: Bot, typed: str, meant: str) -> None:
    await bot.say(typed + " something")
    (sentence,) = await bot.replies()
    assert f"“{typed}”" in sentence
    assert f"“{meant}”" in sentence
    assert sentence.endswith("?")


async def test_an_answer_is_for_the_one_who_asked_privately(bot: Bot) -> None:
    await bot.say("help", private=True)
    (post,) = await bot.desk.outbox("post")
    assert (post["to"], post["object_id"]) == ("29:user-1", object_id(1))
    await bot.say("frobnicate INC-9")
    assert (await bot.desk.outbox("post"))[1]["to"] is None


async def test_a_refused_form_comes_back_with_what_was_typed(bot: Bot) -> None:
    await bot.say("declare Checkout is down")
    answer = await bot.press("declare.submit", {"title": "x" * 201, "details": "my words", "services": "search"})
    drawn = answer["value"]
    inputs = {i["id"]: i.get("value") for i in drawn["body"] if i["type"].startswith("Input.")}
    assert (inputs["details"], inputs["services"]) == ("my words", "search")
    assert "201 characters" in str(drawn["body"])
    assert await bot.desk.see(lambda s: s.incidents.get(2)) is None
