"""Reviews as JSON, and as documents to take away."""

import asyncio
from collections.abc import Callable
from typing import Any

from domain.errors import Unknown
from domain.incident import ref_of
from domain.review import Review
from server.api.parameters import REF
from server.api.table import Answer, Answered, Asked
from server.times import rfc3339
from usecases import reviews
from usecases.access import incident_to_see
from usecases.calendars import PUBLIC_URL
from usecases.people import NOBODY
from usecases.ports import Database, Store
from usecases.reviews import ReviewView
from usecases.reviews.document import Document, document_of

MEDIA = {
    "markdown": ("text/markdown", "md"),
    "html": ("text/html", "html"),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
}
"""What a review is given out as: its media type and the end of its file's name."""


def one(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer the review that looks at an incident."""
    view = _view(store, asked)
    review = view.review
    handles = {number: person.handle for number, person in view.people.items()}
    base = (store.key_value.get(PUBLIC_URL) or "").rstrip("/")
    return {
        "incident": review.ref,
        "incidents": [ref_of(number) for number in review.incidents],
        "owner": handles[review.owner],
        "due_at": rfc3339(review.due_at),
        "state": str(review.state),
        "template": review.template,
        "skipped": review.skipped or None,
        "sections": [
            {"id": section.id, "title": section.kind.title, "text": section.text, "version": section.version}
            for section in review.sections
        ],
        "sides": [str(side) for side in review.sides],
        "sign_offs": [
            {"person": handles[sign.person], "side": str(sign.side) if sign.side else None, "at": rfc3339(sign.at)}
            for sign in review.sign_offs
        ],
        "exports": {name: f"{base}/api/v1/reviews/{review.ref}/{name}" for name in MEDIA},
        "version": review.version,
    }


def exported(name: str, write: Callable[[Document], bytes]) -> Answer:
    """Answer the review as a document; it is written beside the loop, and not in the database's thread."""
    media, ending = MEDIA[name]

    async def answer(database: Database, asked: Asked) -> Answered:
        document, ref = await database.read(lambda store: _document(store, asked))
        made = await asyncio.to_thread(write, document)
        return Answered(made, media=media, file_name=f"review-{ref}.{ending}")

    return answer


def _document(store: Store, asked: Asked) -> tuple[Document, str]:
    view = _view(store, asked)
    return document_of(view), view.review.ref


def _view(store: Store, asked: Asked) -> ReviewView:
    incident = incident_to_see(store, NOBODY, asked[REF])
    review: Review | None = reviews.review_of(store, NOBODY, incident.id)
    if review is None:
        raise Unknown(f"There is no review of {incident.ref}.")
    return reviews.whole_view(store, review, asked.now(store))
