"""Planned faults and the log of calls."""

import time

import aiohttp
import pytest

from tests.local_teams.harness import Stand

TEXT = {"type": "message", "text": "x"}


async def send(stand: Stand, chat: str):
    return await stand.bot.call("POST", f"conversations/{chat}/activities", TEXT)


async def test_rules_are_used_in_order_and_used_up(stand: Stand):
    chat = await stand.teams.personal("ada")
    await stand.teams.plan_faults(
        {"method": "POST", "path": "/activities", "status": 429, "retry_after": 2, "count": 2},
        {"path": "/activities", "status": 502, "body": "<html>bad gateway</html>"},
    )
    first, second, third, fourth = [await send(stand, chat) for _ in range(4)]
    assert (first[0], first[2]["Retry-After"]) == (429, "2")
    assert second[0] == 429
    assert (third[0], third[2].get("Content-Type")) == (502, "text/html; charset=utf-8")
    assert fourth[0] == 201
    assert len(await stand.teams.messages("ada", chat)) == 1


async def test_a_fault_may_come_after_the_work_was_done(stand: Stand):
    chat = await stand.teams.personal("ada")
    await stand.teams.plan_faults({"path": "/activities", "status": 502, "delivered": True, "body": {"oh": "no"}})
    assert (await send(stand, chat))[:2] == (502, {"oh": "no"})
    assert len(await stand.teams.messages("ada", chat)) == 1


@pytest.mark.parametrize(("delivered", "seen"), [(False, 0), (True, 1)])
async def test_a_connection_is_cut_before_or_after(stand: Stand, delivered, seen):
    chat = await stand.teams.personal("ada")
    await stand.bot.token()
    await stand.teams.plan_faults({"path": "/activities", "drop": True, "delivered": delivered})
    with pytest.raises(aiohttp.ClientError):
        await send(stand, chat)
    assert len(await stand.teams.messages("ada", chat)) == seen
    assert (await stand.teams.traffic())["calls"][-1]["status"] == 0


async def test_a_delay_alone_only_delays(stand: Stand):
    chat = await stand.teams.personal("ada")
    await stand.bot.token()
    await stand.teams.plan_faults({"path": "/activities", "delay": 0.2})
    started = time.monotonic()
    assert (await send(stand, chat))[0] == 201
    assert time.monotonic() - started >= 0.2


async def test_a_rule_fits_by_conversation_method_and_text(stand: Stand):
    ada, grace = await stand.teams.personal("ada"), await stand.teams.personal("grace")
    await stand.teams.plan_faults({"conversation": ada, "method": "post", "contains": '"x"', "status": 403})
    assert (await send(stand, grace))[0] == 201
    assert (await stand.bot.call("GET", f"conversations/{ada}/members"))[0] == 200
    assert (await send(stand, ada))[0] == 403


async def test_the_key_server_and_the_token_endpoint_can_fail_too(stand: Stand):
    await stand.teams.plan_faults({"path": "/keys", "status": 503}, {"path": "/oauth2", "status": 500})
    async with stand.http.get(f"{stand.base_url}/keys") as response:
        assert response.status == 503
    async with stand.http.post(f"{stand.base_url}/oauth2/v2.0/token", data={}) as response:
        assert response.status == 500


async def test_rules_can_be_read_and_dropped(stand: Stand):
    await stand.teams.plan_faults({"status": 500})
    assert (await stand.teams._send("GET", "_faults"))["rules"][0]["status"] == 500
    assert (await stand.teams._send("DELETE", "_faults"))["rules"] == []


@pytest.mark.parametrize("rule", [{"unknown": 1}, "text", [1]])
async def test_what_is_no_rule_is_refused_with_a_sentence(stand: Stand, rule):
    async with stand.http.post(f"{stand.base_url}/_faults", json=rule) as response:
        assert response.status == 400
        assert "not a fault rule" in (await response.json())["error"]


async def test_the_log_tells_calls_and_deliveries(stand: Stand):
    chat = await stand.teams.personal("ada")
    await stand.teams.say("ada", chat, "hello")
    traffic = await stand.teams.traffic()
    call = next(c for c in traffic["calls"] if c["method"] == "POST" and "activities" in c["path"])
    assert call["body"] == {"type": "message", "text": "You said: hello"}
    assert (call["status"], call["answer"]["id"].isdigit(), call["fault"]) == (201, True, False)
    (delivery,) = traffic["deliveries"]
    assert (delivery["type"], delivery["status"], delivery["attempt"]) == ("message", 201, 1)
    await stand.teams.forget_traffic()
    assert (await stand.teams.traffic())["calls"] == []
