import asyncio
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import aiohttp.helpers
import pytest

from bot.transport.addresses import Addresses
from server import doctor as module
from server import teams_side
from server.doctor import Finding, Verdict, doctor, examine
from server.settings import Settings
from storage.database import Database
from tests.support.doctor_world import World, running
from tests.support.mail_server import MailBox, serving
from tests.support.product import free_port

REGISTERED = {
    "MICROSOFT_APP_ID": "0a1b2c3d-0000-4000-8000-00000000000a",
    "MICROSOFT_APP_TYPE": "SingleTenant",
    "MICROSOFT_APP_TENANT_ID": "0a1b2c3d-0000-4000-8000-00000000000b",
    "MICROSOFT_APP_PASSWORD": "app~s3cret~value",
    "API_TOKENS": "board:api-s3cret-0123456789:read",
    "PUBLIC_URL": "https://bot.example.org",
}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running(World(free_port())) as found:
        yield found


async def findings(environ: Mapping[str, str], **more: Any) -> list[Finding]:
    found = await examine(Settings.from_environment(environ), **more)
    for finding in found:
        assert finding.sentence.endswith((".", "`.")), finding
        assert "\n" not in finding.sentence
        assert "s3cret" not in finding.sentence
    return found


def sentences(found: list[Finding], verdict: Verdict) -> list[str]:
    return [finding.sentence for finding in found if finding.verdict is verdict]


async def test_a_healthy_local_teams(world: World, database_url: str) -> None:
    found = await findings({**world.environ, "DATABASE_URL": database_url})
    assert sentences(found, Verdict.WRONG) == []
    assert sentences(found, Verdict.SKIPPED) == []
    text = " ".join(sentences(found, Verdict.OK))
    for part in ("settings", "clock", "server runs", "answers and its tables", "signing keys", "token", "PUBLIC_URL"):
        assert part in text


async def test_local_teams_while_the_server_is_stopped(database_url: str) -> None:
    found = await findings({"PORT": str(free_port()), "DATABASE_URL": database_url})
    assert sentences(found, Verdict.WRONG) == []
    (skipped,) = sentences(found, Verdict.SKIPPED)
    assert "Local Teams is part of the server, which is not running" in skipped
    assert any("not running" in sentence for sentence in sentences(found, Verdict.NOTE))
    assert not any("token" in sentence for sentence in sentences(found, Verdict.OK))


async def test_another_program_on_the_port(world: World, sqlite_url: str) -> None:
    world.healthz = "hello"
    (wrong,) = sentences(await findings({**world.environ, "DATABASE_URL": sqlite_url}), Verdict.WRONG)
    assert "Another program answers" in wrong
    assert "PORT" in wrong


