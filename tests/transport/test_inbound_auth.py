"""Which tokens open the door, with which status, and what it costs when keys are missing."""

import asyncio
import time
from typing import Any

import jwt
import pytest

from bot.transport import keys
from bot.transport.addresses import PUBLIC_CLOUD, emulator
from bot.transport.inbound_auth import LEEWAY, Forbidden, KeysUnavailable, Unauthorized
from tests.support.tokens import APP_ID, bearer, jwk, rsa_key, token
from tests.transport.conftest import TENANT, Wire, auth_for

PUBLIC_AS_SECRET = b"the public key used as a shared secret, long enough for HS256"

TOKENS: dict[str, tuple[dict[str, Any], int]] = {
    "good": ({}, 201),
    "issuer with a closing slash": ({"issuer_suffix": "/"}, 201),
    "several audiences, ours among them": ({"aud": ["other", APP_ID]}, 201),
    "expired 2 minutes ago": ({"exp_in": -120}, 201),
    "expired 10 minutes ago": ({"exp_in": -600}, 401),
    "not valid for another 10 minutes": ({"nbf_in": 600}, 401),
    "no exp": ({"exp": None}, 401),
    "exp is a word": ({"exp": "tomorrow"}, 401),
    "wrong issuer": ({"issuer": "https://api.botframework.com"}, 401),
    "emulator issuer of stock": ({"issuer": "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"}, 401),
    "no issuer": ({"issuer": None}, 401),
    "wrong audience": ({"aud": "somebody-else"}, 401),
    "no audience": ({"aud": None}, 401),
    "no kid": ({"kid": None}, 401),
    "unknown kid": ({"kid": "k9"}, 401),
    "forged under a known kid": ({"kid": "k1", "signed_by": "thief"}, 401),
    "another service URL": ({"service_url": "http://127.0.0.1:9/"}, 403),
    "no service URL claim": ({"service_url": None}, 403),
    "service URL claim of an odd type": ({"service_url": 7}, 403),
}


@pytest.mark.parametrize(("claims", "status"), TOKENS.values(), ids=TOKENS)
async def test_each_token_gets_its_status(wire: Wire, claims: dict[str, Any], status: int) -> None:
    # Counted from now: minutes may have passed since this file was read.
    claims = {k.removesuffix("_in"): int(time.time()) + v if k.endswith("_in") else v for k, v in claims.items()}
    if suffix := claims.pop("issuer_suffix", ""):
        claims["issuer"] = wire.base + suffix
    answered, body = await wire.post(wire.activity(), headers=bearer(wire.token(**claims)))
    assert (answered, len(wire.bot.seen)) == (status, 1 if status == 201 else 0)
    assert (body == b"") is (status == 201)


def _signed(algorithm: str, key: Any, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "k1"})


@pytest.mark.parametrize(
    "kind", ["none", "HS256", "RS512", "garbage", "dots", "not base64", "empty", "basic", "absent"]
)
async def test_a_token_of_another_kind_is_401_and_costs_no_key_request(wire: Wire, kind: str) -> None:
    claims = jwt.decode(wire.token(), options={"verify_signature": False})
    header = {
        "none": lambda: bearer(_signed("none", None, claims)),
        "HS256": lambda: bearer(_signed("HS256", PUBLIC_AS_SECRET, claims)),
        "RS512": lambda: bearer(_signed("RS512", rsa_key("k1"), claims)),
        "garbage": lambda: bearer("garbage"),
        "dots": lambda: bearer("a.b.c"),
        "not base64": lambda: bearer("é.ü.ñ"),
        "empty": lambda: {"Authorization": ""},
        "basic": lambda: {"Authorization": "Basic dXNlcjpwYXNz"},
        "absent": dict,
    }[kind]()
    status, body = await wire.post(wire.activity(), headers=header)
    assert (status, wire.bot.seen, wire.teams.key_fetches) == (401, [], 0)
    assert body == b'{"error": "A valid bearer token is needed."}'


