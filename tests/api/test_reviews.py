"""`GET /api/v1/reviews/{ref}` and its exports, read back by programs that others have written."""

import asyncio
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import docx
import pytest

from domain.incident import Status
from storage.database import Database
from tests.api.conftest import Api, crew, serving
from tests.api.test_openapi import validate
from tests.api.test_timeline import trail
from tests.support.samples import NOW, place
from usecases import reviews
from usecases.calendars import PUBLIC_URL
from usecases.incidents import Incidents
from usecases.ports import Store
from usecases.reviews import Typed

TITLE = "Kasse <at>Ada</at> *langsam* 🔥"
FACTOR = "- A deploy on <b>Friday</b> | & [more](http://x)\n# no heading\n\x0b\ud800"


@pytest.fixture
async def api(database: Database):
    async with serving(database) as found:

        def fill(store: Store) -> None:
            people = crew(store)
            store.key_value.set(PUBLIC_URL, "http://bot.example")
            desk = Incidents(store, NOW)
            for severity in (1, 4):
                desk.declare(
                    people.ada,
                    title=TITLE,
                    severity=severity,
                    services=(),
                    details="",
                    place=place(),
                    trail=trail(f"declare:{severity}"),
                )
            later = Incidents(store, NOW + timedelta(minutes=10))
            later.acknowledge(people.grace, 1, trail("ack"))
            later.change_status(people.grace, 1, Status.IDENTIFIED, trail("found"))
            Incidents(store, NOW + timedelta(minutes=30)).resolve(people.ada, 1, "Zurückgerollt", trail("over"))
            reviews.write(store, people.grace, 1, Typed(section="factors", text=FACTOR, version=1), NOW)

        await database.write(fill)
        yield found


async def test_it_says_how_it_stands(api: Api) -> None:
    body = (await api.get("reviews/inc1")).body
    validate({"$ref": "#/components/schemas/Review"}, body)
    assert (body["incident"], body["incidents"], body["state"], body["owner"]) == ("INC-1", ["INC-1"], "draft", "grace")
    assert body["due_at"] == "2026-11-26T14:48:00.000Z"
    sections = {section["id"]: section for section in body["sections"]}
    assert sections["factors"]["version"] == 2
    assert sections["summary"]["text"].endswith("Zurückgerollt")
    assert "Where the time went: acknowledge 10 min (33 %)" in sections["timeline"]["text"]
    assert body["exports"]["docx"] == "http://bot.example/api/v1/reviews/INC-1/docx"


@pytest.mark.parametrize("ref", ["INC-2", "INC-99", "x"])
async def test_what_is_not_there_is_404(api: Api, ref: str) -> None:
    for path in (f"reviews/{ref}", f"reviews/{ref}/docx"):
        answer = await api.get(path)
        assert answer.status == 404, answer.body


async def test_the_word_file_opens_and_says_it_all(api: Api) -> None:
    answer = await api.get("reviews/INC-1/docx")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="review-INC-1.docx"'
    document = await asyncio.to_thread(docx.Document, BytesIO(answer.body))
    said = [paragraph.text for paragraph in document.paragraphs]
    assert said[0] == f"Review of INC-1 {TITLE}"
    assert "A deploy on <b>Friday</b> | & [more](http://x)" in said
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows][1] == [
        "Acknowledge",
        "10 min",
        "33 %",
    ]


async def test_the_html_is_whole_and_nothing_in_it_is_live(api: Api) -> None:
    answer = await api.get("reviews/INC-1/html")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    tags = Tags()
    tags.feed(answer.body)
    assert {tag for tag, _ in tags.seen} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "dl", "dt", "dd"),
        *("figure", "svg", "rect", "text", "ul", "li", "p"),
    }
    assert "A deploy on &lt;b&gt;Friday&lt;/b&gt;" in answer.body
    bars = [float(found["width"]) for tag, found in tags.seen if tag == "rect" and found["height"] == "40"]
    assert sum(bars) == pytest.approx(720)
    (picture,) = [found for tag, found in tags.seen if tag == "svg"]
    assert "Acknowledge: 10 min (33 %)" in picture["aria-label"]


async def test_the_markdown_keeps_words_words(api: Api) -> None:
    answer = await api.get("reviews/INC-1/markdown")
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    lines = answer.body.splitlines()
    assert lines[0] == "# Review of INC-1 Kasse \\<at\\>Ada\\</at\\> \\*langsam\\* 🔥"
    assert "- A deploy on \\<b\\>Friday\\</b\\> \\| \\& \\[more\\](http://x)" in lines
    assert "\\# no heading  " in lines


class Tags(HTMLParser):
    """Collects what is markup, with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append((tag, dict(attrs)))
