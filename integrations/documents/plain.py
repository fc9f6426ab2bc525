"""A document as Markdown (CommonMark). People's words stay words: what would be markup is escaped."""

import re

from domain.phases import percents
from usecases.reviews.document import Document
from usecases.wording import length

_ACTIVE = re.compile(r"[\\`*_\[\]<>&|~]")
_LINE_START = re.compile(r"^(\s*)([-+#=]|\d+(?=[.)]))")


def markdown(document: Document) -> bytes:
    """Write it, in UTF-8."""
    parts = [f"# {escaped(document.title)}"]
    parts.append("\n".join(f"- **{name}:** {escaped(value)}" for name, value in document.facts))
    for name, stretches in document.stretches:
        rows = [
            f"| {stretch.phase.capitalize()} | {length(stretch.length)} | {share} % |"
            for stretch, share in zip(stretches, percents(stretches), strict=True)
        ]
        parts.append(f"**Where the time went in {escaped(name)}**")
        parts.append("\n".join(["| Phase | Time | Share |", "|---|---|---|", *rows]))
    for chapter in document.chapters:
        parts.append(f"## {escaped(chapter.title)}")
        parts.append("\n".join(_line(line) for line in chapter.lines))
    return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


def _line(line: str) -> str:
    # Two blanks at the end keep lines apart that belong to one paragraph.
    return f"- {escaped(line[2:])}" if line.startswith("- ") else f"{escaped(line)}  "


def escaped(text: str) -> str:
    """Give a line in which nothing is markup."""
    made = _ACTIVE.sub(lambda found: "\\" + found[0], " ".join(text.split()) if "\n" in text else text)
    return _LINE_START.sub(lambda found: f"{found[1]}{_defused(found[2])}", made)


def _defused(mark: str) -> str:
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"
