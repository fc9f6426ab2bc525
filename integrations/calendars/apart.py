"""Reading a feed in a process of its own, which may be ended: what a feed costs is up to whoever wrote it."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from integrations.calendars.reading import TOO_MUCH, CalendarError, read_calendar
from usecases.feeds import FeedEvent

logger = logging.getLogger(__name__)

CPU_S = 15
"""Ours: three times what ten thousand events take, which are as much as is fetched."""
MEMORY_BYTES = 768_000_000
"""Of address space; ours: twice what the same events take."""
PATIENCE_S = 60.0
"""Ours: room for a busy machine."""
_ROOT = Path(__file__).parents[2]


async def read_apart(data: bytes, time_zone: str, now: datetime) -> Sequence[FeedEvent]:
    """Read a feed as `read_calendar` does, within limits of time and memory. Raises CalendarError."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, time_zone, now.isoformat()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # its last words could be the feed's
        cwd=_ROOT,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            answer, _ = await process.communicate(data)
    except TimeoutError:
        raise CalendarError(TOO_MUCH) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        logger.warning("the process that read a calendar ended with %d", process.returncode)
        raise CalendarError(TOO_MUCH)
    return _unpacked(json.loads(answer))


def main(time_zone: str, now: str) -> None:
    """Read the feed on standard input, and write what it says to standard output."""
    _limit_this_process()
    try:
        events = read_calendar(sys.stdin.buffer.read(), time_zone, datetime.fromisoformat(now))
    except CalendarError as why:
        packed: dict[str, Any] = {"error": str(why)}
    else:
        packed = _packed(events)
    sys.stdout.write(json.dumps(packed))


def _limit_this_process() -> None:
    try:
        import resource  # noqa: PLC0415
    except ImportError:  # Windows, where only the patience of the other process ends this one
        return
    os.nice(10)  # pages go first
    for what, most in ((resource.RLIMIT_CPU, CPU_S), (resource.RLIMIT_AS, MEMORY_BYTES)):
        with suppress(ValueError, OSError):  # where the limit is lower already
            resource.setrlimit(what, (most, most))


def _packed(events: Sequence[FeedEvent]) -> dict[str, Any]:
    """Write each text once: an event that repeats says the same thousands of times."""
    said = {texts: n for n, texts in enumerate(dict.fromkeys(event.said for event in events))}
    rows = [(event.starts_at.isoformat(), event.ends_at.isoformat(), said[event.said]) for event in events]
    return {"said": list(said), "events": rows}


def _unpacked(packed: dict[str, Any]) -> Sequence[FeedEvent]:
    if "error" in packed:
        raise CalendarError(packed["error"])
    said = [tuple(texts) for texts in packed["said"]]
    return [
        FeedEvent(datetime.fromisoformat(starts), datetime.fromisoformat(ends), said[n])
        for starts, ends, n in packed["events"]
    ]


if __name__ == "__main__":
    main(*sys.argv[1:])
