"""Hears PostgreSQL's NOTIFY. It only makes things quicker: the polls of those who listen are the guarantee."""

import asyncio
import logging
import select
import socket
import threading
from collections.abc import Callable

import psycopg
from sqlalchemy import URL

from storage.work_sql import CHANNEL as WORK_DUE

OUTBOX_DUE = "outbox_due"  # named in storage/lane_sql.py too
CHANNELS = (OUTBOX_DUE, WORK_DUE)
RECONNECT_S = 5.0

logger = logging.getLogger(__name__)


class Listener:
    """Calls back on the event loop when another process has something for us; one connection for all channels."""

    def __init__(self, url: URL, me: str) -> None:
        """`me` is what this process sends along: its own calls are not news."""
        self._url = url
        self._me = me
        self._heard: dict[str, Callable[[], None]] = {}
        self._ear: _Ear | None = None

    def subscribe(self, channel: str, heard: Callable[[], None]) -> None:
        """Listen to a channel. Call it on the event loop: `heard` is called there."""
        loop = asyncio.get_running_loop()

        def call() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(heard)

        self._heard = {**self._heard, channel: call}  # a new one: the thread may be reading the old one
        if self._ear is None:
            self._ear = _Ear(self._url, self._tell)
            self._ear.start()

    def unsubscribe(self, channel: str) -> None:
        """Listen no more; does not wait."""
        self._heard = {name: call for name, call in self._heard.items() if name != channel}
        if not self._heard and self._ear is not None:
            self._ear.stop()
            self._ear = None

    def _tell(self, channel: str | None, sender: str) -> None:
        """Pass on a call, or None for all channels: something may have been written while nobody listened."""
        if sender == self._me:
            return
        for name, call in self._heard.items():
            if channel in {None, name}:
                call()


class _Ear:
    """One thread with a connection of its own. LISTEN needs a direct one: not through a transaction pooler."""

    def __init__(self, url: URL, tell: Callable[[str | None, str], None]) -> None:
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._tell = tell
        self._ends, self._end = socket.socketpair()  # a byte in it ends the thread, whatever it waits for
        self._thread = threading.Thread(target=self._serve, name="db-listen", daemon=True)

    def start(self) -> None:
        """Begin to listen, in the background."""
        self._thread.start()

    def stop(self) -> None:
        """End now; does not wait."""
        self._end.send(b".")

    def _serve(self) -> None:
        """Listen until the end, and connect again whenever the connection is lost; the body of the thread."""
        with self._ends, self._end:
            while True:
                try:
                    self._listen()
                except psycopg.Error as error:
                    logger.warning("listening to the database broke off: %s", type(error).__name__)
                    if not self._is_over(RECONNECT_S):
                        continue
                return

    def _listen(self) -> None:
        """Listen until the end; raise psycopg.Error when the connection is lost."""
        with psycopg.connect(self._address, autocommit=True, connect_timeout=5) as connection:
            for channel in CHANNELS:
                connection.execute(f"LISTEN {channel}")
            self._tell(None, "")
            while not self._is_over(None, connection):
                for call in {(news.channel, news.payload) for news in connection.notifies(timeout=0)}:
                    self._tell(*call)

    def _is_over(self, timeout_s: float | None, *others: psycopg.Connection) -> bool:
        """Wait for the end, for news on a connection, or for so many seconds; tell whether it is the end."""
        readable, _, _ = select.select([self._ends, *others], [], [], timeout_s)
        return self._ends in readable