ACTIVITIES: dict[str, dict[str, Any]] = {
    "no service URL": {"serviceUrl": None},
    "service URL is a number": {"serviceUrl": 5},
    "no channel": {"channelId": None},
    "another channel": {"channelId": "webchat"},
    "channel is a list": {"channelId": ["msteams"]},
}


@pytest.mark.parametrize("changes", ACTIVITIES.values(), ids=ACTIVITIES)
async def test_a_good_token_for_something_else_is_403(wire: Wire, changes: dict[str, Any]) -> None:
    status, _ = await wire.post(wire.activity(**changes))
    assert (status, wire.bot.seen) == (403, [])


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}.evil/",
        "http://127.0.0.1:{port}@evil/",
        "http://evil/127.0.0.1:{port}/",
        "https://127.0.0.1:{port}/",
        "http://127.0.0.1:1/",
        "http://127.0.0.1/",
        "http://127.0.0.1:{port}\\@evil/",
        "http://127.0.0.1:{port}/?x=1",
        "http://127.0.0.1:{port}/#x",
        "http://user:pw@127.0.0.1:{port}/",
        "http://127.0.0.1.evil:{port}/",
        "http://1２7.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "127.0.0.1:{port}",
        "",
    ],
)
async def test_token_and_activity_agreeing_on_a_foreign_host_is_403(wire: Wire, url: str) -> None:
    foreign = url.format(port=wire.base.rpartition(":")[2])
    status, _ = await wire.post(wire.activity(serviceUrl=foreign), headers=bearer(wire.token(service_url=foreign)))
    assert (status, wire.bot.seen) == (403, [])


async def test_a_closing_slash_makes_no_difference_to_the_service_url(wire: Wire) -> None:
    bare = wire.service_url.rstrip("/")
    assert (await wire.post(wire.activity(serviceUrl=bare)))[0] == 201
    assert (await wire.post(wire.activity(), headers=bearer(wire.token(service_url=bare))))[0] == 201


@pytest.mark.parametrize(
    ("endorsements", "required", "accepted"),
    [
        (["msteams", "webchat"], True, True),
        (["webchat"], True, False),
        (["webchat"], False, False),
        ([], True, False),
        (None, True, False),
        (None, False, True),
    ],
)
async def test_the_key_must_be_endorsed_for_teams(
    wire: Wire, endorsements: list[str] | None, required: bool, accepted: bool
) -> None:
    wire.teams.keys = [jwk("k1", endorsements=endorsements)]
    tenants = frozenset({TENANT})
    auth = auth_for(wire.http, emulator(wire.base), require_endorsements=required, allowed_tenants=tenants)
    header = bearer(wire.token())["Authorization"]
    if accepted:
        await auth.check(header, wire.activity())
    else:
        with pytest.raises(Forbidden):
            await auth.check(header, wire.activity())


TENANTS: dict[str, tuple[dict[str, Any], bool]] = {
    "ours": ({}, True),
    "ours in capitals": ({"channelData": {"tenant": {"id": "AAAA-BBBB"}}, "conversation": {"id": "c"}}, True),
    "only in the conversation": ({"channelData": None}, True),
    "only in the sender": ({"channelData": None, "conversation": {"id": "c"}, "from": {"tenantId": TENANT}}, True),
    "none named": ({"channelData": None, "conversation": {"id": "c"}}, False),
    "foreign in channelData": ({"channelData": {"tenant": {"id": "other"}}}, False),
    "foreign in the conversation": ({"conversation": {"id": "c", "tenantId": "other"}}, False),
    "foreign sender": ({"from": {"id": "29:x", "tenantId": "other"}}, False),
    "odd type": ({"channelData": {"tenant": {"id": [TENANT]}}}, False),
    "odd tables": ({"channelData": "x", "conversation": 5, "from": []}, False),
}


