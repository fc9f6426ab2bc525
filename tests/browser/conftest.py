"""A headless Chromium and the page under test.

`page_with_bot` is what a test drives; tests of the real product override it with a fixture that starts the product
and yields an object with `address` (the page) and `teams` (a `TeamsClient` of its emulator). Chromium is started once,
so all tests here and their asynchronous fixtures (`@browser_fixture`) share one event loop.
"""

import json
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from server.local_teams import CommandHint, MessageAction
from tests.local_teams.harness import Stand, standing

VENDOR = Path(__file__).parents[2] / "server" / "local_teams" / "static" / "vendor" / "adaptivecards.min.js"
PATIENCE = 30_000  # milliseconds; only a failing test ever waits that long
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
COMMANDS = (CommandHint("declare", "Open an incident"), CommandHint("list", "Open incidents"))
ACTIONS = (MessageAction("addToTimeline", "Add to incident timeline"),)


expect.set_options(timeout=PATIENCE)


def find_chromium() -> str | None:
    """Return the browser to use: $CHROMIUM, else one of the usual names on the PATH or in /usr/bin."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    return next(filter(None, (shutil.which(name) or shutil.which(name, path="/usr/bin") for name in NAMES)), None)


def missing(reason: str) -> NoReturn:
    """Skip with the reason; where REQUIRE_BROWSER=1 asks for these tests, fail with it."""
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(f"REQUIRE_BROWSER=1, but {reason}", pytrace=False)
    pytest.skip(reason)


browser_fixture = pytest_asyncio.fixture(loop_scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = find_chromium()
    if program is None:
        missing("no Chromium on this machine: apt-get install chromium, or set CHROMIUM to its path")
    if not VENDOR.exists():
        missing("the browser files are not built: python web/build.py")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        await running.close()


@browser_fixture
async def page_with_bot() -> AsyncIterator[Stand]:
    """Local Teams with the fake bot."""
    async with standing(commands=COMMANDS, message_actions=ACTIONS) as stand:
        yield stand


Opener = Callable[..., Awaitable[Page]]


@browser_fixture
async def open_page(browser: Browser, page_with_bot: Stand) -> AsyncIterator[Opener]:
    """Open the page as a person. Fails the test for errors in the page and for requests to other hosts."""
    problems: list[str] = []
    contexts: list[BrowserContext] = []

    async def opened(person: str, **options: object) -> Page:
        options = {"viewport": {"width": 1280, "height": 820}, **options}
        context = await browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("pageerror", lambda error: problems.append(f"error in the page: {error}"))
        page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
        foreign = lambda r: r.url.startswith(("data:", "blob:", page_with_bot.address)) or problems.append(r.url)  # noqa: E731
        page.on("request", foreign)
        await page.goto(f"{page_with_bot.address}/?as={person}")
        await page.locator("body.ready").wait_for()
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert problems == []


class Clock:
    """The development clock of a server, as the page sees it."""

    def __init__(self) -> None:
        self.now = "2026-11-23T09:00:00Z"
        self.asked: list[dict[str, str]] = []

    async def read(self, _: web.Request) -> web.Response:
        return web.json_response({"now": self.now})

    async def move(self, request: web.Request) -> web.Response:
        self.asked.append(json.loads(await request.text()))
        self.now = "2026-11-23T09:15:00Z"
        return web.json_response({"now": self.now})


@asynccontextmanager
async def with_clock() -> AsyncIterator[tuple[Stand, Clock]]:
    """Start a page whose server has a development clock."""
    clock = Clock()
    routes = [web.get("/dev/clock", clock.read), web.post("/dev/clock", clock.move)]
    async with standing(extra_routes=routes) as stand:
        yield stand, clock
