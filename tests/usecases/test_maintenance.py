"""`maintenance` through the whole bot on a real store: planned, approved, moved, begun, ended, signed off, called off."""

from datetime import datetime
from typing import Any

import pytest

from domain.approval import Decision
from domain.maintenance import Maintenance
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.rota import Rota, buttons, card_of, said, texts, utc
from usecases import maintenance
from usecases.approvals import asking, deciding
from usecases.work import DueWork

STARTS, ENDS = utc(2026, 11, 28, 22), utc(2026, 11, 29, 2)
PLAN = "maintenance schedule Database upgrade service:checkout from 2026-11-28 22:00 to 2026-11-29 02:00"
RUNS = {
    maintenance.REMIND: maintenance.run_remind,
    maintenance.START: maintenance.run_start,
    maintenance.END: maintenance.run_end,
    asking.EXPIRE: deciding.run_expire,
}


@pytest.fixture
async def rota(db: Database) -> Rota:
    return await Rota.made(db)


async def window(rota: Rota, number: int = 1) -> Maintenance:
    found = await rota.see(lambda store: store.maintenance.get(number))
    assert found is not None
    return found


async def state(rota: Rota, number: int = 1) -> str:
    return str((await window(rota, number)).state)


async def decide(rota: Rota, who: str, decision: Decision = Decision.APPROVE, comment: str = "") -> None:
    def work(store: SqlStore) -> None:
        newest = store.approvals.latest(limit=1)[0]
        deciding.decide(store, rota.people[who], newest.id, decision, comment=comment, now=rota.now)

    await rota.change(work)


async def to(rota: Rota, moment: datetime) -> None:
    """Let time pass until a moment, with all the work due until then: each at its own moment, once."""
    done: set[str] = set()
    while True:
        work = [w for w in await planned(rota) if w.due_at <= moment and w.dedupe_key not in done]
        if not work:
            break
        first = min(work, key=lambda w: w.due_at)
        done.add(first.dedupe_key)
        rota.now = max(rota.now, first.due_at)
        due = DueWork(id=1, kind=first.kind, due_at=first.due_at, fence=1, subject=first.subject, payload=first.payload)
        await rota.change(lambda store, due=due: RUNS[due.kind](store, due, rota.now))
    rota.now = max(rota.now, moment)


async def planned(rota: Rota) -> list[Any]:
    def look(store: SqlStore) -> list[Any]:
        subjects = [f"maintenance:{n}" for n in range(1, 4)] + [f"approval:{n}" for n in range(1, 9)]
        return [work for subject in subjects for work in store.work.planned(subject) if work.kind in RUNS]

    return await rota.see(look)


async def plan(rota: Rota, words: str = PLAN, *, approved: bool = True, who: str = "ada") -> Maintenance:
    await rota.say(words, who)
    if approved:
        await decide(rota, "lin" if who == "ada" else "ada")
    return await window(rota)


async def test_the_main_path(rota: Rota) -> None:
    answer = await rota.say(PLAN)
    assert "waiting for approval" in said(answer)
    assert list(buttons(card_of(answer))) == ["Move", "Cancel"]
    assert await state(rota) == "awaiting_approval"
    await decide(rota, "lin")
    assert await state(rota) == "planned"
    await to(rota, STARTS)
    assert await state(rota) == "in_progress"
    await to(rota, ENDS)
    assert await state(rota) == "overrun"
    answer = await rota.say("maintenance done 1")
    assert "What shows that it is done" in texts(card_of(answer))
    answer = await rota.say("maintenance done #1 restored in 12 min")
    assert await state(rota) == "done"
    assert "Sign-off" in texts(card_of(answer))
    answer = await rota.say("maintenance signoff 1", "lin")
    assert (await window(rota)).done.signed_off_by == rota.people["lin"].id
