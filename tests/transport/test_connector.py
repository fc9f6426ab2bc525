"""What the connector makes of each answer, how it addresses things, and where its token goes."""

import asyncio
import contextlib
import time
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession, web

from bot.transport.addresses import emulator
from bot.transport.connector import (
    Ambiguous,
    Connector,
    Found,
    Outcome,
    Refused,
    Retryable,
    Sent,
    Throttled,
    Unreachable,
)
from bot.transport.credentials import AppCredentials, Grant, TokenCache, TokenUnavailable, token_cache
from tests.support.connector_double import Fault, serving
from tests.support.tokens import APP_ID
from tests.transport.conftest import Wire

HELLO = {"type": "message", "text": "hello"}
CHANNEL = "19:c@thread.tacv2;messageid=17"
METHODS = ("POST", "PUT", "DELETE")


async def call(wire: Wire, method: str, connector: Connector | None = None, url: str = "") -> Outcome:
    url, connector = url or wire.service_url, connector or wire.connector
    if method == "POST":
        return await connector.post_activity(url, CHANNEL, HELLO)
    if method == "PUT":
        return await connector.put_activity(url, CHANNEL, "42", HELLO)
    return await connector.delete_activity(url, CHANNEL, "42")


# Per status: what a POST, a PUT and a DELETE become.
TABLE: dict[int, tuple[type, type, type]] = {
    200: (Sent, Sent, Sent),
    201: (Sent, Sent, Sent),
    202: (Sent, Sent, Sent),
    204: (Sent, Sent, Sent),
    302: (Refused, Refused, Refused),
    307: (Refused, Refused, Refused),
    400: (Refused, Refused, Refused),
    403: (Refused, Refused, Refused),
    404: (Refused, Refused, Sent),
    405: (Refused, Refused, Refused),
    408: (Ambiguous, Refused, Refused),
    409: (Refused, Refused, Refused),
    412: (Throttled, Throttled, Throttled),
    413: (Refused, Refused, Refused),
    429: (Throttled, Throttled, Throttled),
    500: (Ambiguous, Refused, Refused),
    501: (Ambiguous, Refused, Refused),
    502: (Ambiguous, Retryable, Retryable),
    503: (Ambiguous, Retryable, Retryable),
    504: (Ambiguous, Retryable, Retryable),
}
ROWS = [(method, status, row[n]) for status, row in TABLE.items() for n, method in enumerate(METHODS)]


@pytest.mark.parametrize(("method", "status", "expected"), ROWS)
@pytest.mark.parametrize("form", ["json", "html"])
async def test_each_status_is_one_call_and_one_outcome(
    wire: Wire, method: str, status: int, expected: type, form: str
) -> None:
    headers = {"Location": f"{wire.base}/v3/conversations"} if status in (302, 307) else {}
    fault = Fault.teams(status, "SomeCode", **headers) if form == "json" else Fault.html(status)
    wire.teams.faults = [fault]
    outcome = await call(wire, method)
    assert type(outcome) is expected
    assert len(wire.teams.calls) == 1
    if isinstance(outcome, Refused):
        assert outcome == Refused(status, "SomeCode" if form == "json" else "", outcome.detail)
        assert "as Teams words it" in outcome.detail or form == "html"
    if isinstance(outcome, Throttled | Retryable | Ambiguous):
        assert outcome.status == status


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("fault", [Fault.lost_before(), Fault.lost_after()], ids=["before", "after"])
async def test_a_lost_connection_leaves_a_new_message_in_doubt_only(wire: Wire, method: str, fault: Fault) -> None:
    # aiohttp repeats a change once when a kept-alive connection turns out to be dead, a new message never.
    tries = 1 if method == "POST" else 2
    wire.teams.faults = [fault] * tries
    outcome = await call(wire, method)
    assert type(outcome) is (Ambiguous if method == "POST" else Retryable)
    assert len(wire.teams.calls) == tries
    assert len(wire.teams.delivered) == (tries if fault.delivered else 0)


async def test_a_new_message_is_not_repeated_on_a_kept_alive_connection(wire: Wire) -> None:
    assert isinstance(await call(wire, "POST"), Sent)
    wire.teams.faults = [Fault.lost_after()]
    assert isinstance(await call(wire, "POST"), Ambiguous)
    assert len(wire.teams.delivered) == 2


@pytest.mark.parametrize("method", METHODS)
async def test_a_late_answer_ends_at_the_deadline(wire: Wire, http: ClientSession, method: str) -> None:
    tokens = token_cache(http, emulator(wire.base), AppCredentials(APP_ID))
    hasty = Connector(http, tokens, (f"{wire.base}/",), deadline=0.3)
    wire.teams.faults = [Fault(delay=3, delivered=True)]
    began = time.monotonic()
    outcome = await call(wire, method, hasty)
    assert type(outcome) is (Ambiguous if method == "POST" else Retryable)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("method", METHODS)
async def test_a_refused_connection_was_certainly_not_sent(wire: Wire, http: ClientSession, method: str) -> None:
    async with serving(web.Application()) as gone:
        pass
    connector = Connector(http, TokenCache(_constant_token), (f"{gone}/",))
    assert isinstance(await call(wire, method, connector, f"{gone}/"), Unreachable)


