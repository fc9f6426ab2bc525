"""The command line as an operator meets it: what it does, and one sentence for what it cannot do."""

import socket
import sqlite3
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from tests.conversation.stage import DEMO
from tests.support.commands import run_quickly
from tests.support.product import Product, free_port, run_command, said_address

APP = "11111111-2222-3333-4444-555555555555"
TENANT = "66666666-2222-3333-4444-555555555555"


def database(folder: Path) -> dict[str, str]:
    return {"DATABASE_URL": f"sqlite:///{folder}/incidents.db"}


def test_migrate_makes_the_tables_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        done = run_command("migrate", environ=database(tmp_path))
        assert (done.returncode, done.stdout, done.stderr) == (0, "The database is up to date.\n", "")
    with closing(sqlite3.connect(tmp_path / "incidents.db")) as connection, connection:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'timeline_entry'").fetchone()
    assert tables == 1


def test_migrate_sql_prints_the_statements_and_touches_nothing(tmp_path: Path) -> None:
    url = "postgresql://nobody:secret-word@127.0.0.1:1/none"
    done = run_quickly("migrate", "--sql", environ={"DATABASE_URL": url}, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "CREATE TABLE timeline_entry" in done.stdout
    assert "secret-word" not in done.stdout
    assert not list(tmp_path.iterdir())


def test_the_organisation_is_checked_imported_and_exported(tmp_path: Path) -> None:
    environ = database(tmp_path)
    first, second = tmp_path / "one.yaml", tmp_path / "two.yaml"
    assert run_quickly("org", "import", str(DEMO), environ=environ).returncode == 0
    assert run_quickly("org", "export", str(first), environ=environ).returncode == 0
    assert run_quickly("org", "import", str(first), environ=environ).returncode == 0
    assert run_quickly("org", "export", str(second), environ=environ).returncode == 0
    assert first.read_text() == second.read_text()
    assert "ada@example.org" in first.read_text()


def test_a_faulty_organisation_file_changes_nothing_and_names_the_line(tmp_path: Path) -> None:
    environ = database(tmp_path)
    run_quickly("org", "import", str(DEMO), environ=environ)
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text(
        "people:\n  - id: ada\n    name: Ada\n    time_zone: Mars/Olympus\nteams:\n  - {id: x, lead: bob}\n"
    )
    for done in at_once((("org", action, str(faulty)), environ) for action in ("check", "import")):
        assert done.returncode == 1
        assert "4" in done.stderr
        assert "Mars/Olympus" in done.stderr
        assert "Traceback" not in done.stderr
    run_quickly("org", "export", str(tmp_path / "after.yaml"), environ=environ)
    assert "Grace Hopper" in (tmp_path / "after.yaml").read_text()


WRONG_USAGE = [("dance",), ("org", "eat", "x.yaml"), ("org", "import"), ("serve", "--speed", "9")]


def at_once(calls: Iterable[tuple[tuple[str, ...], dict[str, str]]]) -> list[subprocess.CompletedProcess[str]]:
    """Run commands side by side."""
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(lambda call: run_quickly(*call[0], environ=call[1]), calls))


def test_wrong_usage_ends_with_two(tmp_path: Path) -> None:
    for done in at_once((arguments, database(tmp_path)) for arguments in WRONG_USAGE):
        assert done.returncode == 2, done.args
        assert "usage: app.py" in done.stderr
        assert "Traceback" not in done.stderr


REFUSED = {
    "HOST": {"HOST": "0.0.0.0"},
    "MICROSOFT_APP_TENANT_ID": {"MICROSOFT_APP_ID": APP, "MICROSOFT_APP_TYPE": "SingleTenant"},
    "MICROSOFT_APP_PASSWORD": {
        "MICROSOFT_APP_ID": APP, "MICROSOFT_APP_TYPE": "UserAssignedMSI", "MICROSOFT_APP_TENANT_ID": TENANT,
        "MICROSOFT_APP_PASSWORD": "hush-hush",
    },
    "TEAMS_EMULATOR_URL": {"TEAMS_EMULATOR_URL": "https://emulator.example.org"},
    "DATABASE_URL": {"DATABASE_URL": "mysql://root:hush-hush@db/x"},
    "API_TOKENS": {"API_TOKENS": "hush-hush"},
}  # fmt: skip


def test_a_setting_that_cannot_be_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    calls = [(("serve",), {**database(tmp_path), **wrong}) for wrong in REFUSED.values()]
    for setting, done in zip(REFUSED, at_once(calls), strict=True):
        assert done.returncode == 1, setting
        assert setting in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert "hush-hush" not in done.stdout + done.stderr


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_quickly("serve", "--port", str(port), environ=database(tmp_path))
    assert done.returncode == 1
    assert done.stderr == f"Cannot listen on 127.0.0.1:{port}: Address already in use. Set HOST and PORT.\n"


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": f"postgresql://u:hush-hush@127.0.0.1:{free_port()}/x", "PORT": str(free_port())}
    for done in at_once([(("migrate",), environ), (("serve",), environ), (("org", "import", str(DEMO)), environ)]):
        assert done.returncode == 1, done.args
        assert "The database does not answer" in done.stderr
        assert "Traceback" not in done.stderr
        assert "hush-hush" not in done.stderr


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "incidents.db").write_text("These are not the incidents you are looking for. " * 40)
    done = run_quickly("migrate", environ=database(tmp_path))
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


def test_serve_listens_where_it_is_told_and_says_so(tmp_path: Path) -> None:
    port = free_port()
    server = Product({**database(tmp_path), "PORT": str(port)}, ("serve", "--port", str(port), "--host", "127.0.0.1"))
    try:
        server.wait_ready()
        assert said_address(server.log) == f"http://127.0.0.1:{port}/"
        assert "declare Checkout is down" in server.log
        # The organisation may be changed while the server runs.
        assert run_command("org", "import", str(DEMO), environ=database(tmp_path)).returncode == 0
        assert run_command("migrate", environ=database(tmp_path)).returncode == 0
        started_twice = run_command("serve", "--port", str(port), environ=database(tmp_path))
        assert started_twice.returncode == 1
    finally:
        assert server.stop() == 0
