"""A document as one HTML file that needs nothing else: styles and the picture of its phases are inside."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from domain.phases import Stretch
from integrations.documents.picture import picture
from usecases.reviews.document import Document

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1b1f;background:#fff}"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}"
    "dt{font-weight:600}dd{margin:0}figure{margin:1.5rem 0}svg{width:100%;height:auto}p{margin:.3rem 0;overflow-wrap:anywhere}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#1b1b1f}}"
)


def html(document: Document) -> bytes:
    """Write it, in UTF-8."""
    title = escape(document.title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>{inner(document)}</main></body></html>\n"
    ).encode("utf-8", "replace")


def inner(document: Document) -> str:
    """Write what stands between the head and the foot of a page."""
    return "".join(_parts(document))


def _parts(document: Document) -> Iterator[str]:
    yield f"<h1>{escape(document.title)}</h1><dl>"
    yield from (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in document.facts)
    yield "</dl>"
    yield from (_figure(name, stretches) for name, stretches in document.stretches)
    for chapter in document.chapters:
        yield f"<h2>{escape(chapter.title)}</h2>"
        for is_list, lines in groupby(chapter.lines, lambda line: line.startswith("- ")):
            if is_list:
                yield f"<ul>{''.join(f'<li>{escape(line[2:])}</li>' for line in lines)}</ul>"
            else:
                yield "".join(f"<p>{escape(line)}</p>" for line in lines)


def _figure(name: str, stretches: Sequence[Stretch]) -> str:
    return f"<figure>{picture(name, stretches)}</figure>"
