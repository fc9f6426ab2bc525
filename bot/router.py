"""Where a verified activity meets its handler. A turn is one transaction: seen before? do it, write the answer, commit."""

import difflib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot import answers
from bot.activity import Press, delivery_key, identity_of, place_of, press_key, press_of
from bot.answering import WAYS, Way
from bot.cards import kit
from bot.cards.help import suggestion_card
from bot.grammar import first_word, leading_ref
from bot.transport.inbound import Accepted, Answer, Inbound, InvokeAnswer, Unavailable
from bot.turn import Command, Form, OpenForm, Reply, Turn, Verb
from bot.words import Cleaned, Mention, clean
from domain.errors import Refused, Repeated
from domain.people import Identity
from domain.timeline import Source
from usecases import people
from usecases.incidents import Incidents
from usecases.ports import Clock, Database, Store
from usecases.ports import Unavailable as DatabaseGone

log = logging.getLogger(__name__)
MembersOf = Callable[[Inbound, Sequence[Mention]], Awaitable[Sequence[Identity]]]
_SEARCHED = 15  # rows of one typeahead answer, as Teams asks for them


class Router:
    """The bot behind the edge. Handlers are found by name; whatever they refuse is said in one sentence."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        commands: Mapping[str, Command],
        verbs: Mapping[str, Verb],
        forms: Sequence[Form],
        members_of: MembersOf,
    ) -> None:
        self._db, self._clock = database, clock
        self._commands, self._verbs = commands, verbs
        self._forms = {form.name: form for form in forms}
        self._form_of = {verb.name: form for form in forms for verb in form.verbs}
        self._members_of = members_of

    async def turn(self, inbound: Inbound) -> Answer:
        """Carry out one activity. Raise Unavailable when the database is away: the channel comes again."""
        try:
            match inbound.kind:
                case "message":
                    return await self._message(inbound)
                case "invoke":
                    return await self._invoke(inbound)
                case "edit" | "delete":
                    return await self._changed_message(inbound)
                case "installed" | "removed":
                    return await self._installation(inbound)
                case _:
                    return Accepted()
        except DatabaseGone as gone:
            raise Unavailable(str(gone)) from gone

    # -- messages -------------------------------------------------------------------------------------------------

    async def _message(self, inbound: Inbound) -> Answer:
        heard = clean(inbound.text, bot_id=inbound.bot_id, bot_name=inbound.bot_name, mentions=inbound.mentions)
        met = await self._members_of(inbound, heard.mentions) if heard.mentions else ()
        try:
            await self._db.write(lambda store: self._hear(store, inbound, heard, met))
        except Refused as refused:
            sentence = str(refused)
            await self._db.write(lambda store: self._refuse(store, inbound, sentence))
        return Accepted()

    def _hear(self, store: Store, inbound: Inbound, heard: Cleaned, met: Sequence[Identity]) -> None:
        key = delivery_key(inbound)
        if not store.inbound.first_time(key, at_ms=_now_ms()):
            return
        turn = self._turn(store, inbound, key, Source.MESSAGE, mentions=heard.mentions)
        store.conversations.remember(turn.place, at=turn.now)
        for identity in met:
            people.recognise(store, identity)
        reply = self._drawn(turn, self._obey(turn, heard.text))
        if not reply.silent:
            answers.post(turn, inbound.sender_id, reply)
        if turn.newcomer:
            answers.greet(turn, inbound.sender_id)

    def _obey(self, turn: Turn, text: str) -> Reply | OpenForm:
        parts = text.split(None, 1)
        if not parts:
            return self._commands["help"].run(turn, "")
        word = _command_word(parts[0])
        command = self._commands.get(word)
        if command is None:
            return self._suggest(parts[0], word)
        return command.run(turn, parts[1] if len(parts) > 1 else "")

    def _suggest(self, typed: str, word: str) -> Reply:
        near = difflib.get_close_matches(word[:40], self._commands, n=3, cutoff=0.6)
        words = list(dict.fromkeys(self._commands[n].word for n in near)) or ["help", "declare", "list"]
        meant = " or ".join(f"“{w}”" for w in words)
        sentence = f"I do not know “{kit.shortened(typed, 60)}”. Did you mean {meant}?"
        return Reply(text=sentence, card=suggestion_card(sentence, [self._commands[w] for w in words]))

    def _refuse(self, store: Store, inbound: Inbound, sentence: str) -> None:
        key = delivery_key(inbound)
        if store.inbound.first_time(key, at_ms=_now_ms()):
            store.conversations.remember(place_of(inbound), at=self._clock.now(store))
            to = inbound.sender_id if inbound.private else None
            answers.say(store, place_of(inbound), key, sentence, to=to, reader=identity_of(inbound).object_id or None)

    async def _changed_message(self, inbound: Inbound) -> Answer:
        """Follow the edit or deletion of a message that wrote a note."""
        heard = clean(inbound.text, bot_id=inbound.bot_id, bot_name=inbound.bot_name, mentions=inbound.mentions)
        try:
            await self._db.write(lambda store: self._follow(store, inbound, heard.text))
        except Refused as refused:
            log.info("an edited message was not followed: %s", refused)
        return Accepted()

    def _follow(self, store: Store, inbound: Inbound, text: str) -> None:
        actor = people.recognise(store, identity_of(inbound)).person
        desk, key = Incidents(store, self._clock.now(store)), delivery_key(inbound)
        if inbound.kind == "delete":
            desk.erase_words(actor, key)
            return
        word, rest = first_word(text)
        if self._commands.get(_command_word(word)) is self._commands["note"]:
            desk.revise_note(actor, key, leading_ref(rest)[1])

    # -- buttons and other invokes --------------------------------------------------------------------------------

    async def _invoke(self, inbound: Inbound) -> Answer:
        way = WAYS.get(inbound.name)
        if way is not None:
            return await self._button(inbound, way)
        if inbound.name == "application/search":
            return InvokeAnswer(200, await self._db.read(lambda store: _found(store, inbound.value)))
        return InvokeAnswer(501)

    async def _button(self, inbound: Inbound, way: Way) -> Answer:
        press = press_of(inbound)
        if press is None:
            return way.strange("This is not a button of mine.")
        verb = self._verbs.get(press.verb)
        if verb is None:
            return way.sentence("This button is from another version of the bot. Write `list` to go on.")
        try:
            if verb.kind == "view":
                return way.card(await self._db.read(lambda store: self._look(store, inbound, press, verb)))
            return way.card(await self._db.write(lambda store: self._press(store, inbound, press, verb)))
        except Refused as refused:
            return await self._refused_press(inbound, press, str(refused), way)
        except Repeated:
            return await self._repeated_press(inbound, press, way)

    def _look(self, store: Store, inbound: Inbound, press: Press, verb: Verb) -> Reply:
        looking = self._looker(store, inbound, press)
        return self._drawn(looking, verb.run(looking, press.data))

    def _press(self, store: Store, inbound: Inbound, press: Press, verb: Verb) -> Reply:
        key = press_key(inbound, press)
        source = Source.FORM if press.verb in self._form_of else Source.BUTTON
        turn = self._turn(store, inbound, key, source, private=_private(inbound, press))
        # The timeline remembers presses for ever: one that changes nothing now may have done so before.
        known = store.timeline.by_source(key) is not None
        answers.settle_card(turn, press.data)  # before the change, which then reaches that card too
        reply = self._drawn(turn, verb.run(turn, press.data))
        if known and not turn.incidents.wrote:
            raise Repeated
        if reply.closes and press.data.get("embedded") is not True:
            answers.close_form(turn, inbound.sender_id, reply)
        if turn.newcomer:
            answers.greet(turn, inbound.sender_id)
        return reply

    async def _refused_press(self, inbound: Inbound, press: Press, sentence: str, way: Way) -> Answer:
        """Say why, without losing what was typed: a form comes back filled in, a card with the sentence on top."""
        form = self._form_of.get(press.verb)

        def again(store: Store) -> Reply:
            turn = self._looker(store, inbound, press)
            if store.timeline.by_source(press_key(inbound, press)) is not None:
                raise Repeated
            if form:
                return self._drawn(turn, OpenForm(name=form.name, values=press.data, problem=sentence))
            return replace(self._drawn(turn, self._again(press).run(turn, press.data)), text=sentence)

        try:
            reply = await self._db.read(again)
        except Refused:
            return way.sentence(sentence)
        except Repeated:
            return await self._repeated_press(inbound, press, way)
        return way.card(reply) if form else way.refused(reply, sentence)

    async def _repeated_press(self, inbound: Inbound, press: Press, way: Way) -> Answer:
        """Answer like the first time: with the card as it is now."""
        try:
            reply = await self._db.read(lambda store: self._look(store, inbound, press, self._again(press)))
        except Refused as refused:  # the card is of something that is gone meanwhile
            return way.sentence(str(refused))
        return way.card(reply)

    def _again(self, press: Press) -> Verb:
        return self._verbs[self._verbs[press.verb].again]

    def _looker(self, store: Store, inbound: Inbound, press: Press) -> Turn:
        # The key of this very delivery: a form that is opened twice is two forms.
        made = self._made(store, inbound, delivery_key(inbound), Source.BUTTON)
        return replace(made, actor=people.look_up(store, identity_of(inbound)), private=_private(inbound, press))

    # -- installation ---------------------------------------------------------------------------------------------

    async def _installation(self, inbound: Inbound) -> Answer:
        await self._db.write(lambda store: self._installed(store, inbound))
        return Accepted()

    def _installed(self, store: Store, inbound: Inbound) -> None:
        place, now, key = place_of(inbound), self._clock.now(store), delivery_key(inbound)
        if not store.inbound.first_time(key, at_ms=_now_ms()):
            return
        if inbound.kind == "removed":
            store.conversations.block(place.base_id, "The bot was removed from this conversation.")
            return
        known = store.conversations.find(place.base_id) and not store.conversations.blocked(place.base_id)
        store.conversations.remember(place, at=now)
        if not known:  # Teams tells of one installation by two events
            answers.welcome(
                store, place, key, installer=inbound.sender_name, bot=inbound.bot_name, commands=self._commands
            )

    # -- shared ---------------------------------------------------------------------------------------------------

    def _turn(self, store: Store, inbound: Inbound, key: str, source: Source, **more: Any) -> Turn:
        recognised = people.recognise(store, identity_of(inbound))
        made = self._made(store, inbound, key, source)
        return replace(made, actor=recognised.person, newcomer=recognised.is_new, **more)

    def _made(self, store: Store, inbound: Inbound, key: str, source: Source) -> Turn:
        now = self._clock.now(store)
        return Turn(
            actor=people.NOBODY,
            now=now,
            place=place_of(inbound),
            private=inbound.private,
            incidents=Incidents(store, now),
            store=store,
            key=key,
            at_ms=_now_ms(),
            source=source,
            message_id=inbound.reply_to_id if inbound.kind == "invoke" else None,
            commands=self._commands,
        )

    def _drawn(self, turn: Turn, answer: Reply | OpenForm) -> Reply:
        if isinstance(answer, Reply):
            return answer
        form = self._forms[answer.name]
        drawn = form.draw(turn, answer.values, answer.problem)
        return Reply(text=answer.problem or form.title, card=drawn, asks=True)


def _private(inbound: Inbound, press: Press) -> bool:
    """Tell whether only the one who pressed sees the card: Teams does not say so of a press, the card does."""
    return inbound.private or press.data.get("private") is True


def _command_word(typed: str) -> str:
    return typed.lower().lstrip("/").rstrip(":,.!")


def _now_ms() -> int:
    return int(time.time() * 1000)


def _found(store: Store, value: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a typeahead of a form."""
    text = str(value.get("queryText") or "").casefold()
    match value.get("dataset"):
        case "people":
            rows = [(name, handle) for handle, name in people.told_apart(store.people.active()).items()]
        case "schedules":
            rows = [(schedule.id, schedule.id) for schedule in store.schedules.all()]
        case "teams":
            rows = [(team.name, team.id) for team in store.catalog.teams()]
        case _:
            rows = [(service.name, service.id) for service in store.catalog.services()]
    hits = [{"title": name, "value": key} for name, key in rows if text in name.casefold() or text in key.casefold()]
    return {
        "statusCode": 200,
        "type": "application/vnd.microsoft.search.searchResponse",
        "value": {"results": hits[:_SEARCHED]},
    }
