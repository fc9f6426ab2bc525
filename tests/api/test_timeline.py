from datetime import timedelta

import pytest

from domain.incident import Role, Status
from domain.timeline import EntryKind, Source, TimelineEntry
from storage.database import Database
from tests.api.conftest import Api, crew
from tests.support.samples import NOW, incident, place
from usecases import log
from usecases.incidents import Incidents, Trail
from usecases.ports import Store

ROWS = 5_000


def trail(key: str) -> Trail:
    return Trail(Source.MESSAGE, key)


async def story(database: Database) -> None:
    """Store one incident with an entry of every kind."""

    def work(store: Store) -> None:
        who = crew(store)
        at = (Incidents(store, NOW + timedelta(seconds=second)) for second in range(100))
        next(at).declare(
            who.ada, title="Schön ist das nicht", severity=2, services=(), details="", place=place(), trail=trail("m1")
        )
        next(at).acknowledge(who.grace, 1, Trail(Source.BUTTON, "b1"))
        next(at).note(who.lin, 1, "日本語\nzwei Zeilen <at>", trail("m2"))
        next(at).change_status(who.grace, 1, Status.IDENTIFIED, trail("m3"))
        next(at).change_severity(who.grace, 1, 1, trail("m4"))
        next(at).assign(who.ada, 1, Role.COMMANDER, who.grace, trail("m5"))
        next(at).assign(who.ada, 1, Role.COMMANDER, who.lin, trail("m6"))
        next(at).resolve(who.lin, 1, "", Trail(Source.FORM, "f1"))
        next(at).reopen(who.lin, 1, "wieder da", trail("m7"))
        next(at).resolve(who.lin, 1, "Zurückgerollt", trail("m8"))

    await database.write(work)


async def test_every_kind_says_what_was_done(database: Database, api: Api) -> None:
    await story(database)
    answer = await api.get("incidents/inc-1/timeline")
    items = answer.body["items"]
    assert answer.body["next"] is None
    assert [item["seq"] for item in items] == list(range(1, 11))
    assert [(item["kind"], item["actor"], item["text"], item["source"]) for item in items] == [
        ("declared", "ada", "Schön ist das nicht", "message"),
        ("acknowledged", "grace", "Acknowledged.", "button"),
        ("note", "lin", "日本語\nzwei Zeilen <at>", "message"),
        ("status_changed", "grace", "Status changed from investigating to identified.", "message"),
        ("severity_changed", "grace", "Severity changed from 2 to 1.", "message"),
        ("role_assigned", "ada", "grace is commander.", "message"),
        ("role_assigned", "ada", "lin is commander instead of grace.", "message"),
        ("resolved", "lin", "Resolved.", "form"),
        ("reopened", "lin", "wieder da", "message"),
        ("resolved", "lin", "Zurückgerollt", "message"),
    ]
    assert items[0]["data"] == {"severity": 2}
    assert items[3]["data"] == {"from": "investigating", "to": "identified"}
    assert items[5]["data"] == {"role": "commander", "person": "grace", "before": None}
    assert items[6]["data"] == {"role": "commander", "person": "lin", "before": "grace"}
    assert items[1]["at"] == "2026-11-23T14:18:01.000Z"
    assert all(item["revisions"] == [] and "deleted_at" not in item for item in items)


async def test_what_nobody_did_has_no_actor(database: Database, api: Api) -> None:
    await story(database)

    def tell(store: Store) -> None:
        found = store.incidents.lock(1)
        assert found is not None
        log.tell(store, found, EntryKind.PAGED, "Step 1 of critical paged Grace Hopper.", NOW, data={"step": 1})

    await database.write(tell)
    told = (await api.items("incidents/1/timeline"))[-1]
    assert (told["kind"], told["actor"], told["source"]) == ("paged", None, "timer")
    assert (told["text"], told["data"]) == ("Step 1 of critical paged Grace Hopper.", {"step": 1})