@pytest.mark.parametrize(("changes", "allowed"), TENANTS.values(), ids=TENANTS)
async def test_every_tenant_an_activity_names_must_be_allowed(
    wire: Wire, changes: dict[str, Any], allowed: bool
) -> None:
    auth = auth_for(wire.http, emulator(wire.base), allowed_tenants=frozenset({TENANT, "aaaa-bbbb"}))
    header = bearer(wire.token())["Authorization"]
    if allowed:
        await auth.check(header, wire.activity(**changes))
    else:
        with pytest.raises(Forbidden):
            await auth.check(header, wire.activity(**changes))


async def test_without_an_app_id_there_is_no_edge(wire: Wire) -> None:
    with pytest.raises(ValueError, match="no app id"):
        auth_for(wire.http, emulator(wire.base), app_id="")


async def test_microsofts_cloud_is_never_served_for_every_tenant(wire: Wire) -> None:
    with pytest.raises(ValueError, match="no allowed tenants"):
        auth_for(wire.http, PUBLIC_CLOUD)


async def test_fifty_unknown_key_ids_at_once_cost_one_request(wire: Wire) -> None:
    await wire.auth.warm_up()
    wire.auth._keys._next_try = 0.0  # as if the last fetch was more than a minute ago
    headers = [bearer(wire.token(kid=f"x{n}", signed_by="thief")) for n in range(50)]
    answers = await asyncio.gather(*(wire.post(wire.activity(), headers=header) for header in headers))
    assert {status for status, _ in answers} == {401}
    assert wire.teams.key_fetches == 2
    await wire.post(wire.activity(), headers=headers[0])
    assert wire.teams.key_fetches == 2


async def test_a_new_key_is_found_by_its_first_token(wire: Wire) -> None:
    await wire.auth.warm_up()
    wire.auth._keys._next_try = 0.0
    wire.teams.keys = [jwk("k2", endorsements=["msteams"])]
    assert (await wire.post(wire.activity(), headers=bearer(wire.token(kid="k2"))))[0] == 201


async def test_a_withdrawn_key_takes_its_remembered_tokens_along(wire: Wire) -> None:
    good = bearer(wire.token())
    assert (await wire.post(wire.activity(), headers=good))[0] == 201
    wire.auth._keys._next_try = wire.auth._keys._stale_at = 0.0
    wire.teams.keys = [jwk("k2", endorsements=["msteams"])]
    assert (await wire.post(wire.activity(), headers=good))[0] == 401


