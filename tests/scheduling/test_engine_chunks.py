from datetime import UTC, datetime, timedelta

from scheduling.engine import _chunks
from tests.support.work import KIND
from usecases.work import DueWork


def due(number: int, subject: str | None) -> DueWork:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    return DueWork(id=number, kind=KIND, due_at=moment, fence=1, subject=subject, payload={})


def test_work_of_a_subject_stays_together_in_order_and_subjects_come_in_one_order():
    work = [due(n, f"incident:{n % 3}" if n % 4 else None) for n in range(20)]
    chunks = _chunks(work, 6)
    assert sorted(one.id for chunk in chunks for one in chunk) == list(range(20))
    for subject in ("incident:0", "incident:1", "incident:2"):
        having = [chunk for chunk in chunks if any(one.subject == subject for one in chunk)]
        assert len(having) == 1
        ids = [one.id for one in having[0] if one.subject == subject]
        assert ids == sorted(ids)
    order = [one.subject for chunk in chunks for one in chunk if one.subject]
    assert order == sorted(order)
    assert all(len(chunk) <= 6 or len({one.subject for one in chunk}) == 1 for chunk in chunks)


def test_nothing_is_cut_into_nothing():
    assert _chunks([], 5) == []
