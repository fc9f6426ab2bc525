"""Programs of this project in processes of their own."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

LONGEST_LINE = 1 << 20  # bytes; thousands of figures


@asynccontextmanager
async def standing_by(module: str, *options: str) -> AsyncIterator[tuple[Process, str]]:
    """Run a module until the end of the block, which is the end of its input; begin with the line that says it is up."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *options, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE
    )
    assert process.stdin
    assert process.stdout
    line = await process.stdout.readline()
    try:
        yield process, line.decode().strip()
    finally:
        process.stdin.close()
        await process.wait()


async def answer_of(module: str, *options: str) -> Any:
    """Run a module to its end and read the one line of JSON it writes."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *options, stdout=PIPE, limit=LONGEST_LINE
    )
    assert process.stdout
    line = await process.stdout.readline()
    await process.wait()
    assert line, f"{module} {options[0]} ended with {process.returncode}"
    return json.loads(line)
