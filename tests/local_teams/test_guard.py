"""Strangers are kept out."""

import pytest

from tests.local_teams.harness import Stand

PATHS = ["/", "/local-teams/", "/local-teams/api/directory", "/local-teams/_calls", "/local-teams/static/js/main.js"]


async def status(stand: Stand, method: str, path: str, **headers: str) -> int:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    async with stand.http.request(method, stand.address + path, headers=names) as response:
        return response.status


@pytest.mark.parametrize("path", PATHS)
async def test_only_loopback_names_are_answered(stand: Stand, path):
    assert await status(stand, "GET", path) == 200
    assert await status(stand, "GET", path, Host="localhost:3978") == 200
    assert await status(stand, "GET", path, Host="[::1]:3978") == 200
    for name in ("evil.example:3978", "127.0.0.1.evil.example", "", "local-host", "10.0.0.1"):
        assert await status(stand, "GET", path, Host=name) == 403


async def test_only_this_machine_is_answered(stand: Stand, monkeypatch):
    monkeypatch.setattr("aiohttp.web.BaseRequest.remote", "192.0.2.7")
    assert await status(stand, "GET", "/") == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
async def test_pages_of_other_sites_cannot_post(stand: Stand, headers):
    for path in ("/local-teams/api/say", "/local-teams/_faults", "/local-teams/oauth2/v2.0/token"):
        assert await status(stand, "POST", path, **headers) == 403


async def test_the_own_page_can(stand: Stand):
    headers = {"Origin": stand.address, "Sec_Fetch_Site": "same-origin"}
    assert await status(stand, "DELETE", "/local-teams/_faults", **headers) == 200


async def test_a_link_from_elsewhere_may_lead_here(stand: Stand):
    assert await status(stand, "GET", "/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate") == 200


async def test_the_page_allows_only_its_own_files(stand: Stand):
    async with stand.http.get(stand.address) as response:
        policy = response.headers["Content-Security-Policy"]
        text = await response.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "{{" not in text
    assert "<script>" not in text
    assert "style=" not in text


async def test_no_path_leads_out_of_the_static_files(stand: Stand):
    for path in ("/local-teams/static/../emulator.py", "/local-teams/static/%2e%2e/emulator.py"):
        assert await status(stand, "GET", path) in {403, 404}