async def _constant_token() -> Grant:
    return Grant("constant", time.time() + 3600)


@pytest.mark.parametrize("method", METHODS)
async def test_without_a_token_nothing_is_sent(wire: Wire, http: ClientSession, method: str) -> None:
    async def refused() -> Grant:
        raise TokenUnavailable("refused: invalid_client")

    connector = Connector(http, TokenCache(refused), (f"{wire.base}/",))
    assert await call(wire, method, connector) == Unreachable("no token: refused: invalid_client")
    assert wire.teams.calls == []


async def test_a_token_server_that_hangs_ends_at_the_deadline(wire: Wire, http: ClientSession) -> None:
    tokens = token_cache(http, emulator(wire.base), AppCredentials(APP_ID))
    wire.teams.token_delay = 2
    connector = Connector(http, tokens, (f"{wire.base}/",), deadline=0.2)
    began = time.monotonic()
    assert isinstance(await call(wire, "POST", connector), Unreachable)
    assert time.monotonic() - began < 2, "the token server would take that long"


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("1", 1, 1),
        ("17.5", 17.5, 17.5),
        ("0", 0, 0),
        ("-5", 0, 0),
        ("DATE+30", 25, 31),
        ("DATE-30", 0, 0),
    ],
)
async def test_retry_after_is_seconds_or_a_date(wire: Wire, header: str, low: float, high: float) -> None:
    if header.startswith("DATE"):
        header = _http_date(time.time() + float(header[4:]))
    wire.teams.faults = [Fault.teams(429, "Throttled", Retry_After=header)]
    outcome = await call(wire, "POST")
    assert isinstance(outcome, Throttled)
    assert outcome.after_seconds is not None
    assert low <= outcome.after_seconds <= high


def _http_date(moment: float) -> str:
    from datetime import datetime

    return format_datetime(datetime.fromtimestamp(moment, ZoneInfo("UTC")).replace(microsecond=0))


@pytest.mark.parametrize("header", [None, "soon", "inf", "nan"])
async def test_an_unreadable_retry_after_leaves_the_wait_to_the_caller(wire: Wire, header: str | None) -> None:
    wire.teams.faults = [Fault(429, headers={"Retry-After": header} if header else {})]
    assert await call(wire, "POST") == Throttled(None, tenant_wide=False, status=429)


async def test_a_limit_of_the_whole_tenant_is_told_apart(wire: Wire) -> None:
    body = {"error": {"code": "Throttled", "message": "Requests of this app in the tenant exceeded"}}
    wire.teams.faults = [Fault(429, body)]
    assert await call(wire, "PUT") == Throttled(None, tenant_wide=True, status=429)


async def test_a_refused_token_is_renewed_once(wire: Wire) -> None:
    wire.teams.faults = [Fault.teams(401, "Unauthorized")]
    assert await call(wire, "POST") == Sent("1", {"id": "1"})
    assert [made.authorization for made in wire.teams.calls] == ["Bearer t1", "Bearer t2"]


async def test_a_token_refused_twice_is_final(wire: Wire) -> None:
    wire.teams.faults = [Fault.teams(401, "BotNotRegistered")] * 3
    outcome = await call(wire, "POST")
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.code, len(wire.teams.calls)) == (401, "BotNotRegistered", 2)


@pytest.mark.parametrize("method", METHODS)
async def test_a_government_tenant_is_called_once_on_its_own_host(wire: Wire, http: ClientSession, method: str) -> None:
    connector = Connector(
        http, TokenCache(_constant_token), (f"{wire.base}/",), wrong_host_url=f"{wire.base}/government/"
    )
    wire.teams.faults = [Fault.teams(403, "InvalidBotApiHost")]
    assert isinstance(await call(wire, method, connector), Sent)
    assert [made.path.partition("/v3")[0] for made in wire.teams.calls] == ["/emea", "/government"]
    wire.teams.faults = [Fault.teams(403, "InvalidBotApiHost")] * 3
    assert isinstance(await call(wire, method, connector), Refused)
    assert len(wire.teams.calls) == 4


async def test_with_an_emulator_the_government_host_is_never_called(wire: Wire) -> None:
    wire.teams.faults = [Fault.teams(403, "InvalidBotApiHost")]
    outcome = await call(wire, "POST")
    assert isinstance(outcome, Refused)
    assert outcome.code == "InvalidBotApiHost"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://smba.trafficmanager.net/emea/", "", "{base}.evil/"])
@pytest.mark.parametrize("method", METHODS)
async def test_no_token_is_fetched_for_a_foreign_service_url(wire: Wire, method: str, url: str) -> None:
    outcome = await wire.connector.post_activity(url.format(base=wire.base), CHANNEL, HELLO)
    assert isinstance(outcome, Refused)
    assert outcome.code == "ServiceUrlNotAllowed"
    assert (wire.teams.token_calls, wire.teams.calls) == (0, [])


