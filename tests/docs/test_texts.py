import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {"node_modules", "var", "vendor", "dist", "__pycache__"}
HEADING = re.compile(r"^#{1,6}\s+(.*)$", re.MULTILINE)
LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
PICTURES = {".png", ".ico", ".gif", ".jpg", ".woff2", ".db"}

# Written in parts, so that this file does not contain them itself.
FORBIDDEN = [
    "".join(parts)
    for parts in (
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("registry.", "npmjs"),
        ("registry.", "yarnpkg"),
        ("deb.", "debian.org"),
        ("proxy.", "golang"),
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("/opt/", "py"),
        ("/opt/", "wheels"),
        (".py", "env/"),
    )
]


def our_files() -> list[Path]:
    """What git keeps or would keep; the whole tree where there is no git, as in an unpacked archive."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True, text=True)
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        found = [path for path in ROOT.rglob("*") if not _passed_over(path.relative_to(ROOT))]
    return sorted(path for path in found if path.is_file())


def _passed_over(path: Path) -> bool:
    return any(
        part in SKIPPED or part.startswith((".venv", ".git", ".pytest", ".ruff", ".hypothesis")) for part in path.parts
    )


FILES = our_files()
PAGES = [path for path in FILES if path.suffix == ".md"]


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to a page's headings."""
    titles = HEADING.findall(page.read_text(encoding="utf-8"))
    plain = [re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)) for title in titles]
    return {title.strip().lower().replace(" ", "-") for title in plain}


def broken_links(page: Path, text: str) -> list[str]:
    broken: list[str] = []
    for link in LINK.findall(CODE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = unquote(link).partition("#")
        path = (page.parent / target).resolve() if target else page
        inside = path == ROOT or ROOT in path.parents
        if not inside or not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(link)
    return broken


def test_the_files_are_found() -> None:
    names = {str(path.relative_to(ROOT)) for path in FILES}
    assert {"Makefile", "LICENSE", "README.md", "docs/glossary.md", "server/settings.py", ".ci/run"} <= names


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_relative_link_resolves(page: Path) -> None:
    assert broken_links(page, page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    ["[x](none.md)", "[x](../../outside.md)", "[x](glossary.md#no-such-heading)", "![x](none.png)", "[x](#nowhere)"],
)
def test_a_broken_link_is_seen(text: str) -> None:
    assert len(broken_links(ROOT / "docs" / "README.md", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "[x](glossary.md#the-incident)",
        "[x](https://example.org/none)",
        "`[x](none.md)`",
        "```\n[x](none.md)\n```",
        "[x](.)",
    ],
)
def test_a_good_link_is_left_alone(text: str) -> None:
    assert broken_links(ROOT / "docs" / "README.md", text) == []


def test_every_page_is_reachable_from_the_start() -> None:
    seen: set[Path] = set()
    ahead = [ROOT / "README.md", ROOT / "docs" / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        links = LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))
        ahead += [(page.parent / link.partition("#")[0]).resolve() for link in links if ":" not in link]
    assert sorted(str(p.relative_to(ROOT)) for p in PAGES if ROOT / "docs" in p.parents and p not in seen) == []


def forbidden_words(text: str) -> list[str]:
    return [word for word in FORBIDDEN if word in text.lower()]


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    found: dict[str, list[str]] = {}
    for path in FILES:
        if path.suffix not in PICTURES and (words := forbidden_words(path.read_text(encoding="utf-8"))):
            found[str(path.relative_to(ROOT))] = words
    assert found == {}


@pytest.mark.parametrize("word", FORBIDDEN)
def test_a_forbidden_word_is_seen(word: str) -> None:
    assert forbidden_words(f"see {word.upper()}x") == [word]
