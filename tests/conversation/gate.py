"""A door between the bot and its database that a test can shut: a TCP proxy on a thread of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.product import free_port


class Gate:
    """Forwards to `url`'s server while it is open; shut, it cuts all connections and takes no new ones."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self.port = free_port()
        self._pairs: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.open()

    @property
    def url(self) -> str:
        """The address through the gate."""
        return f"postgresql://{self._parts.username}@127.0.0.1:{self.port}{self._parts.path}"

    def open(self) -> None:
        """Let everybody through."""
        self._do(self._open())

    def shut(self) -> None:
        """Cut everybody off."""
        self._do(self._shut())

    def close(self) -> None:
        """Take the gate away."""
        self.shut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._pairs):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        folder = parse_qs(self._parts.query)["host"][0]
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        except OSError:
            writer.transport.abort()
            return
        ours = {writer, far_writer}
        self._pairs |= ours
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            self._pairs -= ours
            for each in ours:
                each.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