async def test_path_parts_are_encoded_on_the_wire(wire: Wire) -> None:
    await wire.connector.post_activity(wire.service_url, CHANNEL, HELLO, reply_to="1/2")
    await wire.connector.get_member(wire.service_url, "a:b/c", "29:x y")
    assert [made.path for made in wire.teams.calls] == [
        "/emea/v3/conversations/19%3Ac%40thread.tacv2%3Bmessageid%3D17/activities/1%2F2",
        "/emea/v3/conversations/a%3Ab%2Fc/members/29%3Ax%20y",
    ]


async def test_a_private_message_names_its_reader_when_posted_only(wire: Wire) -> None:
    url, full = wire.service_url, {**HELLO, "recipient": {"id": "29:old"}}
    await wire.connector.post_activity(url, "19:c", full, targeted_to="29:alice")
    await wire.connector.put_activity(url, "19:c", "5", full, targeted=True)
    await wire.connector.delete_activity(url, "19:c", "5", targeted=True)
    assert [(made.method, made.path, made.body) for made in wire.teams.calls] == [
        (
            "POST",
            "/emea/v3/conversations/19%3Ac/activities?isTargetedActivity=true",
            {**HELLO, "recipient": {"id": "29:alice"}},
        ),
        ("PUT", "/emea/v3/conversations/19%3Ac/activities/5?isTargetedActivity=true", HELLO),
        ("DELETE", "/emea/v3/conversations/19%3Ac/activities/5?isTargetedActivity=true", None),
    ]
    assert full["recipient"] == {"id": "29:old"}


async def test_a_public_message_goes_out_unchanged(wire: Wire) -> None:
    mention = {"type": "mention", "text": "<at>Bob</at>", "mentioned": {"id": "29:bob", "name": "Bob"}}
    activity = {"type": "message", "text": "<at>Bob</at> müde 🙂", "entities": [mention]}
    assert await wire.connector.post_activity(wire.service_url, "19:c", activity) == Sent("1", {"id": "1"})
    assert wire.teams.calls[0].body == activity


async def test_a_new_conversation_has_two_ids(wire: Wire) -> None:
    outcome = await wire.connector.create_conversation(wire.service_url, {"isGroup": True})
    assert isinstance(outcome, Sent)
    assert (outcome.conversation_id, outcome.activity_id) == ("a:new-1", "1")
    assert wire.teams.calls[0].body == {"isGroup": True}


async def test_a_new_conversation_that_fails_is_told_like_any_message(wire: Wire) -> None:
    wire.teams.faults = [Fault.html(502)]
    assert isinstance(await wire.connector.create_conversation(wire.service_url, {}), Ambiguous)


async def test_a_member_is_found_or_not(wire: Wire) -> None:
    wire.teams.members = {"29%3Aalice": {"id": "29:alice", "aadObjectId": "a-1"}}
    found = await wire.connector.get_member(wire.service_url, "19:c", "29:alice")
    assert found == Found({"id": "29:alice", "aadObjectId": "a-1"})
    wire.teams.faults = [Fault.teams(404, "MemberNotFoundInConversation")]
    assert isinstance(await wire.connector.get_member(wire.service_url, "19:c", "29:x"), Refused)
    wire.teams.faults = [Fault.html(503)]
    assert isinstance(await wire.connector.get_member(wire.service_url, "19:c", "29:x"), Retryable)


ERRORS: dict[str, tuple[Any, str]] = {
    "code": ({"error": {"code": "BotDisabledByAdmin", "message": "m"}}, "BotDisabledByAdmin"),
    "sub code": ({"error": {"code": "Forbidden", "subCode": "MessageWritesBlocked"}}, "MessageWritesBlocked"),
    "number": ({"errorCode": 209, "message": "m"}, "209"),
    "odd types": ({"error": ["x"], "errorCode": True}, ""),
    "a list": ([1, 2], ""),
    "cut off": ('{"error": {"code": "Bad', ""),
    "nothing": ("", ""),
    "deep": ("[" * 100_000, ""),
}


@pytest.mark.parametrize(("body", "code"), ERRORS.values(), ids=ERRORS)
async def test_any_error_body_is_survived(wire: Wire, body: Any, code: str) -> None:
    wire.teams.faults = [Fault(403, body)]
    outcome = await call(wire, "POST")
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.code) == (403, code)
    assert len(outcome.detail) <= 200
    assert "\n" not in outcome.detail


async def test_a_success_without_a_readable_body_is_still_sent(wire: Wire) -> None:
    wire.teams.faults = [Fault(201, "<html>ok</html>", content_type="text/html")]
    assert await call(wire, "POST") == Sent("", {})


async def test_many_sends_share_few_connections_and_one_token(wire: Wire) -> None:
    await asyncio.gather(*(call(wire, "POST") for _ in range(100)))
    assert len(wire.teams.delivered) == 100
    assert wire.teams.token_calls == 1
    assert len({made.authorization for made in wire.teams.calls}) == 1


async def test_a_caller_that_leaves_does_not_break_the_connector(wire: Wire) -> None:
    wire.teams.token_delay = 0.2
    waiting = asyncio.create_task(call(wire, "POST"))
    await asyncio.sleep(0)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    assert isinstance(await call(wire, "POST"), Sent)
    assert wire.teams.token_calls == 1
