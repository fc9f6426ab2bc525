"""`make` and tools/environment.sh, with stand-ins for Python that write down what they are asked."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = """#!/bin/sh
echo "$(basename "$0") $*" >>asked.log
case "$*" in
"-m venv --clear "*) rm -rf "$4" && mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
*"pip install"*) [ ! -f pip-fails ] ;;
--version) echo "Python 3.12.0" ;;
esac
"""
OLD = "#!/bin/sh\nexit 1\n"
NO_VENV = """#!/bin/sh
case "$*" in *ensurepip*) exit 1 ;; esac
"""


class Checkout:
    """A folder with the script, four lock files, and the Pythons that a test wants to be found."""

    def __init__(self, folder: Path, **pythons: str) -> None:
        self.folder = folder
        (folder / "requirements").mkdir()
        for name in ("run", "test", "check", "bench"):
            self.lock(name, "1")
        (folder / "tools").mkdir()
        shutil.copy(ROOT / "tools" / "environment.sh", folder / "tools")
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in ("sh", "echo", "cat", "cksum", "rm", "cp", "mkdir", "basename"):
            (self.bin / tool).symlink_to(shutil.which(tool) or tool)
        for name, script in pythons.items():
            path = self.bin / name.replace("_", ".")
            path.write_text(script)
            path.chmod(0o755)

    def lock(self, name: str, text: str) -> None:
        (self.folder / "requirements" / f"{name}.txt").write_text(text)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["sh", "tools/environment.sh", *arguments]
        environment = {"PATH": str(self.bin)}
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def installed_by(self, *arguments: str) -> list[str]:
        """Which locks one call installs."""
        (self.folder / "asked.log").write_text("")
        done = self.run(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return re.findall(r"--require-hashes -r requirements/(\w+)\.txt", (self.folder / "asked.log").read_text())


def test_each_environment_adds_to_the_one_before(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, python3=GOOD)
    assert checkout.installed_by("run") == ["run"]
    assert checkout.installed_by("test") == ["test"]
    assert checkout.installed_by("check") == ["check"]
    assert checkout.installed_by("run") == checkout.installed_by("test") == checkout.installed_by("check") == []
    assert checkout.installed_by("bench") == ["bench"]
    assert (tmp_path / ".venv-bench").is_dir()


def test_a_changed_lock_is_installed_and_what_builds_on_it(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, python3=GOOD)
    checkout.run("check")
    checkout.lock("test", "2")
    assert checkout.installed_by("run") == []
    assert checkout.installed_by("check") == ["test", "check"]
    checkout.lock("run", "2")
    assert checkout.installed_by("check") == ["run", "test", "check"]


def test_a_failed_install_is_tried_again(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, python3=GOOD)
    (tmp_path / "pip-fails").touch()
    assert checkout.run("test").returncode != 0
    (tmp_path / "pip-fails").unlink()
    assert checkout.installed_by("test") == ["run", "test"]


def test_an_environment_whose_python_is_gone_is_made_again(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, python3=GOOD)
    checkout.run("test")
    (tmp_path / ".venv/bin/python").unlink()
    (tmp_path / ".venv/bin/python").symlink_to(tmp_path / "gone")
    assert checkout.installed_by("test") == ["run", "test"]


@pytest.mark.parametrize("found", ["python3.13", "python3.12", "python3.11"])
def test_an_old_python3_gives_way_to_a_newer_one_beside_it(tmp_path: Path, found: str) -> None:
    checkout = Checkout(tmp_path, **{"python3": OLD, found.replace(".", "_"): GOOD})
    assert checkout.run("run").returncode == 0
    assert f"{found} -m venv --clear .venv" in (tmp_path / "asked.log").read_text()


def test_a_python_that_was_named_is_taken_and_no_other(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, python3=GOOD, mine=GOOD, old=OLD)
    assert checkout.run("run", "mine").returncode == 0
    assert "mine -m venv" in (tmp_path / "asked.log").read_text()
    shutil.rmtree(tmp_path / ".venv")
    done = checkout.run("run", "old")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Python 3.11 or newer is needed and 'old' is not one")


@pytest.mark.parametrize(
    ("pythons", "sentence"),
    [
        ({}, "Python 3.11 or newer is needed"),
        ({"python3": OLD, "python3_12": OLD}, "Python 3.11 or newer is needed"),
        ({"python3": NO_VENV}, "python3 cannot make virtual environments: install its venv module first"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(tmp_path: Path, pythons: dict[str, str], sentence: str) -> None:
    done = Checkout(tmp_path, **pythons).run("run")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / ".venv").exists()


def test_an_unknown_environment_is_wrong_usage(tmp_path: Path) -> None:
    assert Checkout(tmp_path, python3=GOOD).run("prod").returncode == 2


@pytest.mark.parametrize(
    "target", ["run", "test", "test-fast", "check", "demo", "bench", "lock", "docs", "audit", "clean"]
)
def test_every_target_is_explained_and_can_be_planned(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(rf"^\t@echo 'make {target} +\w", makefile, re.MULTILINE)
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert target in phony.split()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    plan = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (plan.returncode, plan.stderr) == (0, "")


def test_clean_keeps_the_data() -> None:
    plan = subprocess.run(["make", "--dry-run", "clean"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not re.search(r"\s(var|\.env|\.git|requirements)(/|\s|$)", plan)


def test_ci_runs_both_commands_and_wants_the_browser() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "set -euo pipefail" in script
    assert re.search(r"^make check$", script, re.MULTILINE)
    assert re.search(r"^REQUIRE_BROWSER=1 make test\b", script, re.MULTILINE)
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=False).returncode == 0
