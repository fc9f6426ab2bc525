"""A document as a Word file. The library is loaded when the first one is asked for: it costs a few megabytes."""

import re
from io import BytesIO

from domain.phases import percents
from usecases.reviews.document import Document
from usecases.wording import length

_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""


def docx(document: Document) -> bytes:
    """Write it (Office Open XML)."""
    import docx as word  # noqa: PLC0415 - see above

    made = word.Document()
    made.core_properties.title, made.core_properties.author = _fit(document.title)[:255], ""
    made.add_heading(_fit(document.title), level=0)
    for name, value in document.facts:
        paragraph = made.add_paragraph()
        paragraph.add_run(f"{name}: ").bold = True
        paragraph.add_run(_fit(value))
    for ref, stretches in document.stretches:
        made.add_heading(_fit(f"Where the time went in {ref}"), level=2)
        table = made.add_table(rows=1, cols=3)
        table.style = "Table Grid"
        for cell, name in zip(table.rows[0].cells, ("Phase", "Time", "Share"), strict=True):
            cell.text = name
        for stretch, share in zip(stretches, percents(stretches), strict=True):
            row = (stretch.phase.capitalize(), length(stretch.length), f"{share} %")
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    for chapter in document.chapters:
        made.add_heading(_fit(chapter.title), level=1)
        for line in chapter.lines:
            is_item = line.startswith("- ")
            made.add_paragraph(_fit(line[2:] if is_item else line), style="List Bullet" if is_item else None)
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)
