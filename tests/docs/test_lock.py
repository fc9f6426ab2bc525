from pathlib import Path

import pytest

from tools import check_lock

HASH = "--hash=sha256:" + "a" * 64


def pin(text: str, via: str = "other") -> str:
    return f"{text} \\\n    {HASH} \\\n    {HASH}\n    # via {via}\n"


def lock(tmp_path: Path, **texts: str) -> Path:
    for name, text in texts.items():
        stem, kind = name.rsplit("_", 1)
        (tmp_path / f"{stem}.{kind}").write_text(text)
    return tmp_path


GOOD = {
    "run_in": "# why\nPyJWT>=2.4  # reason\npsycopg[binary]>=3\n",
    "run_txt": "# head\n" + pin("pyjwt==2.5", "-r requirements/run.in") + pin("psycopg==3.1 ; os_name == 'posix'"),
    "test_in": "-r run.in\npytest>=9\n",
    "test_txt": pin("pyjwt==2.5") + pin("psycopg==3.1") + pin("pytest==9.0", "-r requirements/test.in"),
}


def test_ours_is_up_to_date() -> None:
    assert check_lock.faults() == []
    assert check_lock.main() == 0


def test_a_good_lock(tmp_path: Path) -> None:
    assert check_lock.faults(lock(tmp_path, **GOOD)) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"run_in": "PyJWT>=2.6\npsycopg>=3\n"}, "run.txt has PyJWT 2.5, asked is PyJWT>=2.6: run `make lock`."),
        ({"test_in": "-r run.in\npytest>=9\nruff\n"}, "test.txt does not have ruff: run `make lock`."),
        ({"test_in": "-r run.in\n"}, "test.txt still has pytest, which test.in no longer asks for."),
        (
            {"test_txt": GOOD["test_txt"].replace("3.1", "3.2")},
            "test.txt and run.txt disagree about psycopg: run `make lock`.",
        ),
        ({"run_txt": GOOD["run_txt"] + "six==1.0\n"}, "run.txt has no hash for six."),
        ({"run_txt": GOOD["run_txt"] + pin("six>=1.0")}, "run.txt does not pin six to one version of an index."),
        (
            {"run_txt": GOOD["run_txt"] + pin("six @ https://example.org/six.whl")},
            "run.txt does not pin six to one version of an index.",
        ),
        (
            {"run_txt": "--index-url https://example.org/simple\n" + GOOD["run_txt"]},
            "run.txt has a line that is no locked package: --index-url.",
        ),
        (
            {"run_txt": "--find-links wheels\n" + GOOD["run_txt"]},
            "run.txt has a line that is no locked package: --find-links.",
        ),
        ({"bench_in": "-r test.in\n"}, "bench.txt is missing."),
    ],
)
def test_a_fault_is_one_sentence(tmp_path: Path, change: dict[str, str], sentence: str) -> None:
    found = check_lock.faults(lock(tmp_path, **{**GOOD, **change}))
    assert sentence in found


def test_faults_are_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(check_lock, "faults", lambda: ["One.", "Two."])
    assert check_lock.main() == 1
    assert capsys.readouterr().out == "One.\nTwo.\n"


def test_every_lock_has_hashes_for_every_package() -> None:
    for path in check_lock.FOLDER.glob("*.txt"):
        pins, unread = check_lock.read_lock(path)
        assert unread == []
        assert pins
        assert all(pin.hashes for pin in pins.values())
