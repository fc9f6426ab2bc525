"""The delivery ledger as JSON."""

from typing import Any

from domain.paging import Page
from server.api.parameters import REF
from server.api.table import Asked
from server.times import rfc3339
from usecases import reports
from usecases.ports import Store
from usecases.reports import Ledger


def listed(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer every page of an incident, oldest first."""
    ledger = reports.ledger_report(store, asked[REF])
    return {"items": [_page(page, ledger) for page in ledger.pages]}


def _page(page: Page, ledger: Ledger) -> dict[str, Any]:
    return {
        "person": ledger.handles.get(page.person_id) if page.person_id is not None else None,
        "team": page.team_id,
        "way": str(page.way),
        "reason": str(page.reason),
        "target": page.target,
        "step": page.step,
        "round": page.round,
        "due_at": rfc3339(page.due_at),
        "sent_at": None if page.sent_at is None else rfc3339(page.sent_at),
        "result": str(page.result),
        "detail": page.detail,
        "acknowledged_at": None if page.acknowledged_at is None else rfc3339(page.acknowledged_at),
        "attempts": page.attempts,
        "bundled_into": ledger.cards.get(page.id),
    }
