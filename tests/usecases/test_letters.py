"""Messages of our own: drawn when they are sent, and whoever wrote one hears how it ended."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from bot.cards import kit
from bot.letters.letter import Gone, Letter, Undelivered
from bot.letters.registry import LETTERS
from bot.notifier import FirstAddress, Notifier
from bot.transport.outcomes import Ambiguous as NoAnswer
from bot.transport.outcomes import Outcome, Refused, Retryable, Throttled, Unreachable
from domain.conversation import ConversationKind, Place
from tests.support.samples import SERVICE_URL, TENANT, place
from tests.usecases.conftest import Desk
from tests.usecases.pager import Teams
from tests.usecases.watch import Hand
from usecases import letters
from usecases.outbox import Ambiguous, Delivered, Delivery, DueMessage, Failed, Later, MessageClass
from usecases.ports import Store

PUBLIC = FirstAddress(TENANT, "https://smba.trafficmanager.net/teams/")
BLOCKED = Refused(403, "ConversationBlockedByUser", "blocked")
GONE = Refused(404, "ActivityNotFoundInConversation", "gone")


@dataclass
class Diary:
    """A letter that writes down everything it is told."""

    drawn: list[datetime] = field(default_factory=list[datetime])
    gone: list[Gone] = field(default_factory=list[Gone])
    lost: list[Undelivered] = field(default_factory=list[Undelivered])
    dropped: list[Any] = field(default_factory=list[Any])
    vanished: list[Any] = field(default_factory=list[Any])
    says: str | None = "Hello"

    @property
    def letter(self) -> Letter:
        return Letter(
            name="diary",
            draw=self.draw,
            sent=lambda _, gone: self.gone.append(gone),
            failed=lambda _, lost: self.lost.append(lost),
            dropped=lambda _, payload, at: self.dropped.append((payload, at)),
            vanished=lambda _, payload, at: self.vanished.append((payload, at)),
        )

    def draw(self, store: Store, payload: Any, now: datetime) -> dict[str, Any] | None:
        self.drawn.append(now)
        return kit.message(self.says) if self.says else None


@dataclass
class Post:
    """Sends one letter and lets its end be recorded, as the outbox does."""

    desk: Desk
    teams: Teams
    diary: Diary
    first: FirstAddress | None = PUBLIC

    async def send(self, **payload: Any) -> Delivery:
        notifier = Notifier(
            cast("Any", self.teams),
            self.desk.db,
            Hand(self.desk),
            bot_id="28:bot",
            letters=[self.diary.letter],
            first_address=self.first,
        )
        message = due(**{"do": "letter", "letter": "diary", **payload})
        ended = await notifier.deliver(message)
        then = getattr(ended, "then", None)
        if then is not None:
            await self.desk.db.write(then)
        return ended


def due(tenant: str = "", **payload: Any) -> DueMessage:
    return DueMessage(
        id=1,
        lane="x",
        fence=1,
        seq=1,
        version=1,
        attempts=3,
        tenant_id=tenant,
        message_class=MessageClass.PAGE,
        payload=payload,
    )


@pytest.fixture
def post(desk: Desk) -> Post:
    return Post(desk, Teams(), Diary())


def chat() -> Place:
    return place("personal", conversation_id=CHAT, person_object_id=GRACES)


GRACES = "11111111-1111-1111-1111-000000000002"
CHAT = f"a:{GRACES}"


async def test_it_is_drawn_at_the_moment_it_is_sent_and_its_writer_hears_where_it_stands(post: Post) -> None:
    assert isinstance(await post.send(object_id=GRACES, page=7), Delivered)
    assert post.diary.drawn == [post.desk.now]
    (gone,) = post.diary.gone
    assert (gone.payload["page"], gone.attempts, gone.at) == (7, 3, post.desk.now)
    assert (gone.activity_id, gone.place.conversation_id) == ("1002", CHAT)
    assert post.teams.of(CHAT)[0]["from"] == {"id": "28:bot"}


async def test_a_chat_that_was_opened_is_found_again(post: Post) -> None:
    await post.send(object_id=GRACES)
    await post.send(object_id=GRACES)
    assert [way for way, _, _ in post.teams.calls] == ["open", "post", "post"]
    known = await post.desk.see(lambda s: s.conversations.personal(GRACES))
    assert known is not None
    assert (known.service_url, known.tenant_id, known.kind) == (PUBLIC.service_url, TENANT, ConversationKind.PERSONAL)


async def test_a_known_address_is_better_than_the_first_one(post: Post) -> None:
    await post.desk.db.write(lambda s: s.conversations.remember(place("groupChat"), at=post.desk.now))
    await post.send(object_id=GRACES)
    assert post.teams.calls[0][1] == SERVICE_URL


async def test_without_any_address_it_is_refused_with_the_reason(post: Post) -> None:
    post.first = None
    ended = await post.send(object_id=GRACES)
    assert isinstance(ended, Failed)
    assert "does not know its address" in ended.reason
    assert [lost.reason for lost in post.diary.lost] == [ended.reason]


async def test_a_place_that_never_spoke_to_us_gets_its_address_when_it_is_needed(post: Post) -> None:
    channel = Place(tenant_id="", service_url="", conversation_id="19:x@thread.tacv2", kind=ConversationKind.CHANNEL)
    await post.send(place=letters.place_json(channel))
    (gone,) = post.diary.gone
    assert (gone.place.service_url, gone.place.tenant_id) == (PUBLIC.service_url, TENANT)
    assert await post.desk.see(lambda s: s.conversations.find(channel.base_id)) is None, "it has not spoken"
    post.first = None
    assert isinstance(await post.send(place=letters.place_json(channel)), Failed)


async def test_nothing_is_sent_that_nobody_needs_and_its_writer_hears_so(post: Post) -> None:
    post.diary.says = None
    assert isinstance(await post.send(object_id=GRACES, page=7), Delivered)
    assert post.teams.calls == []
    ((payload, at),) = post.diary.dropped
    assert (payload["page"], at) == (7, post.desk.now)
    assert post.diary.gone == []


async def test_a_refusal_is_told_and_the_chat_is_marked_as_closed(post: Post) -> None:
    post.teams.refuses[CHAT] = BLOCKED
    ended = await post.send(object_id=GRACES, page=7)
    assert isinstance(ended, Failed)
    (lost,) = post.diary.lost
    assert (lost.reason, lost.unclear, lost.attempts) == ("the person has blocked the bot (403)", False, 3)
    await post.desk.db.write(lambda s: s.conversations.remember(chat(), at=post.desk.now))
    await post.send(object_id=GRACES)
    assert await post.desk.see(lambda s: s.conversations.blocked(CHAT)) == "the person has blocked the bot (403)"


async def test_a_chat_that_cannot_be_opened_is_told_too(post: Post) -> None:
    post.teams.refuses[GRACES] = Refused(403, "BotNotInConversationRoster", "not installed")
    assert isinstance(await post.send(object_id=GRACES), Failed)
    assert "not a member" in post.diary.lost[0].reason


OLD_CHAT = "a:the-chat-before"


@pytest.mark.parametrize(
    "gone", [Refused(404, "ConversationNotFound", ""), Refused(403, "BotNotInConversationRoster", "")]
)
async def test_a_chat_that_is_gone_is_opened_anew_and_found_from_then_on(post: Post, gone: Refused) -> None:
    before = place("personal", conversation_id=OLD_CHAT, person_object_id=GRACES)
    await post.desk.db.write(lambda s: s.conversations.remember(before, at=post.desk.now))
    post.desk.now += timedelta(minutes=1)
    post.teams.refuses[OLD_CHAT] = gone
    assert isinstance(await post.send(object_id=GRACES), Delivered)
    await post.send(object_id=GRACES)
    assert [way for way, _, _ in post.teams.calls] == ["post", "open", "post", "post"]
    assert [gone.place.conversation_id for gone in post.diary.gone] == [CHAT, CHAT]
    assert post.diary.lost == []


async def test_a_chat_that_teams_opens_under_its_old_name_is_written_to_once_more(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post.desk.db.write(lambda s: s.conversations.remember(chat(), at=post.desk.now))
    post.teams.refuses[CHAT] = Refused(404, "ConversationNotFound", "")
    opening = post.teams.create_conversation

    async def opened(service_url: str, body: Any) -> Outcome:
        del post.teams.refuses[CHAT]
        return await opening(service_url, body)

    monkeypatch.setattr(post.teams, "create_conversation", opened)
    assert isinstance(await post.send(object_id=GRACES), Delivered)
    assert [way for way, _, _ in post.teams.calls] == ["post", "open", "post"]


async def test_a_chat_that_is_closed_and_cannot_be_opened_anew_is_a_refusal(post: Post) -> None:
    await post.desk.db.write(lambda s: s.conversations.remember(chat(), at=post.desk.now))
    post.teams.refuses[CHAT] = Refused(404, "ConversationNotFound", "")
    assert isinstance(await post.send(object_id=GRACES), Failed)
    post.teams.refuses[GRACES] = Refused(403, "Forbidden", "")
    assert isinstance(await post.send(object_id=GRACES), Failed)
    assert [way for way, _, _ in post.teams.calls] == ["post", "open", "post", "post", "open"]
    reasons = {lost.reason for lost in post.diary.lost}
    assert reasons == {"that conversation does not exist any more (404)"}
    post.teams.refuses[GRACES] = cast("Refused", Throttled(3.0, tenant_wide=False, status=429))
    assert isinstance(await post.send(object_id=GRACES), Later)


@pytest.mark.parametrize(
    ("answer", "verdict", "unclear"),
    [
        (Throttled(3.0, tenant_wide=False, status=429), Later, False),
        (Unreachable("connection refused"), Later, False),
        (NoAnswer(502, "<html>"), Ambiguous, True),
        (Refused(400, "BadArgument", "odd"), Failed, False),
    ],
)
async def test_what_an_answer_means_for_the_writer_where_it_is_the_last_one(
    post: Post, answer: Outcome, verdict: type, unclear: bool
) -> None:
    post.teams.refuses[CHAT] = cast("Refused", answer)
    assert isinstance(await post.send(object_id=GRACES), verdict)
    assert [lost.unclear for lost in post.diary.lost] == [unclear]
    assert post.diary.gone == []


async def test_an_unclear_opening_of_a_chat_is_simply_asked_again(post: Post) -> None:
    post.teams.refuses[GRACES] = cast("Refused", NoAnswer(502, "<html>"))
    assert isinstance(await post.send(object_id=GRACES), Later)
    assert [lost.reason for lost in post.diary.lost] == ["Teams answered 502"], "told where it is the last time"


# -- bringing one up to date ----------------------------------------------------------------------------------------

STANDING = {"place": letters.place_json(place()), "activity_id": "17"}


async def test_a_message_is_brought_up_to_date_where_it_stands(post: Post) -> None:
    assert isinstance(await post.send(**STANDING), Delivered)
    ((way, where, body),) = post.teams.calls
    assert (way, where, body["id"]) == ("put", place().conversation_id, "17")
    assert post.diary.gone[0].activity_id == "17"


async def test_a_message_that_somebody_deleted_needs_no_change(post: Post) -> None:
    post.teams.refuses[f"put {place().conversation_id}"] = GONE
    assert isinstance(await post.send(**STANDING), Delivered)
    assert post.diary.lost == []


async def test_who_wants_to_know_hears_that_a_message_is_gone(post: Post) -> None:
    post.teams.refuses[f"put {place().conversation_id}"] = GONE
    await post.send(**STANDING, page=7)
    assert [payload["page"] for payload, _ in post.diary.vanished] == [7]
    assert post.diary.gone == []


async def test_a_change_without_an_answer_is_made_again(post: Post) -> None:
    post.teams.refuses[f"put {place().conversation_id}"] = cast("Refused", Retryable(502, "<html>"))
    assert isinstance(await post.send(**STANDING), Later)
    assert post.diary.gone == []


# -- which letters there are ------------------------------------------------------------------------------------------


async def test_a_letter_of_a_newer_version_is_left_with_a_reason(post: Post) -> None:
    ended = await post.send(letter="teleport")
    assert isinstance(ended, Failed)
    assert "does not know how to write “teleport”" in ended.reason
    assert post.diary.drawn == []


def test_a_name_that_is_taken_twice_fails_at_start(desk: Desk) -> None:
    twice = [Diary().letter, Diary().letter]
    with pytest.raises(ValueError, match="“diary” is registered twice"):
        Notifier(cast("Any", None), desk.db, Hand(desk), bot_id="28:bot", letters=twice)


def test_every_letter_has_a_name_of_its_own() -> None:
    assert len({letter.name for letter in LETTERS}) == len(LETTERS)
    assert {letters.SENTENCE, "page"} <= {letter.name for letter in LETTERS}


# -- a sentence -------------------------------------------------------------------------------------------------------


async def sentence(desk: Desk, **fields: Any) -> dict[str, Any]:
    letter = next(one for one in LETTERS if one.name == letters.SENTENCE)
    made = await desk.see(lambda store: letter.draw(store, fields, desk.now))
    assert made is not None
    return made


async def test_a_sentence_is_plain_words(desk: Desk) -> None:
    assert await sentence(desk, text="Is <at>all</at> *well*?", mention=None) == {
        "type": "message",
        "textFormat": "plain",
        "text": "Is <\u200bat>all<\u200b/at> *well*?",
    }


async def test_a_mention_stands_in_front_and_notifies(desk: Desk) -> None:
    made = await sentence(desk, text="an *update* is due.", mention=desk.grace.id)
    assert made["text"] == "<at>Grace Hopper</at> an \\*update\\* is due."
    assert made["entities"][0]["mentioned"] == {"id": desk.grace.object_id, "name": "Grace Hopper"}
    assert "entities" not in await sentence(desk, text="Hello", mention=77), "somebody who is gone"
