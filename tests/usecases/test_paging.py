"""Long stories and long lists, page by page: nothing is lost, nothing comes twice."""

from dataclasses import replace

import pytest

from domain.incident import Role
from storage.unit_of_work import SqlStore
from tests.support.samples import NOW, entry, incident
from tests.usecases.conftest import Desk
from usecases.ports import IncidentFilter
from usecases.views import TIMELINE_PAGE, TimelineView, list_view, timeline_view

ROWS = 5_000


async def long_story(desk: Desk, rows: int = ROWS) -> int:
    """Declare, and let thousands of notes be written."""
    number = await desk.declare()

    def write(store: SqlStore) -> None:
        for seq in range(2, rows + 1):
            store.timeline.append(entry(seq, text=f"note {seq}", incident_id=number, actor=desk.ada.id))
        case = store.incidents.get(number)
        assert case is not None
        store.incidents.save(replace(case, entry_seq=rows, version=rows), seen=case.version)

    await desk.db.write(write)
    return number


async def test_five_thousand_entries_are_paged_both_ways(desk: Desk) -> None:
    number = await long_story(desk)

    def back_and_forth(store: SqlStore) -> tuple[list[int], list[int]]:
        case = store.incidents.get(number)
        assert case is not None
        page, back = timeline_view(store, case), list[int]()
        while True:
            back = [*seqs(page), *back]
            if not page.older:
                break
            page = timeline_view(store, case, before=page.entries[0].seq)
        forth = seqs(page)
        while page.newer:
            page = timeline_view(store, case, after=page.entries[-1].seq)
            forth += seqs(page)
        return back, forth

    def seqs(page: TimelineView) -> list[int]:
        found = [e.seq for e in page.entries]
        assert found == list(range(found[0], found[-1] + 1))
        assert 0 < len(found) <= TIMELINE_PAGE
        return found

    back, forth = await desk.see(back_and_forth)
    assert back == forth == list(range(1, ROWS + 1))


async def test_the_first_page_is_the_newest_and_its_ends_say_what_follows(desk: Desk) -> None:
    number = await long_story(desk, 60)

    async def page(**where: int) -> tuple[int, int, bool, bool]:
        view = await desk.do(lambda i: i.timeline(desk.ada, number, **where))
        return view.entries[0].seq, view.entries[-1].seq, view.older, view.newer

    assert await page() == (36, 60, True, False)
    assert await page(before=36) == (11, 35, True, True)
    assert await page(before=27) == (2, 26, True, True)
    assert await page(before=11) == (1, 10, False, True)
    assert await page(after=10) == (11, 35, True, True)
    assert await page(after=35) == (36, 60, True, False)
    assert await page(after=58) == (59, 60, True, False)


@pytest.mark.parametrize("where", [{"after": 60}, {"before": 1}, {"before": 0}, {"after": 2**31 - 1}])
async def test_beyond_the_ends_there_is_nothing(desk: Desk, where: dict[str, int]) -> None:
    number = await long_story(desk, 60)
    view = await desk.do(lambda i: i.timeline(desk.ada, number, **where))
    assert (view.entries, view.older, view.newer) == ([], False, False)


async def test_a_page_knows_everybody_it_names(desk: Desk) -> None:
    n = await desk.declare()
    await desk.do(lambda i: i.assign(desk.ada, n, Role.SCRIBE, desk.grace, desk.trail()))
    await desk.do(lambda i: i.assign(desk.ada, n, Role.SCRIBE, desk.lin, desk.trail()))
    view = await desk.do(lambda i: i.timeline(desk.ada, n))
    assert set(view.people) == {desk.ada.id, desk.grace.id, desk.lin.id}


async def test_a_status_card_reads_the_newest_words_of_a_long_story(desk: Desk) -> None:
    number = await long_story(desk)
    latest = (await desk.do(lambda i: i.show(desk.ada, number))).latest
    assert latest is not None
    assert latest.text == f"note {ROWS}"


# -- lists --------------------------------------------------------------------------------------------------------


async def many_incidents(desk: Desk) -> None:
    """Forty-five incidents: every third is resolved, every fifth touches a service, every seventh has Grace."""

    def write(store: SqlStore) -> None:
        for n in range(1, 46):
            case = incident(0, title=f"Incident {n}", declared_by=desk.ada.id, declared_at=NOW)
            case = replace(case, services=("checkout",) if n % 5 == 0 else ())
            case = replace(case, roles={Role.SCRIBE: desk.grace.id} if n % 7 == 0 else {})
            store.incidents.add(case)

    await desk.db.write(write)
    for n in range(3, 46, 3):
        await desk.do(lambda i, n=n: i.resolve(desk.lin, n, "", desk.trail()))


ALL = set(range(1, 46))
OPEN = {n for n in ALL if n % 3}


async def test_lists_are_paged_without_loss(desk: Desk) -> None:
    await many_incidents(desk)

    async def listed(**wanted: object) -> list[int]:
        found: list[int] = []
        before: int | None = None
        while True:
            asked = IncidentFilter(**{"limit": 10, **wanted, "before": before})
            page = await desk.see(lambda s, a=asked: list_view(s, a, NOW))
            assert len(page.incidents) <= asked.limit
            found += [i.id for i in page.incidents]
            before = page.next_before
            if before is None:
                return found

    assert await listed() == sorted(ALL, reverse=True)
    assert await listed(open_only=True) == sorted(OPEN, reverse=True)
    assert await listed(service="checkout") == sorted((n for n in ALL if n % 5 == 0), reverse=True)
    assert await listed(open_only=True, service="checkout") == sorted((n for n in OPEN if n % 5 == 0), reverse=True)
    assert await listed(person_id=desk.grace.id) == sorted((n for n in ALL if n % 7 == 0), reverse=True)
    assert await listed(person_id=desk.ada.id) == sorted(ALL, reverse=True)
    assert await listed(person_id=desk.lin.id) == []
    assert await listed(limit=45) == sorted(ALL, reverse=True)


async def test_a_list_names_its_people_services_and_severities(desk: Desk) -> None:
    await many_incidents(desk)
    page = await desk.see(lambda s: list_view(s, IncidentFilter(limit=45), NOW))
    assert page.services == {"checkout": "Checkout"}
    assert set(page.people) == {desk.ada.id, desk.grace.id}
    assert page.severity_names[1] == "Critical"
    assert page.next_before is None


async def test_a_list_of_a_service_names_it_even_when_it_is_empty(desk: Desk) -> None:
    page = await desk.see(lambda s: list_view(s, IncidentFilter(service="search"), NOW))
    assert (page.incidents, page.services.get("search")) == ([], "Search")