async def test_an_edited_note_keeps_its_earlier_texts(database: Database, api: Api) -> None:
    await story(database)

    def edit(store: Store) -> None:
        lin = store.people.by_handle("lin")
        assert lin is not None
        Incidents(store, NOW + timedelta(minutes=1)).revise_note(lin, "m2", "zweite Fassung")
        Incidents(store, NOW + timedelta(minutes=2)).revise_note(lin, "m2", "dritte")

    await database.write(edit)
    note = (await api.items("incidents/1/timeline"))[2]
    assert note["text"] == "dritte"
    assert note["at"] == "2026-11-23T14:18:02.000Z"
    assert note["revisions"] == [
        {"text": "日本語\nzwei Zeilen <at>", "at": "2026-11-23T14:19:00.000Z"},
        {"text": "zweite Fassung", "at": "2026-11-23T14:20:00.000Z"},
    ]


async def test_a_deleted_note_keeps_place_and_time_only(database: Database, api: Api) -> None:
    await story(database)

    def delete(store: Store) -> None:
        lin = store.people.by_handle("lin")
        assert lin is not None
        desk = Incidents(store, NOW + timedelta(minutes=1))
        desk.revise_note(lin, "m2", "geheim")
        desk.erase_words(lin, "m2")

    await database.write(delete)
    answer = await api.get("incidents/1/timeline")
    note = answer.body["items"][2]
    assert (note["seq"], note["at"], note["actor"]) == (3, "2026-11-23T14:18:02.000Z", "lin")
    assert (note["text"], note["revisions"]) == ("", [])
    assert note["deleted_at"] == "2026-11-23T14:19:00.000Z"
    assert "日本語" not in str(answer.body)


async def long_story(database: Database) -> None:
    def work(store: Store) -> None:
        who = crew(store)
        people = (who.ada, who.grace, who.lin)
        store.incidents.add(incident(1, declared_by=who.ada.id, entry_seq=ROWS, version=ROWS))
        for seq in range(1, ROWS + 1):
            store.timeline.append(
                TimelineEntry(
                    incident_id=1,
                    seq=seq,
                    at=NOW + timedelta(seconds=seq),
                    kind=EntryKind.NOTE,
                    actor=people[seq % 3].id,
                    text=f"Ünïcödé 记录 №{seq} 🔥",
                )
            )

    await database.write(work)


async def test_five_thousand_rows_page_without_gap_or_double(database: Database, api: Api) -> None:
    await long_story(database)
    for limit in (None, 999, 1000):
        await page_through(api, limit)


async def page_through(api: Api, limit: int | None) -> None:
    seen, after, pages = [], 0, 0
    size = "" if limit is None else f"&limit={limit}"
    while after is not None:
        answer = await api.get(f"incidents/1/timeline?after={after}{size}")
        assert len(answer.body["items"]) <= (limit or 200)
        seen += answer.body["items"]
        after = answer.body["next"]
        pages += 1
    assert [item["seq"] for item in seen] == list(range(1, ROWS + 1))
    assert [item["text"] for item in seen] == [f"Ünïcödé 记录 №{seq} 🔥" for seq in range(1, ROWS + 1)]
    assert seen[-1]["actor"] == "lin"
    assert pages == -(-ROWS // (limit or 200))


async def test_after_the_last_row_there_is_nothing(database: Database, api: Api) -> None:
    await story(database)
    assert (await api.get("incidents/1/timeline?after=10")).body == {"items": [], "next": None}
    assert (await api.get("incidents/1/timeline?after=999999999")).body == {"items": [], "next": None}
    assert [item["seq"] for item in await api.items("incidents/1/timeline?after=8&limit=1")] == [9]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("after=-1", "after"),
        ("after=x", "after"),
        ("after=1.0", "after"),
        ("after=99999999999999", "after"),
        ("after=1&after=2", "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=all", "limit"),
    ],
)
async def test_a_wrong_parameter_is_named(database: Database, api: Api, query: str, name: str) -> None:
    await story(database)
    answer = await api.get(f"incidents/1/timeline?{query}")
    assert (answer.status, answer.body["detail"].split()[0]) == (400, name)
