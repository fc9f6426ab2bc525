"""Take the pictures of the documentation: the real product, a small incident, headless Chromium.

`python -m tools.take_pictures` in the environment of `make test`. Chromium comes from $CHROMIUM or the PATH.
"""

import asyncio
import json
import os
import shutil
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from playwright.async_api import async_playwright

from server.local_teams.client import Seen, TeamsClient

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
SIZE = {"width": 1200, "height": 880}
START_S, STEP_S = 30.0, 0.1
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TITLE = "Checkout refuses card payments"


def main() -> int:
    """Write docs/pictures/status-card.png."""
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        print("No Chromium found: install it, or set CHROMIUM to its path.", file=sys.stderr)  # noqa: T201 - a command
        return 1
    asyncio.run(_take(chromium))
    return 0


async def _take(chromium: str) -> None:
    async with _product() as address:
        _ask(f"{address}/dev/clock", {"set": _an_afternoon(_ask(f"{address}/dev/clock")["now"])})
        async with TeamsClient(f"{address}/local-teams") as teams:
            channel = await _incident(address, teams)
        PICTURES.mkdir(exist_ok=True)
        await _picture(chromium, f"{address}/?as=ada&c={channel}", PICTURES / "status-card.png")


async def _incident(address: str, teams: TeamsClient) -> str:
    """Play what the picture shows; returns the channel."""
    channel = await teams.channel("ada", "General", "Payments")
    said = await teams.say("ada", channel, f"@Incident declare {TITLE} sev1 service:checkout")
    await _wait(teams, channel, TITLE)
    _pass(address, 2)
    await teams.press("grace", await _card(teams, "grace", channel), "Acknowledge")
    _pass(address, 1)
    await teams.press("juergen", await _card(teams, "juergen", channel), "Take command")
    _pass(address, 9)
    words = "@Incident note All payments fail since release 2.14. Rolling back, ready in 10 minutes."
    await teams.say("juergen", channel, words, root=said.id)
    await _wait(teams, channel, "Noted on INC-1")
    _pass(address, 4)
    await teams.say("juergen", channel, "status INC-1 identified", root=said.id, slash=True)
    await _wait(teams, channel, TITLE, "Identified", "Rolling back")
    return channel


async def _wait(teams: TeamsClient, channel: str, *words: str) -> Seen:
    wanted = " … ".join(words)
    return await teams.wait_for(lambda m: m.from_bot and m.has(*words), person="ada", conversation=channel, what=wanted)


async def _card(teams: TeamsClient, person: str, channel: str) -> Seen:
    return next(m for m in await teams.messages(person, channel) if m.card and m.has(TITLE))


async def _picture(chromium: str, page_address: str, file: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page(viewport=SIZE, color_scheme="light")
        await page.goto(page_address)
        await page.get_by_role("heading", name=TITLE).wait_for()
        await page.locator("body.ready").wait_for()
        await page.screenshot(path=file)
        await browser.close()


# -- the product ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _product() -> AsyncIterator[str]:
    """Run the product on an empty database in a temporary folder; yields its address."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        sock.close()
        settings = {"PORT": str(port), "DATABASE_URL": f"sqlite:///{folder}/incidents.db", "LOG_LEVEL": "WARNING"}
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "app.py", "serve", cwd=ROOT, env={**inherited, **settings}
        )
        try:
            address = f"http://127.0.0.1:{port}"
            await asyncio.to_thread(_wait_ready, address)
            yield address
        finally:
            process.terminate()
            await process.wait()


def _wait_ready(address: str) -> None:
    end = time.monotonic() + START_S
    while not _ready(address):
        if time.monotonic() > end:
            raise TimeoutError(f"The product was not ready in {START_S:.0f} s.")
        time.sleep(STEP_S)


def _ready(address: str) -> bool:
    try:
        return bool(_ask(f"{address}/readyz"))
    except OSError:
        return False


def _ask(address: str, body: dict[str, str] | None = None) -> dict[str, str]:
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=START_S) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def _an_afternoon(now: str) -> str:
    """Choose 14:02 UTC of the next day: the clock only goes forward, and the picture shows a working day's hour."""
    day = datetime.fromisoformat(now) + timedelta(days=1)
    return day.strftime("%Y-%m-%dT14:02:00Z")


def _pass(address: str, minutes: int) -> None:
    _ask(f"{address}/dev/clock", {"advance": f"PT{minutes}M"})


if __name__ == "__main__":
    sys.exit(main())
