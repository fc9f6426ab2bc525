"""Hears PostgreSQL's NOTIFY. It only makes delivery quicker: the delivery loop's poll is the guarantee."""

import logging
import select
import socket
import threading
from collections.abc import Callable

import psycopg
from sqlalchemy import URL

CHANNEL = "outbox_due"  # named in storage/lane_sql.py too
RECONNECT_S = 5.0

logger = logging.getLogger(__name__)


class Listener:
    """One thread with a connection of its own. LISTEN needs a direct one: not through a transaction pooler."""

    def __init__(self, url: URL, heard: Callable[[], None]) -> None:
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._heard = heard
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
                    logger.warning("listening for the outbox broke off: %s", type(error).__name__)
                    if not self._is_over(RECONNECT_S):
                        continue
                return

    def _listen(self) -> None:
        """Listen until the end; raise psycopg.Error when the connection is lost."""
        with psycopg.connect(self._address, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self._heard()  # something may have been written while nobody listened
            while not self._is_over(None, connection):
                if list(connection.notifies(timeout=0)):
                    self._heard()

    def _is_over(self, timeout_s: float | None, *others: psycopg.Connection) -> bool:
        """Wait for the end, for news on a connection, or for so many seconds; tell whether it is the end."""
        readable, _, _ = select.select([self._ends, *others], [], [], timeout_s)
        return self._ends in readable
