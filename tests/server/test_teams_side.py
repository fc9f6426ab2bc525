"""Where the bot finds Teams before anybody has spoken to it."""

import aiohttp
import pytest

from bot.notifier import FirstAddress
from bot.transport.addresses import ServiceUrls
from server.local_teams import LocalTeams
from server.settings import Settings
from server.teams_side import PUBLIC_SERVICE_URL, addresses_of, first_address_of, local_teams_url

APP = "00000000-0000-0000-0000-0000000000aa"
TENANT = "22222222-2222-2222-2222-222222222222"
REGISTERED = {
    "MICROSOFT_APP_ID": APP,
    "MICROSOFT_APP_TYPE": "SingleTenant",
    "MICROSOFT_APP_TENANT_ID": TENANT,
    "MICROSOFT_APP_PASSWORD": "secret-enough",
    "PUBLIC_URL": "https://incidents.example.org",
}
EMULATOR = {"TEAMS_EMULATOR_URL": "http://127.0.0.1:3979/teams/"}


async def nobody() -> list[object]:
    return []


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (REGISTERED, FirstAddress(TENANT, PUBLIC_SERVICE_URL)),
        (EMULATOR, FirstAddress("", "http://127.0.0.1:3979/teams/")),
        ({**REGISTERED, **EMULATOR}, FirstAddress(TENANT, "http://127.0.0.1:3979/teams/")),
        ({"PORT": "3999"}, FirstAddress("", "http://127.0.0.1:3999/local-teams/teams/")),
    ],
    ids=["registered", "emulator", "emulator with an app", "local teams"],
)
def test_the_first_address_is_one_that_may_see_our_token(environ: dict[str, str], expected: FirstAddress) -> None:
    settings = Settings.from_environment(environ)
    first = first_address_of(settings)
    assert first == expected
    assert ServiceUrls(addresses_of(settings).service_urls).allows(first.service_url)


async def test_local_teams_is_reached_where_it_says_it_is() -> None:
    settings = Settings.from_environment({})
    async with aiohttp.ClientSession() as http:
        teams = LocalTeams(
            base_url=local_teams_url(settings), bot_url="http://127.0.0.1:1/", people=nobody, teams=nobody, http=http
        )
        assert first_address_of(settings).service_url == teams.service_url
