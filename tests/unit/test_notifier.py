"""What the notifier makes of a world that does not answer."""

from typing import Any, cast

import pytest

from bot.notifier import Notifier
from bot.transport.outcomes import Ambiguous as NoAnswer
from bot.transport.outcomes import Outcome, Refused, Retryable, Sent, Throttled, Unreachable
from usecases.outbox import Ambiguous, Delivered, DueMessage, Failed, Later, MessageClass
from usecases.ports import Unavailable

PLACE = {
    "tenant_id": "t",
    "service_url": "https://teams.example.org/",
    "conversation_id": "19:chat@thread.v2",
    "kind": "groupChat",
    "team_id": None,
    "person_object_id": None,
}


class Gone:
    async def read(self, work: Any) -> Any:
        raise Unavailable("The database does not answer just now.")


class Teams:
    """A connector with one answer to everything."""

    def __init__(self, answer: Outcome) -> None:
        self.answer, self.calls = answer, 0

    async def post_activity(self, *_: Any, **__: Any) -> Outcome:
        self.calls += 1
        return self.answer

    put_activity = post_activity


def due(**payload: Any) -> DueMessage:
    return DueMessage(
        id=1,
        lane="19:chat@thread.v2",
        fence=1,
        seq=1,
        version=1,
        attempts=1,
        tenant_id="t",
        message_class=MessageClass.CHATTER,
        payload=payload,
    )


def notifier(teams: Teams) -> Notifier:
    return Notifier(cast("Any", teams), cast("Any", Gone()), cast("Any", None), bot_id="28:bot")


@pytest.mark.parametrize("payload", [{"do": "draw", "card": 1}, {"do": "personal", "object_id": "o", "activity": {}}])
async def test_without_the_database_nothing_is_sent_and_it_is_tried_again(payload: dict[str, Any]) -> None:
    teams = Teams(Sent("1"))
    assert isinstance(await notifier(teams).deliver(due(**payload)), Later)
    assert teams.calls == 0


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Sent("17"), Delivered),
        (Throttled(3.0, tenant_wide=False, status=429), Later),
        (Unreachable("connection refused"), Later),
        (NoAnswer(502, "<html>"), Ambiguous),
        (Refused(403, "BotNotInConversationRoster", "not a member"), Failed),
    ],
)
async def test_an_answer_to_a_new_message_decides_what_follows(answer: Outcome, verdict: type) -> None:
    ended = await notifier(Teams(answer)).deliver(due(do="post", place=PLACE, activity={"type": "message"}))
    assert isinstance(ended, verdict)


async def test_a_change_without_an_answer_is_made_again_because_that_is_harmless() -> None:
    payload = {"do": "put", "place": PLACE, "activity_id": "17", "activity": {"type": "message"}}
    assert isinstance(await notifier(Teams(Retryable(502, "<html>"))).deliver(due(**payload)), Later)


async def test_a_message_that_somebody_deleted_needs_no_change() -> None:
    payload = {"do": "put", "place": PLACE, "activity_id": "17", "activity": {"type": "message"}}
    gone = Refused(404, "ActivityNotFoundInConversation", "gone")
    assert isinstance(await notifier(Teams(gone)).deliver(due(**payload)), Delivered)


async def test_what_a_newer_version_wrote_is_left_with_a_reason() -> None:
    assert isinstance(await notifier(Teams(Sent("1"))).deliver(due(do="teleport")), Failed)