async def test_a_program_that_speaks_no_http_on_the_port(sqlite_url: str) -> None:
    async def shout(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-something\r\n")
        await writer.drain()
        writer.close()

    port = free_port()
    async with await asyncio.start_server(shout, "127.0.0.1", port):
        found = await findings({"PORT": str(port), "DATABASE_URL": sqlite_url})
    (wrong,) = sentences(found, Verdict.WRONG)
    assert "Another program answers" in wrong


async def test_local_teams_with_a_public_address(sqlite_url: str) -> None:
    found = await findings({"DATABASE_URL": sqlite_url, "PUBLIC_URL": "https://bot.example.org"})
    (wrong,) = sentences(found, Verdict.WRONG)
    assert "PUBLIC_URL https://bot.example.org leads elsewhere" in wrong


# -- the database ---------------------------------------------------------------------------------------------------


async def test_no_database_file_yet_and_none_is_made(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "incidents.db"
    found = await findings({"PORT": str(free_port()), "DATABASE_URL": f"sqlite:///{file}"})
    (wrong,) = sentences(found, Verdict.WRONG)
    assert "is not there yet" in wrong
    assert "app.py migrate" in wrong
    assert not file.parent.exists()


async def test_a_database_without_tables(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    found = await findings({"PORT": str(free_port()), "DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"})
    (wrong,) = sentences(found, Verdict.WRONG)
    assert "run `python app.py migrate`" in wrong


@pytest.mark.parametrize("kind", ["folder", "picture"])
async def test_a_path_that_is_no_database(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "thing"
    path.mkdir() if kind == "folder" else path.write_bytes(b"\x89PNG" * 1000)
    found = await findings({"PORT": str(free_port()), "DATABASE_URL": f"sqlite:///{path}"})
    assert len(sentences(found, Verdict.WRONG)) == 1


async def test_a_database_server_that_is_not_there() -> None:
    url = f"postgresql://bot:db-s3cret@127.0.0.1:{free_port()}/incidents"
    found = await findings({"PORT": str(free_port()), "DATABASE_URL": url})
    (wrong,) = sentences(found, Verdict.WRONG)
    assert "postgresql://bot:***@127.0.0.1" in wrong
    assert "does not answer" in wrong


async def test_a_database_server_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    port = free_port()
    done = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.wait({asyncio.ensure_future(reader.read(-1)), waiting}, return_when=asyncio.FIRST_COMPLETED)
        writer.close()

    waiting = asyncio.ensure_future(done.wait())
    async with await asyncio.start_server(say_nothing, "127.0.0.1", port):
        url = f"postgresql://bot:db-s3cret@127.0.0.1:{port}/incidents"
        began = time.monotonic()
        task = asyncio.ensure_future(findings({"PORT": str(free_port()), "DATABASE_URL": url}))
        asyncio.get_running_loop().call_later(0.5, done.set)
        found = await task
    (wrong,) = sentences(found, Verdict.WRONG)
    assert "did not answer within" in wrong
    assert time.monotonic() - began < 8


async def clock_off(seconds: float, _: Database) -> float:
    return time.time() - seconds


@pytest.mark.postgres
@pytest.mark.parametrize(("off", "words"), [(0, None), (300, "300 seconds ahead of"), (-300, "300 seconds behind")])
async def test_the_clock_of_the_database_server(postgres_url: str, off: float, words: str | None) -> None:
    environ = {"PORT": str(free_port()), "DATABASE_URL": postgres_url}
    found = await findings(environ, database_clock=lambda database: clock_off(off, database))
    wrong = sentences(found, Verdict.WRONG)
    if words is None:
        assert wrong == []
        assert any("agrees with that of the database server" in s for s in sentences(found, Verdict.OK))
    else:
        assert words in wrong[0]


# -- Teams ----------------------------------------------------------------------------------------------------------


async def no_keys(world: World) -> str:
    world.keys = []
    return "no usable signing keys"


async def no_metadata(world: World) -> str:
    world.metadata_status = 404
    return "answers 404"


async def silence(world: World) -> str:
    world.hang = True
    return "no answer within"


async def no_token(world: World) -> str:
    world.token_status = 401
    return "No token for sending could be obtained"


async def clock_ahead(world: World) -> str:
    world.date = formatdate(time.time() - 600, usegmt=True)
    return "seconds ahead of that of Teams"


async def clock_behind(world: World) -> str:
    world.date = formatdate(time.time() + 600, usegmt=True)
    return "seconds behind that of Teams"


@pytest.mark.parametrize("damage", [no_keys, no_metadata, silence, no_token, clock_ahead, clock_behind])
@pytest.mark.parametrize("outside", [False, True])
async def test_what_can_be_wrong_on_the_side_of_teams(
    world: World,
    sqlite_url: str,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[World], Awaitable[str]],
    outside: bool,
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.5)
    expected = await damage(world)
    environ = {**world.environ, "DATABASE_URL": sqlite_url}
    if outside:  # an emulator of its own, while our server is stopped
        environ |= {"PORT": str(free_port()), "TEAMS_EMULATOR_URL": world.emulator}
    (wrong,) = sentences(await findings(environ), Verdict.WRONG)
    assert expected in wrong


async def test_an_emulator_that_is_not_there(sqlite_url: str) -> None:
    environ = {"PORT": str(free_port()), "DATABASE_URL": sqlite_url}
    found = await findings({**environ, "TEAMS_EMULATOR_URL": f"http://127.0.0.1:{free_port()}"})
    wrong = sentences(found, Verdict.WRONG)
    assert len(wrong) == 2
    assert "no connection" in wrong[0]
    assert "check the emulator" in wrong[1]


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Foo 20000000 00:00:00 GMT"])
async def test_an_odd_date_tells_nothing(world: World, sqlite_url: str, date: str) -> None:
    world.date = date
    found = await findings({**world.environ, "DATABASE_URL": sqlite_url})
    assert sentences(found, Verdict.WRONG) == []
    assert not any("Teams" in s and "agrees" in s for s in sentences(found, Verdict.OK))


async def test_a_machine_without_the_time(world: World, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    epoch = time.gmtime(0)
    # aiohttp keeps the Date it has written last, for a second: it must not keep this one for the tests that follow.
    for kept in ("_cached_current_datetime", "_cached_formatted_datetime"):
        monkeypatch.setattr(f"aiohttp.helpers.{kept}", getattr(aiohttp.helpers, kept))
    monkeypatch.setattr(module.time, "gmtime", lambda *_: epoch)
    (wrong,) = sentences(await findings({**world.environ, "DATABASE_URL": sqlite_url}), Verdict.WRONG)
    assert "the year 1970" in wrong


# -- a registered app -----------------------------------------------------------------------------------------------


@pytest.fixture
def microsoft(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same fake in Microsoft's place."""
    addresses = Addresses(
        metadata_url=f"{world.emulator}/.well-known/openidconfiguration",
        issuers=(world.emulator,),
        service_urls=(f"{world.emulator}/",),
        require_endorsements=True,
        token_url=f"{world.emulator}/oauth2/v2.0/token",
    )
    monkeypatch.setattr(teams_side, "PUBLIC_CLOUD", addresses)
    return world


async def test_a_registered_app_while_the_server_is_stopped(microsoft: World, sqlite_url: str) -> None:
    found = await findings({**REGISTERED, "DATABASE_URL": sqlite_url, "PORT": str(free_port())})
    assert sentences(found, Verdict.WRONG) == []
    (skipped,) = sentences(found, Verdict.SKIPPED)
    assert "PUBLIC_URL https://bot.example.org was not tried" in skipped
    assert any("token for sending was obtained" in s for s in sentences(found, Verdict.OK))


async def test_a_wrong_credential(microsoft: World, sqlite_url: str) -> None:
    microsoft.token_status = 401
    found = await findings({**REGISTERED, "DATABASE_URL": sqlite_url, "PORT": str(free_port())})
    (wrong,) = sentences(found, Verdict.WRONG)
    assert "check the app registration and its credential" in wrong


async def test_a_public_address_that_is_not_public(microsoft: World, sqlite_url: str) -> None:
    environ = {**REGISTERED, "PUBLIC_URL": "", "DATABASE_URL": sqlite_url, **microsoft.environ}
    found = await findings(environ)
    (wrong,) = sentences(found, Verdict.WRONG)
    assert "leads to this machine only" in wrong
    assert any("PUBLIC_URL is not set" in s for s in sentences(found, Verdict.NOTE))


@pytest.mark.parametrize(("scheme", "words"), [("https", "no TLS connection"), ("http", "no connection")])
async def test_a_public_address_that_leads_nowhere(microsoft: World, sqlite_url: str, scheme: str, words: str) -> None:
    port = microsoft.port if scheme == "https" else free_port()
    found = await through(microsoft, sqlite_url, f"{scheme}://0.0.0.0:{port}")
    (wrong,) = sentences(found, Verdict.WRONG)
    assert f"cannot be reached from here: {words}" in wrong


async def test_a_public_address_that_leads_here(microsoft: World, sqlite_url: str) -> None:
    found = await through(microsoft, sqlite_url, f"http://0.0.0.0:{microsoft.port}")
    assert sentences(found, Verdict.WRONG) == []
    assert any("leads to this server" in s for s in sentences(found, Verdict.OK))


async def test_a_public_address_of_somebody_else(microsoft: World, sqlite_url: str) -> None:
    async with running(World(free_port(), healthz="<html>")) as other:
        found = await through(microsoft, sqlite_url, f"http://0.0.0.0:{other.port}")
    (wrong,) = sentences(found, Verdict.WRONG)
    assert "does not lead to this server" in wrong


async def through(world: World, sqlite_url: str, public_url: str) -> list[Finding]:
    """Examine with an address that is this machine and does not look like it."""
    settings = Settings.from_environment({**REGISTERED, "DATABASE_URL": sqlite_url, **world.environ})
    return await examine(replace(settings, public_url=public_url))


# -- the command ----------------------------------------------------------------------------------------------------


def run(environ: Mapping[str, str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return doctor(environ, out=out, err=err), out.getvalue(), err.getvalue()


async def test_the_command_ends_with_0_when_all_is_well(world: World, sqlite_url: str) -> None:
    code, out, err = await asyncio.to_thread(run, {**world.environ, "DATABASE_URL": sqlite_url})
    assert (code, err) == (0, "")
    assert all(line.startswith(("ok: ", "note: ")) for line in out.splitlines())


def test_the_command_ends_with_1_and_a_sentence_for_each_finding(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    emulator = f"http://127.0.0.1:{free_port()}"
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/none.db", "TEAMS_EMULATOR_URL": emulator}
    code, out, err = run({**environ, "PORT": str(free_port()), "API_TOKENS": "a:short:read"})
    assert code == 1
    lines = err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("wrong: ") and line.endswith(".") for line in lines)
    assert "note: API_TOKENS has tokens of fewer than" in out
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_settings_that_cannot_be_used() -> None:
    code, out, err = run({"PORT": "many"})
    assert (code, out) == (1, "")
    assert err.startswith("wrong: PORT must be")


def test_a_stream_that_cannot_show_every_letter(tmp_path: Path) -> None:
    raw = io.BytesIO()
    err = io.TextIOWrapper(raw, encoding="ascii")
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/störung.db", "PORT": str(free_port())}
    assert doctor(environ, out=io.StringIO(), err=err) == 1
    err.flush()
    assert b"st\\xf6rung" in raw.getvalue()


async def test_the_mail_server_is_asked_as_a_page_would_ask_it(world: World, sqlite_url: str) -> None:
    sender = {"EMAIL_FROM": "Incident bot <bot@example.org>"}
    async with serving(MailBox()) as box:
        environ = {**world.environ, **sender, "DATABASE_URL": sqlite_url}
        found = await findings({**environ, "SMTP_URL": f"smtp://127.0.0.1:{box.port}"})
        assert sentences(found, Verdict.WRONG) == []
        fine = f"The mail server smtp://127.0.0.1:{box.port} takes mail from bot@example.org."
        assert fine in sentences(found, Verdict.OK)
        found = await findings({**environ, "SMTP_URL": f"smtp://bot:s3cret@127.0.0.1:{box.port}"})
        wrong = f"The mail server smtp://bot:***@127.0.0.1:{box.port} cannot be used: it offers no login that is known here."
        assert sentences(found, Verdict.WRONG) == [wrong]
        assert box.mails == []


async def test_a_mail_server_that_is_away(world: World, sqlite_url: str) -> None:
    environ = {**world.environ, "DATABASE_URL": sqlite_url, "EMAIL_FROM": "bot@example.org"}
    found = await findings({**environ, "SMTP_URL": f"smtp://127.0.0.1:{free_port()}"})
    (wrong,) = sentences(found, Verdict.WRONG)
    assert wrong.endswith("cannot be used: nobody listens there.")


async def test_a_real_registration_without_mail_is_worth_a_word(microsoft: World, sqlite_url: str) -> None:
    found = await findings({**REGISTERED, "DATABASE_URL": sqlite_url, "PORT": str(free_port())})
    noted = "SMTP_URL is not set: whom Teams does not reach is not paged by e-mail."
    assert noted in sentences(found, Verdict.NOTE)
