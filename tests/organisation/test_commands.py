"""`org check`, `org import` and `org export` on real files and databases."""

import asyncio
import io
import os
import stat
import threading
from pathlib import Path

import pytest

from domain.organisation import Organisation
from integrations.organisation_file import read_organisation, write_organisation
from scheduling.clock import SystemClock
from server.organisation_commands import check, export, import_, summary
from storage.database import Database
from tests.support.product import free_port
from tests.support.samples import NOW
from usecases import organisation as organisations

DEMO = Path(__file__).parents[2] / "server" / "demo" / "organisation.yaml"
SMALL = """
people:
  - {id: zoe, name: Zoë Ångström, time_zone: Europe/Stockholm, admin: true}
  - {id: lin, name: 林薇}
teams:
  - {id: payments, name: Zahlungen, side: engineering, lead: zoe, members: [zoe, lin]}
services:
  - {id: checkout, name: Kasse 🛒, owner: payments, tier: 1}
settings:
  severities: {1: Kritisch, 2: Schwer, 3: Mittel, 4: Leicht}
"""


class Outcome:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


def run(command, *arguments: str) -> Outcome:
    out, err = io.StringIO(), io.StringIO()
    more = {check: {"now": NOW}, import_: {"clock": SystemClock()}}.get(command, {})
    code = command(*arguments, **more, out=out, err=err)
    return Outcome(code, out.getvalue(), err.getvalue())


def written(path: Path, text: str | bytes) -> str:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def stored(url: str) -> Organisation:
    async def look() -> Organisation:
        database = Database.open(url)
        try:
            return await database.read(organisations.load)
        finally:
            await database.close()

    return asyncio.run(look())


# -- check ----------------------------------------------------------------------------------------------------------


def test_check_says_what_is_in_a_good_file():
    done = run(check, str(DEMO))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{DEMO}: 12 people, 4 teams, 8 services, ")
    assert done.out.endswith(": ok.\n")


def test_check_names_file_and_line_of_each_fault(tmp_path):
    text = "people:\n  - {id: ada}\nteams:\n  - {id: t, name: T, side: nowhere, lead: nobody}\ncolour: green\n"
    path = written(tmp_path / "störung.yaml", text)
    done = run(check, path)
    assert (done.code, done.out) == (1, "")
    lines = done.err.splitlines()
    assert [line.removeprefix(f"{path}:").partition(": ")[0] for line in lines] == ["2", "4", "4", "5"]
    assert all(line.endswith(".") for line in lines)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("missing", "No such file"), ("folder", "Is a directory"), ("nul", "ValueError"), ("long", "File name too long")],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, sqlite_url, kind, reason):
    path = {"missing": tmp_path / "none.yaml", "folder": tmp_path, "nul": "a\0b", "long": "x" * 5000}[kind]
    for done in (run(check, str(path)), run(import_, str(path), sqlite_url)):
        assert (done.code, done.out) == (1, "")
        assert done.err.count("\n") == 1
        assert reason in done.err
        assert done.err.endswith(".\n")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x89PNG\r\n", b"people: [", b"a: *b", b"- - -", b"42"])
def test_a_file_that_is_something_else(tmp_path, content):
    done = run(check, written(tmp_path / "org.yaml", content))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"{tmp_path}/org.yaml:")
    assert "Traceback" not in done.err


def test_a_stream_that_cannot_show_every_letter(tmp_path):
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    assert check(written(tmp_path / "störung.yaml", SMALL), now=NOW, out=out, err=io.StringIO()) == 0
    out.flush()
    assert b"st\\xf6rung.yaml: 2 people, 1 team, 1 service, 0 schedules" in raw.getvalue()


# -- import ---------------------------------------------------------------------------------------------------------


def test_import_takes_everything_and_export_gives_it_back(tmp_path, database_url):
    source, copy = written(tmp_path / "org.yaml", DEMO.read_bytes()), tmp_path / "copy.yaml"
    done = run(import_, source, database_url)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{source}: 12 people, 4 teams, 8 services, ")
    assert ": imported.\n  people: 12 added\n" in done.out
    assert stored(database_url) == read_organisation(DEMO.read_bytes())
    done = run(export, str(copy), database_url)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(": exported.\n")
    assert read_organisation(copy.read_bytes()) == read_organisation(DEMO.read_bytes())
    assert run(import_, str(copy), database_url).out.endswith(": nothing changed.\n")


def test_the_same_file_twice_changes_nothing(tmp_path, database_url):
    path = written(tmp_path / "org.yaml", SMALL)
    run(import_, path, database_url)
    before = rows(database_url)
    done = run(import_, path, database_url)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{path}: 2 people, 1 team, 1 service, 0 schedules, 0 escalation policies: nothing changed.\n"
    assert rows(database_url) == before


def test_another_file_says_what_it_changed(tmp_path, database_url):
    run(import_, written(tmp_path / "one.yaml", SMALL), database_url)
    changed = SMALL.replace("林薇", "林 薇").replace("Kasse 🛒", "Kasse").replace("Kritisch", "Schlimm")
    done = run(import_, written(tmp_path / "two.yaml", changed), database_url)
    assert done.out.endswith(": imported.\n  people: 1 changed\n  services: 1 changed\n  settings: changed\n")