async def test_a_remembered_token_still_ends(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = int(time.time()) + 60
    header = bearer(wire.token(exp=ends))
    assert (await wire.post(wire.activity(), headers=header))[0] == 201
    later = ends + LEEWAY + 1
    monkeypatch.setattr("bot.transport.inbound_auth.time.time", lambda: later)
    monkeypatch.setattr(keys.jwt, "decode", _refuse_as_expired)
    assert (await wire.post(wire.activity(), headers=header))[0] == 401


def _refuse_as_expired(*_args: Any, **_options: Any) -> None:
    raise jwt.ExpiredSignatureError


async def test_a_remembered_token_is_checked_against_each_activity(wire: Wire) -> None:
    header = bearer(wire.token())
    assert (await wire.post(wire.activity(), headers=header))[0] == 201
    assert (await wire.post(wire.activity(serviceUrl=f"{wire.base}/amer/"), headers=header))[0] == 403
    assert (await wire.post(wire.activity(channelId="webchat"), headers=header))[0] == 403


async def test_remembered_tokens_are_bounded(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.transport.inbound_auth._REMEMBERED", 3)
    for n in range(5):
        await wire.auth.check(f"Bearer {wire.token(jti=str(n))}", wire.activity())
    assert len(wire.auth._verified) == 3


@pytest.mark.parametrize("status", [404, 500, 302])
async def test_old_keys_serve_while_the_key_server_is_down(wire: Wire, status: int) -> None:
    await wire.auth.warm_up()
    wire.teams.keys_status = status
    wire.auth._keys._next_try = wire.auth._keys._stale_at = 0.0  # as if they were older than 24 hours
    assert (await wire.post(wire.activity()))[0] == 201
    assert wire.auth.key_failures == 1
    assert (await wire.post(wire.activity(), headers=bearer(wire.token(kid="k9"))))[0] == 503


async def test_old_keys_do_not_wait_for_a_hanging_key_server(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    await wire.auth.warm_up()
    monkeypatch.setattr(keys, "PATIENCE", 0.05)
    wire.teams.keys_delay = 3
    wire.auth._keys._next_try = wire.auth._keys._stale_at = 0.0
    began = time.monotonic()
    assert (await wire.post(wire.activity()))[0] == 201
    assert time.monotonic() - began < 2


async def test_without_any_key_the_channel_is_asked_to_come_back(wire: Wire) -> None:
    wire.teams.keys_status = 500
    status, body = await wire.post(wire.activity())
    assert (status, wire.bot.seen) == (503, [])
    assert b"try again" in body
    assert not wire.auth.ready
    wire.teams.keys_status = 200
    wire.auth._keys._next_try = 0.0  # as if a second had passed
    assert (await wire.post(wire.activity()))[0] == 201
    assert wire.auth.ready


async def test_a_failed_fetch_is_not_repeated_for_a_while(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "AFTER_FAILURE", 60.0)
    wire.teams.keys_status = 500
    for _ in range(3):
        assert (await wire.post(wire.activity()))[0] == 503
    assert wire.teams.key_fetches == 1
    assert 30 < wire.auth._keys._next_try - time.monotonic() <= 60


async def test_a_hanging_key_server_answers_all_waiters_at_once(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_FETCH_LIMIT", keys.ClientTimeout(total=0.2))
    monkeypatch.setattr(keys, "AFTER_FAILURE", 60.0)
    wire.teams.keys_delay = 5
    answers = await asyncio.gather(*(wire.post(wire.activity()) for _ in range(20)))
    assert {status for status, _ in answers} == {503}
    assert wire.teams.key_fetches == 1


async def test_a_slow_key_server_does_not_hold_up_the_loop(wire: Wire) -> None:
    wire.teams.keys_delay = 2
    gaps: list[float] = []

    async def heartbeat() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            gaps.append(time.perf_counter() - before)

    beat = asyncio.create_task(heartbeat())
    status, _ = await wire.post(wire.activity())
    beat.cancel()
    assert status == 201
    assert max(gaps) < 1, "half of what a loop that waits would need"


KEY_SETS: dict[str, Any] = {
    "no object": [1],
    "no list": {"keys": "x"},
    "empty": [],
    "entries of odd types": ["x"],
    "no RSA": [{"kty": "EC", "kid": "k1"}],
    "broken RSA": [{"kty": "RSA", "kid": "k1", "n": "!", "e": "AQAB"}],
    "no kid": [{k: v for k, v in jwk("k1").items() if k != "kid"}],
}


@pytest.mark.parametrize("found", KEY_SETS.values(), ids=KEY_SETS)
async def test_a_key_set_without_a_usable_key_is_a_failure(wire: Wire, found: Any) -> None:
    wire.teams.keys = found
    with pytest.raises(KeysUnavailable):
        await wire.auth.check(f"Bearer {wire.token()}", wire.activity())
    assert wire.auth.key_failures == 1


async def test_one_broken_key_does_not_take_the_others_away(wire: Wire) -> None:
    wire.teams.keys = [{"kty": "RSA", "kid": "k0", "n": "!", "e": "AQAB"}, jwk("k1", endorsements=["msteams"])]
    await wire.auth.check(f"Bearer {wire.token()}", wire.activity())


async def test_an_unknown_key_is_told_from_an_unreachable_server(wire: Wire) -> None:
    with pytest.raises(Unauthorized, match="unknown key"):
        await wire.auth.check(f"Bearer {token(wire.base, wire.service_url, kid='k9')}", wire.activity())
