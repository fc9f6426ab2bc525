"""The sign-in side of the seam, by the contract."""

import time

import jwt
import pytest

from tests.local_teams.harness import Stand


async def metadata(stand: Stand) -> dict:
    async with stand.http.get(f"{stand.base_url}/.well-known/openidconfiguration") as response:
        assert response.status == 200
        return await response.json()


async def test_metadata_names_the_issuer_and_the_keys(stand: Stand):
    told = await metadata(stand)
    assert told["issuer"] == stand.base_url
    assert told["jwks_uri"].startswith(stand.base_url + "/")
    assert told["id_token_signing_alg_values_supported"] == ["RS256"]


async def test_keys_are_endorsed_for_teams_and_hold_no_secret(stand: Stand):
    async with stand.http.get((await metadata(stand))["jwks_uri"]) as response:
        (key,) = (await response.json())["keys"]
    assert key["endorsements"] == ["msteams"]
    assert key["kty"] == "RSA"
    assert "d" not in key


async def test_inbound_tokens_carry_what_the_contract_says(stand: Stand):
    chat = await stand.teams.personal("ada")
    await stand.teams.say("ada", chat, "help")
    (claims,) = stand.bot.claims
    assert claims["iss"] == stand.base_url
    assert claims["aud"] == "local-bot"
    assert claims["exp"] > time.time() + 600
    assert claims["serviceurl"] == stand.bot.heard[0]["serviceUrl"]
    assert claims["serviceurl"].startswith(stand.base_url + "/")


async def test_the_token_endpoint_grants_a_bearer(stand: Stand):
    form = {"grant_type": "client_credentials", "client_id": "local-bot", "scope": "x/.default"}
    async with stand.http.post(f"{stand.base_url}/oauth2/v2.0/token", data=form) as response:
        answer = await response.json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 3600
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["aud"] != "local-bot"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "local-bot"}, 400, "unsupported_grant_type"),
        ({"grant_type": "password", "client_id": "local-bot"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "other"}, 401, "invalid_client"),
    ],
)
async def test_the_token_endpoint_refuses(stand: Stand, form, status, error):
    async with stand.http.post(f"{stand.base_url}/oauth2/v2.0/token", data=form) as response:
        assert response.status == status
        assert (await response.json())["error"] == error


async def test_the_token_endpoint_wants_a_form(stand: Stand):
    async with stand.http.post(f"{stand.base_url}/oauth2/v2.0/token", json={}) as response:
        assert (await response.json())["error"] == "invalid_request"


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer nonsense", "Basic abc"])
async def test_the_connector_wants_its_token(stand: Stand, header):
    chat = await stand.teams.personal("ada")
    url = f"{stand.base_url}/teams/v3/conversations/{chat}/activities"
    headers = {"Authorization": header} if header else {}
    async with stand.http.post(url, json={"type": "message", "text": "x"}, headers=headers) as response:
        assert response.status == 401
        assert (await response.json())["error"]["code"] == "Unauthorized"
    assert await stand.teams.messages("ada", chat) == []


async def test_an_inbound_token_does_not_open_the_connector(stand: Stand):
    chat = await stand.teams.personal("ada")
    stand.bot._token = stand.emulator._issuer.inbound(stand.emulator.service_url)
    status, _, _ = await stand.bot.call("GET", f"conversations/{chat}/members")
    assert status == 401


async def test_the_call_log_holds_no_token(stand: Stand):
    token = await stand.bot.token()
    assert token not in str(await stand.teams.traffic())
