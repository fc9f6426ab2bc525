"""`app.py doctor`: looks at one installation from where it runs and says what is wrong with it."""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

import aiohttp

from bot.transport.credentials import TokenUnavailable, token_cache
from bot.transport.keys import KeyRing
from integrations.paging.smtp import trouble
from server.addresses import http_origin, is_loopback
from server.logs import Redactor
from server.settings import Settings, SettingsError
from server.settings_values import mask_passwords, shown_mail_server
from server.teams_side import addresses_of, credentials_of
from storage.database import Database
from storage.engines import normalised

PATIENCE_S = 5.0
"""The most one check may take."""
SKEW_S = 60.0
"""A clock further off than this is worth a word; ours: Bot Framework allows five minutes, drift does not stop there."""
FIRST_YEAR = 2025
"""A machine that believes to live earlier has never been told the time."""

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to call a server that listens on all of them


class Verdict(StrEnum):
    """What became of a check; the word stands before its sentence."""

    OK = "ok"
    NOTE = "note"
    SKIPPED = "skipped"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `sentence` says what is so and, where it is wrong, what to do."""

    verdict: Verdict
    sentence: str


DatabaseClock = Callable[[Database], Awaitable[float]]
"""Asks the database server for its time, in Unix seconds."""


def doctor(
    environ: Mapping[str, str],
    *,
    out: TextIO,
    err: TextIO,
    database_clock: DatabaseClock | None = None,
) -> int:
    """Examine the installation that these settings describe; return the exit code: 1 where something is wrong."""
    try:
        settings = Settings.from_environment(environ)
    except SettingsError as fault:
        err.write(f"{Verdict.WRONG}: {fault}\n")
        return 1
    with _quiet():
        findings = asyncio.run(examine(settings, database_clock=database_clock))
    redact = Redactor(settings.secrets())
    for finding in findings:
        stream = err if finding.verdict is Verdict.WRONG else out
        line = redact(f"{finding.verdict}: {finding.sentence}")
        encoding = stream.encoding or "utf-8"
        stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    return 1 if any(finding.verdict is Verdict.WRONG for finding in findings) else 0


async def examine(settings: Settings, *, database_clock: DatabaseClock | None = None) -> list[Finding]:
    """Look at everything, whether the server runs or not."""
    if settings.local_teams and not is_loopback(urlsplit(settings.public_url).hostname or ""):
        lost = f"PUBLIC_URL {settings.public_url} leads elsewhere, but Local Teams is for this machine only: remove it."
        return [Finding(Verdict.WRONG, lost), *await _database(settings, database_clock)]
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S)) as http:
        visit = _Visit(settings, http)
        server = await visit.server()
        parts = await asyncio.gather(
            _database(settings, database_clock),
            visit.teams(server),
            visit.token(server),
            visit.public_url(server),
            _mail(settings),
        )
    notes = [Finding(Verdict.NOTE, warning) for warning in settings.warnings]
    first = [Finding(Verdict.OK, "The settings fit together."), *notes, _year(), server.finding]
    return [*first, *(finding for part in parts for finding in part)]


@dataclass(frozen=True, slots=True)
class _Server:
    """What was found where the server should be."""

    runs: bool
    finding: Finding


class _Visit:
    """The checks that go over the network. Each ends within PATIENCE_S, whatever the other side does."""

    def __init__(self, settings: Settings, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._http = http
        host = _WILDCARDS.get(settings.host, settings.host)
        self._origin = http_origin(host, settings.port)
        self._addresses = addresses_of(settings)

    async def server(self) -> _Server:
        """Find out whether the server runs here, and whether somebody else has its port."""
        try:
            status, body, _ = await self._get(f"{self._origin}/healthz")
        except (aiohttp.ClientConnectionError, TimeoutError):
            return _Server(False, Finding(Verdict.NOTE, f"The server is not running at {self._origin}."))  # noqa: FBT003
        except (aiohttp.ClientError, ValueError):
            status, body = 0, b""
        if _is_alive(status, body):
            return _Server(True, Finding(Verdict.OK, f"The server runs at {self._origin}."))  # noqa: FBT003
        stranger = f"Another program answers at {self._origin}: stop it, or set PORT to a free one."
        return _Server(False, Finding(Verdict.WRONG, stranger))  # noqa: FBT003

    async def teams(self, server: _Server) -> list[Finding]:
        """Fetch the keys that sign inbound requests, and look at the clock of who answers."""
        if self._settings.local_teams and not server.runs:
            skipped = "Local Teams is part of the server, which is not running: its keys and tokens were not asked for."
            return [Finding(Verdict.SKIPPED, skipped)]
        url = self._addresses.metadata_url
        try:
            status, _, headers = await self._get(url)
        except (aiohttp.ClientError, TimeoutError, ValueError) as fault:
            return [Finding(Verdict.WRONG, f"The signing keys cannot be reached at {url}: {_why(fault)}.")]
        if status != 200:  # noqa: PLR2004
            return [Finding(Verdict.WRONG, f"The signing keys cannot be reached: {url} answers {status}.")]
        return [await self._keys(), *_skew("Teams", headers)]

    async def token(self, server: _Server) -> list[Finding]:
        """Get a token as the connector would; without a registration there is none to get from Microsoft."""
        if self._settings.local_teams and not server.runs:
            return []
        cache = token_cache(self._http, self._addresses, credentials_of(self._settings))
        try:
            await cache.get(patience=PATIENCE_S)
        except TokenUnavailable as fault:
            advice = "check the app registration and its credential" if self._settings.app else "check the emulator"
            return [Finding(Verdict.WRONG, f"No token for sending could be obtained ({fault}): {advice}.")]
        return [Finding(Verdict.OK, "A token for sending was obtained.")]

    async def public_url(self, server: _Server) -> list[Finding]:
        """Ask the server for its health at the address that Teams and people use."""
        url = self._settings.public_url
        if is_loopback(urlsplit(url).hostname or ""):
            if self._settings.development:
                return [Finding(Verdict.OK, f"PUBLIC_URL {url} is for this machine, as it should be in development.")]
            lost = f"PUBLIC_URL {url} leads to this machine only: set it to the https address that Teams reaches."
            return [Finding(Verdict.WRONG, lost)]
        if not server.runs:
            return [Finding(Verdict.SKIPPED, f"PUBLIC_URL {url} was not tried, because the server is not running.")]
        try:
            status, body, _ = await self._get(f"{url}/healthz")
        except (aiohttp.ClientError, TimeoutError, ValueError) as fault:
            return [Finding(Verdict.WRONG, f"PUBLIC_URL {url} cannot be reached from here: {_why(fault)}.")]
        if not _is_alive(status, body):
            elsewhere = f"PUBLIC_URL {url} does not lead to this server: {url}/healthz answers {status}."
            return [Finding(Verdict.WRONG, elsewhere)]
        return [Finding(Verdict.OK, f"PUBLIC_URL {url} leads to this server.")]

    async def _keys(self) -> Finding:
        ring = KeyRing(self._http, self._addresses.metadata_url)
        try:
            await asyncio.wait_for(ring.load(), PATIENCE_S)
        except TimeoutError:
            return Finding(Verdict.WRONG, f"The signing keys did not come within {PATIENCE_S:.0f} seconds.")
        if not ring.loaded:
            return Finding(Verdict.WRONG, f"{self._addresses.metadata_url} leads to no usable signing keys.")
        return Finding(Verdict.OK, f"The signing keys come from {self._addresses.metadata_url}.")

    async def _get(self, url: str) -> tuple[int, bytes, Mapping[str, str]]:
        async with self._http.get(url, allow_redirects=False) as answer:
            return answer.status, await answer.content.read(4096), answer.headers


async def _mail(settings: Settings) -> list[Finding]:
    """Go as far with the mail server as a page would. The heartbeat is not tried: it says that all is well."""
    if settings.mail_server is None:
        missing = "SMTP_URL is not set: whom Teams does not reach is not paged by e-mail."
        return [] if settings.development else [Finding(Verdict.NOTE, missing)]
    shown = shown_mail_server(settings.mail_server)
    wrong = await trouble(settings.mail_server)
    if wrong is not None:
        return [Finding(Verdict.WRONG, f"The mail server {shown} cannot be used: {wrong}.")]
    return [Finding(Verdict.OK, f"The mail server {shown} takes mail from {settings.mail_server.address}.")]


async def _database(settings: Settings, clock: DatabaseClock | None) -> list[Finding]:
    shown = mask_passwords(settings.database_url)
    try:
        missing = _missing_file(settings.database_url)
        if missing:
            return [Finding(Verdict.WRONG, f"The database {shown} {missing}.")]
        database = Database.open(settings.database_url, wait_s=PATIENCE_S)
    except (ValueError, OSError) as fault:
        return [Finding(Verdict.WRONG, f"The database {shown} cannot be opened: {_why(fault)}.")]
    try:
        return await _ask(database, shown, clock)
    except TimeoutError:
        return [Finding(Verdict.WRONG, f"The database {shown} did not answer within {PATIENCE_S:.0f} seconds.")]
    except Exception as fault:  # noqa: BLE001 - a doctor reports a broken database, it does not break on it
        return [Finding(Verdict.WRONG, f"The database {shown} cannot be used: {_why(fault)}.")]
    finally:
        await database.close()


async def _ask(database: Database, shown: str, clock: DatabaseClock | None) -> list[Finding]:
    reasons = await asyncio.wait_for(database.check(), PATIENCE_S)
    if reasons:
        return [Finding(Verdict.WRONG, f"{shown}: {reason}") for reason in reasons]
    fine = Finding(Verdict.OK, f"The database {shown} answers and its tables are current.")
    if clock is None or database.is_sqlite:
        return [fine]
    return [fine, _compared("the database server", await asyncio.wait_for(clock(database), PATIENCE_S))]


def _missing_file(url: str) -> str | None:
    """Say why a SQLite file cannot be used, without making one by looking."""
    parsed = normalised(url)
    if parsed.drivername != "sqlite":
        return None
    path = Path(parsed.database or "")
    if not path.exists():
        return "is not there yet: run `python app.py migrate`, or start the server"
    if not path.is_file():
        return "is no file"
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK):
        return "cannot be written, or its folder cannot: give both to the user the server runs as"
    return None


def _year() -> Finding:
    year = time.gmtime().tm_year
    if year < FIRST_YEAR:
        return Finding(Verdict.WRONG, f"This machine believes it is the year {year}: set its clock.")
    return Finding(Verdict.OK, "This machine's clock has been set.")


def _skew(who: str, headers: Mapping[str, str]) -> list[Finding]:
    """Compare this machine's clock with the Date of an answer; a missing or odd one tells nothing."""
    try:
        theirs = parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except (ValueError, OverflowError):
        return []
    return [_compared(who, theirs)]


def _compared(who: str, theirs: float) -> Finding:
    off = time.time() - theirs
    if abs(off) <= SKEW_S:
        return Finding(Verdict.OK, f"This machine's clock agrees with that of {who}.")
    way = "ahead of" if off > 0 else "behind"
    sentence = f"This machine's clock is {abs(off):.0f} seconds {way} that of {who}: let a time service set it."
    return Finding(Verdict.WRONG, sentence)


def _is_alive(status: int, body: bytes) -> bool:
    return status == 200 and body.strip() == b"ok"  # noqa: PLR2004


def _why(fault: BaseException) -> str:
    """Name what happened in a few words, without anything of ours that the error may quote."""
    match fault:
        case TimeoutError():
            return f"no answer within {PATIENCE_S:.0f} seconds"
        case aiohttp.ClientConnectorDNSError():
            return "the name is not known"
        case aiohttp.ClientConnectorCertificateError():
            return "the certificate is not accepted"
        case aiohttp.ClientSSLError():
            return "no TLS connection"
        case aiohttp.ClientConnectorError():
            return "no connection"
        case _:
            return type(fault).__name__


@contextmanager
def _quiet() -> Iterator[Any]:
    """Keep warnings of the parts out of the report, which says the same in sentences."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
