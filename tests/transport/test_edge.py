"""Bodies that are no activity, odd characters, and what the caller hears when a turn cannot be carried out."""

import asyncio
import json
import logging
from typing import Any

import pytest
from aiohttp import web

from bot.transport.inbound import Inbound, InvokeAnswer, Unavailable
from tests.support.connector_double import serving
from tests.support.tokens import bearer
from tests.transport.conftest import Wire

MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"hello",
    "cut off": b'{"type": "mess',
    "a list": b"[]",
    "a number": b"5",
    "null": b"null",
    "no type": b"{}",
    "type is null": b'{"type": null}',
    "type is a number": b'{"type": 5}',
    "type is empty": b'{"type": ""}',
    "NaN": b'{"type": "message", "x": NaN}',
    "Infinity": b'{"type": "message", "x": -Infinity}',
    "a raw NUL": b'{"type": "message", "text": "\x00"}',
    "not UTF-8": b'{"type": "message", "text": "\xff"}',
    "UTF-16": '{"type": "message"}'.encode("utf-16"),
    "a number of 5000 digits": b'{"type": "message", "x": ' + b"9" * 5000 + b"}",
    "nested 100000 lists deep": b'{"type": "message", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested 500 objects deep": b'{"type":"message","x":' + b'{"x":' * 500 + b"1" + b"}" * 500 + b"}",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("header", ["good", "none"])
async def test_what_is_no_activity_is_400(wire: Wire, body: bytes, header: str) -> None:
    status, answer = await wire.post(body, headers=None if header == "good" else {})
    assert (status, wire.bot.seen) == (400, [])
    assert answer == b'{"error": "This is not a Bot Framework activity."}'


ODD_FIELDS: dict[str, dict[str, Any]] = {
    "timestamp": {"timestamp": "x"},
    "timestamp number": {"timestamp": 5},
    "local timestamp": {"localTimestamp": "yesterday"},
    "text": {"text": 5},
    "id": {"id": 5},
    "id missing": {"id": None},
    "from": {"from": "Alice"},
    "from missing": {"from": None},
    "from.id": {"from": {"id": ["29:alice"]}},
    "conversation": {"conversation": []},
    "conversation.id": {"conversation": {"id": {"x": 1}}},
    "recipient": {"recipient": 1},
    "channelData": {"channelData": "x"},
    "channelData.tenant": {"channelData": {"tenant": "x"}},
    "channelData.team": {"channelData": {"team": [1]}},
    "channelData.eventType": {"channelData": {"eventType": 7}},
    "locale": {"locale": {}},
    "replyToId": {"replyToId": 1},
    "membersAdded": {"type": "conversationUpdate", "membersAdded": "x"},
    "membersAdded items": {"type": "conversationUpdate", "membersAdded": [1]},
    "installation action": {"type": "installationUpdate", "action": 5},
    "meeting": {"type": "conversationUpdate", "channelData": {"eventType": "channelCreated", "channel": 5}},
    "notification": {"type": "messageUpdate", "channelData": {"eventType": "editMessage", "notification": "x"}},
}


@pytest.mark.parametrize("changes", ODD_FIELDS.values(), ids=ODD_FIELDS)
async def test_an_odd_field_we_need_is_400_for_a_good_token_and_401_without(
    wire: Wire, changes: dict[str, Any]
) -> None:
    assert (await wire.post(wire.activity(**changes)))[0] == 400
    assert (await wire.post(wire.activity(**changes), headers={}))[0] == 401
    assert wire.bot.seen == []


IGNORED: dict[str, dict[str, Any]] = {
    "value": {"value": "x"},
    "entities": {"entities": "x"},
    "entities of odd types": {"entities": [1, None, {"type": 5}, {"type": "mention", "mentioned": "x", "text": 1}]},
    "attachments": {"attachments": "x"},
    "a field from the future": {"flux": {"capacitor": True}},
    "text missing": {"text": None},
    "time missing": {"timestamp": None, "localTimestamp": None},
    "conversation type unknown": {"conversation": {"id": "19:x@thread.tacv2", "conversationType": "hologram"}},
}


@pytest.mark.parametrize("changes", IGNORED.values(), ids=IGNORED)
async def test_an_odd_field_we_can_do_without_is_accepted(wire: Wire, changes: dict[str, Any]) -> None:
    assert (await wire.post(wire.activity(**changes)))[0] == 201
    assert len(wire.bot.seen) == 1


async def test_the_size_limit_is_256_kib(wire: Wire) -> None:
    def sized(size: int) -> bytes:
        empty = json.dumps(wire.activity(text="")).encode()
        return json.dumps(wire.activity(text="x" * (size - len(empty)))).encode()

    assert (await wire.post(sized(256 * 1024)))[0] == 201
    for headers in (None, {}):
        status, answer = await wire.post(sized(256 * 1024 + 1), headers=headers)
        assert (status, answer) == (413, b'{"error": "The body is larger than 256 KiB."}')


async def test_a_body_without_a_declared_length_is_limited_too(wire: Wire) -> None:
    async def pieces() -> Any:
        for _ in range(20):
            yield b"x" * 16 * 1024

    async with wire.http.post(wire.url, data=pieces(), headers=bearer(wire.token())) as reply:
        assert reply.status == 413


async def test_the_application_may_have_a_lower_limit(wire: Wire) -> None:
    app = web.Application(client_max_size=1000)
    app.router.add_post("/api/messages", wire.edge.handle)
    async with serving(app) as address, wire.http.post(f"{address}/api/messages", data=b"x" * 2000) as reply:
        assert reply.status == 413


@pytest.mark.parametrize("size", [0, 100_000])
async def test_short_and_long_texts_arrive(wire: Wire, size: int) -> None:
    assert (await wire.post(wire.activity(text="x" * size)))[0] == 201
    assert len(wire.bot.seen[0].text) == size


@pytest.mark.parametrize(
    ("sick", "well"),
    [
        ("a\x00b", "ab"),
        ("a\ud800b", "a\ufffdb"),
        ("a\udfffb", "a\ufffdb"),
        ("\udc00\x00\ud8ff", "\ufffd\ufffd"),
    ],
)
async def test_no_nul_and_no_lone_surrogate_gets_past_the_edge(wire: Wire, sick: str, well: str) -> None:
    activity = wire.invoke("x", {"title": sick, "list": [{sick: sick}]})
    activity["text"] = sick + "🙂"
    wire.bot.answer = InvokeAnswer(200, {"said": "ok"})
    status, _ = await wire.post(json.dumps(activity).encode())
    assert status == 200
    inbound = wire.bot.seen[0]
    assert inbound.text == well + "🙂"
    assert inbound.value == {"title": well, "list": [{well: well}]}
    assert json.dumps(inbound.raw, ensure_ascii=False).encode()


@pytest.mark.parametrize("text", ["مرحبا بالعالم", "👩‍🚒🔥", "<at>", "</at>", "<b>x</b>", "`*_[]", "\\u0000", "\u202e"])
async def test_other_text_arrives_unchanged(wire: Wire, text: str) -> None:
    await wire.post(wire.activity(text=text))
    assert wire.bot.seen[0].text == text


@pytest.mark.parametrize("kind", ["message", "invoke", "conversationUpdate"])
@pytest.mark.parametrize("error", [Unavailable("database"), RuntimeError("secret text"), KeyError("x")])
async def test_a_failed_turn_is_503_and_its_text_stays_out_of_the_log(
    wire: Wire, caplog: pytest.LogCaptureFixture, kind: str, error: Exception
) -> None:
    async def fail(inbound: Inbound) -> None:
        raise error

    wire.bot.act = fail
    with caplog.at_level(logging.INFO):
        status, body = await wire.post(wire.activity(type=kind, text="confidential words"))
    assert (status, body) == (503, b'{"error": "This cannot be done now. Please try again."}')
    assert "1700000000001" in caplog.text
    assert "secret" not in caplog.text
    assert "confidential" not in caplog.text


async def test_a_refused_token_stays_out_of_the_log(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    header = bearer(wire.token(aud="x"))
    with caplog.at_level(logging.DEBUG, logger="bot"):
        await wire.post(wire.activity(text="confidential words"), headers=header)
    assert "InvalidAudienceError" in caplog.text
    assert header["Authorization"][7:] not in caplog.text
    assert "confidential" not in caplog.text


async def test_a_turn_is_finished_when_its_caller_has_left(wire: Wire) -> None:
    begun, finished, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(inbound: Inbound) -> None:
        begun.set()
        await go_on.wait()
        finished.set()

    wire.bot.act = slow
    caller = asyncio.create_task(wire.post(wire.activity()))
    await begun.wait()
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    go_on.set()
    async with asyncio.timeout(30):
        await finished.wait()
