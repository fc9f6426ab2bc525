from pathlib import Path

import pytest

from server.dotenv import read_dotenv
from server.metrics import METRICS
from server.settings import FIELDS, Settings
from tools import generate_docs

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", generate_docs.GENERATORS)
def test_generated_pages_are_current(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == generate_docs.GENERATORS[name](), "run `make docs`"


@pytest.mark.parametrize("field", FIELDS, ids=lambda f: f.name)
def test_every_setting_is_documented(field: object) -> None:
    name = field.name  # type: ignore[attr-defined]
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    assert page.count(f"\n| `{name}` | ") == 1
    assert f"\n#{name}=" in (ROOT / ".env.example").read_text(encoding="utf-8")


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
def test_every_figure_is_documented(metric: object) -> None:
    name = metric.exposed_name  # type: ignore[attr-defined]
    assert f"\n| `{name}` | " in (ROOT / "docs/reference/metrics.md").read_text(encoding="utf-8")


def test_every_setting_is_shown_and_every_default_is_good() -> None:
    assert list(Settings.from_environment({}).describe()) == [f.name for f in FIELDS]


def test_the_example_read_as_it_stands_or_uncommented_gives_the_defaults(tmp_path: Path) -> None:
    assert read_dotenv(ROOT / ".env.example") == {}
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").split("\n")
    names = tuple(f"#{f.name}=" for f in FIELDS)
    (tmp_path / ".env").write_text("\n".join(line[1:] if line.startswith(names) else line for line in lines))
    found = read_dotenv(tmp_path / ".env")
    assert list(found) == [f.name for f in FIELDS]
    assert Settings.from_environment(found) == Settings.from_environment({})


def test_no_table_cell_breaks_its_row() -> None:
    for name in generate_docs.GENERATORS:
        rows = [line for line in generate_docs.GENERATORS[name]().split("\n") if line.startswith("| ")]
        assert len({row.replace("\\|", "").count("|") for row in rows}) <= 1


def test_a_stale_or_missing_page_is_found_and_written(tmp_path: Path) -> None:
    assert generate_docs.stale(tmp_path) == list(generate_docs.GENERATORS)
    assert generate_docs.write(tmp_path) == list(generate_docs.GENERATORS)
    assert generate_docs.write(tmp_path) == []
    page = tmp_path / "docs/reference/settings.md"
    page.write_text(page.read_text().replace("HOST", "HOSTS"))
    assert generate_docs.stale(tmp_path) == ["docs/reference/settings.md"]


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate_docs.main(["--check"]) == 0
    assert generate_docs.main(["--chek"]) == 2
    monkeypatch.setattr(generate_docs, "GENERATORS", {"docs/none.md": lambda: "x"})
    assert generate_docs.main(["--check"]) == 1
    assert "docs/none.md is out of date: run `make docs`." in capsys.readouterr().out
