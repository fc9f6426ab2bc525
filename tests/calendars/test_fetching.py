"""Feeds over real HTTP: limits, redirects, and no way into a private network."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from integrations.calendars import fetching
from integrations.calendars.addresses import objection
from integrations.calendars.fetching import Fetcher, FetchError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_get("/{path:.*}", handler)
        runner = web.AppRunner(app)
        await runner.setup()
        runners.append(runner)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


async def refused(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(FetchError) as why:
        await fetcher.get(url)
    return str(why.value)


async def test_a_feed_is_read(serve: Serve) -> None:
    async def feed(_: web.Request) -> web.Response:
        return web.Response(text="BEGIN:VCALENDAR")

    assert await Fetcher(loopback=True).get(f"{await serve(feed)}/a.ics") == b"BEGIN:VCALENDAR"


async def test_redirects_are_followed_a_few_times_only(serve: Serve) -> None:
    async def turn(request: web.Request) -> web.Response:
        left = int(request.match_info["path"])
        return (
            web.Response(text="here") if left == 0 else web.Response(status=302, headers={"Location": f"/{left - 1}"})
        )

    address = await serve(turn)
    assert await Fetcher(loopback=True).get(f"{address}/3") == b"here"
    assert "redirected" in await refused(Fetcher(loopback=True), f"{address}/4")


async def test_a_redirect_into_a_private_network_is_not_followed(serve: Serve) -> None:
    async def away(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"})

    assert "private network" in await refused(Fetcher(loopback=True), f"{await serve(away)}/a")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/a.ics",
        "https://[::1]/a.ics",
        "https://10.0.0.7/a.ics",
        "https://192.168.1.1/a.ics",
        "https://169.254.169.254/a.ics",
        "https://[::ffff:10.0.0.7]/a.ics",
        "https://[fe80::1]/a.ics",
        "https://0.0.0.0/a.ics",
        "https://localhost/a.ics",
        "https://[fec0::1]/a.ics",
        "https://[::a00:7]/a.ics",
        "https://[64:ff9b::a00:7]/a.ics",
        "https://[2002:a00:7::]/a.ics",
        "https://[2001:0:a00:7::]/a.ics",
        "https://１２７.0.0.1/a.ics",
        "https://①②⑦.0.0.1/a.ics",
        "https://127。0。0。1/a.ics",
    ],
)
async def test_addresses_inside_are_refused_by_number_and_by_name(url: str) -> None:
    assert "private network" in await refused(Fetcher(), url)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.0.0.1.", "0", "[::1"])
async def test_numbers_that_only_some_take_for_an_address_are_refused(host: str) -> None:
    assert "usual form" in await refused(Fetcher(loopback=True), f"https://{host}/a.ics")


@pytest.mark.parametrize("host", ["8.8.8.8", "[2606:4700::1]", "[64:ff9b::808:808]", "1.example.org", "bücher.example"])
def test_public_addresses_may_be_read(host: str) -> None:
    assert objection(f"https://{host}/a.ics", loopback=False) is None


@pytest.mark.parametrize("host", ["localhost", "１２７.0.0.1", "127.1"])
async def test_no_connection_leads_inside_even_if_the_text_of_the_address_does_not_tell(
    host: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def feed(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(text="secret")

    monkeypatch.setattr(fetching, "objection", lambda url, *, loopback: None)
    port = (await serve(feed)).rpartition(":")[2]
    await refused(Fetcher(), f"http://{host}:{port}/a.ics")
    assert asked == []


async def test_a_name_for_this_machine_is_refused_before_anything_is_sent(serve: Serve) -> None:
    asked: list[str] = []

    async def feed(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(text="secret")

    port = (await serve(feed)).rpartition(":")[2]
    sentence = await refused(Fetcher(), f"https://localhost:{port}/a.ics")
    assert ("private network" in sentence, asked) == (True, [])


@pytest.mark.parametrize(
    "url", ["http://example.org/a.ics", "ftp://example.org/a", "file:///etc/passwd", "https://", "x"]
)
async def test_only_https_is_read(url: str) -> None:
    assert await refused(Fetcher(), url) == "Only https addresses are read."


async def test_a_redirect_to_nowhere_is_told_in_words(serve: Serve) -> None:
    async def away(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://[::1"})

    assert "Error" not in await refused(Fetcher(loopback=True), f"{await serve(away)}/a")


async def test_an_answer_that_cannot_be_unpacked_is_told_in_words(serve: Serve) -> None:
    async def odd(_: web.Request) -> web.Response:
        return web.Response(body=b"no gzip", headers={"Content-Encoding": "gzip"})

    assert await refused(Fetcher(loopback=True), f"{await serve(odd)}/a") == "Its answer broke off."


async def test_errors_of_the_server_are_told_without_the_address(serve: Serve) -> None:
    async def gone(_: web.Request) -> web.Response:
        return web.Response(status=410)

    sentence = await refused(Fetcher(loopback=True), f"{await serve(gone)}/secret.ics")
    assert sentence == "Its server answered 410."


async def test_an_endless_answer_is_cut_off(serve: Serve) -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            for _ in range(200):
                await response.write(b"x" * 100_000)
        except ConnectionError:
            pass
        return response

    assert "larger than 5 MB" in await refused(Fetcher(loopback=True), f"{await serve(flood)}/a")


async def test_a_server_that_says_nothing_is_given_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    held = asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        await held.wait()
        return web.Response()

    monkeypatch.setattr(fetching, "PATIENCE_S", 0.2)
    try:
        assert "no answer" in await refused(Fetcher(loopback=True), f"{await serve(silent)}/a")
    finally:
        held.set()