def test_a_faulty_file_leaves_everything_as_it_was(tmp_path, database_url):
    run(import_, written(tmp_path / "good.yaml", SMALL), database_url)
    before = rows(database_url)
    done = run(
        import_, written(tmp_path / "bad.yaml", SMALL.replace("owner: payments", "owner: paymets")), database_url
    )
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"{tmp_path}/bad.yaml:8: ")
    assert 'did you mean "payments"' in done.err
    assert rows(database_url) == before


def test_import_while_others_read_and_write(tmp_path, database_url):
    """Two imports at once: one of the two files stands in the end, whole."""
    files = [
        written(tmp_path / "one.yaml", SMALL),
        written(tmp_path / "two.yaml", SMALL.replace("lin", "mei").replace("payments", "zahlungen")),
    ]
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda path=path: outcomes.append(run(import_, path, database_url)))
        for path in files * 3
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(done.code, done.err) for done in outcomes] == [(0, "")] * 6
    assert stored(database_url) in [read_organisation(Path(path).read_bytes()) for path in files]


def rows(url: str) -> object:
    """Everything that an import could touch, as stored."""

    async def look() -> object:
        database = Database.open(url)
        try:
            return await database.read(lambda store: (store.people.active(), store.organisations.load()))
        finally:
            await database.close()

    return asyncio.run(look())


# -- export ---------------------------------------------------------------------------------------------------------


def test_export_to_standard_output_is_the_file_alone(tmp_path, sqlite_url):
    run(import_, written(tmp_path / "org.yaml", SMALL), sqlite_url)
    raw = io.BytesIO()
    out, err = io.TextIOWrapper(raw, encoding="ascii"), io.StringIO()
    assert export("-", sqlite_url, out=out, err=err) == 0
    out.flush()
    assert raw.getvalue().decode() == write_organisation(read_organisation(SMALL.encode()))
    assert err.getvalue() == ""
    assert run(export, "-", sqlite_url).out == raw.getvalue().decode()
    assert not Path("-").exists()


def test_export_of_nothing_is_a_file_that_can_be_imported(tmp_path, sqlite_url):
    path = str(tmp_path / "empty.yaml")
    assert run(export, path, sqlite_url).code == 0
    assert run(import_, path, sqlite_url).out.endswith(": nothing changed.\n")


def test_export_replaces_a_file_and_keeps_its_permissions(tmp_path, sqlite_url):
    path, link = tmp_path / "org.yaml", tmp_path / "link.yaml"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    assert run(export, str(link), sqlite_url).code == 0
    assert link.is_symlink()
    assert read_organisation(path.read_bytes()) == Organisation()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix == ".yaml" or "tmp" in p.name) == [
        "link.yaml",
        "org.yaml",
    ]


def test_a_new_file_has_the_usual_permissions(tmp_path, sqlite_url):
    before = os.umask(0o022)
    try:
        run(export, str(tmp_path / "org.yaml"), sqlite_url)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "org.yaml").stat().st_mode) == 0o644


def test_export_that_fails_leaves_the_file_and_nothing_beside_it(tmp_path, sqlite_url, monkeypatch):
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "org.yaml"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = run(export, str(path), sqlite_url)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"{path}: the file cannot be written (No space left on device).\n"
    assert path.read_text() == "old"
    assert list(folder.iterdir()) == [path]


@pytest.mark.parametrize("path", ["none/org.yaml", "a\0b", "."])
def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path, sqlite_url, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    done = run(export, path, sqlite_url)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "the file cannot be written" in done.err


def test_a_device_is_written_to_and_not_replaced(sqlite_url):
    assert run(export, "/dev/null", sqlite_url).code == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_closed_pipe_is_one_sentence(sqlite_url):
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    err = io.StringIO()
    assert export("-", sqlite_url, out=Closed(), err=err) == 1
    assert err.getvalue() == "The output cannot be written (Broken pipe).\n"


# -- databases ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [import_, export])
def test_a_database_that_cannot_be_used_is_one_sentence(tmp_path, command):
    path = written(tmp_path / "org.yaml", SMALL)
    urls = {
        "unmigrated": (f"sqlite:///{tmp_path}/empty.db", "app.py migrate"),
        "gone": (f"postgresql://bot:s3cret@127.0.0.1:{free_port()}/x", "does not answer"),
        "wrong": ("mysql://x/y", "DATABASE_URL"),
    }
    for url, words in urls.values():
        done = run(command, path, url)
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert words in done.err
        assert "s3cret" not in done.err
    assert Path(path).read_text() == SMALL


def test_the_summary_counts_in_english():
    assert summary(Organisation()) == "0 people, 0 teams, 0 services, 0 schedules, 0 escalation policies"
    one = read_organisation(b"people: [{id: a, name: A}]\nteams: [{id: t, name: T, side: platform}]\n")
    assert summary(one).startswith("1 person, 1 team, 0 services")
