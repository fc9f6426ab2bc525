"""What changed on the services of an incident: on its card, in its list, linked as its cause."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from domain.change import Risk
from storage.database import Database
from tests.support.rota import Rota, buttons, everything, shown, texts
from tests.support.samples import NOW
from tests.usecases.changer import AHEAD, report, tell
from usecases.changes.views import failure_rate


@pytest.fixture
async def rota(db: Database) -> AsyncIterator[Rota]:
    return await Rota.made(db)


async def status(rota: Rota, number: int = 1, who: str = "ada") -> dict[str, Any]:
    return (await rota.press("incident.view", {"incident": number}, who))["value"]


async def test_a_declared_incident_shows_what_changed_on_its_services(rota: Rota) -> None:
    await report(rota, "Deploy **4.12**", minutes=30, risk=Risk.HIGH)
    await report(rota, "Flag on", minutes=23 * 60)
    await report(rota, "Too old", minutes=25 * 60)
    await report(rota, "Elsewhere", service="platform")
    await report(rota, "Not yet", minutes=-60)
    await tell(rota, "declare It is down service:checkout")
    drawn = texts(await status(rota))
    assert "**2 changes on Checkout** in the last 24 h  ›" in drawn
    assert "13:48 UTC  ·  ▲ High risk, done  ·  Deploy \\*\\*4.12\\*\\*" in drawn.replace("(the same in UTC)", "")
    assert "Flag on" in drawn
    assert not any(word in drawn for word in ("Too old", "Elsewhere", "Not yet"))
    rota.later(hours=4)
    assert "in the last 28 h" in texts(await status(rota))


async def test_only_the_newest_three_are_named(rota: Rota) -> None:
    for n in range(5):
        await report(rota, f"Deploy {n}", minutes=n + 1)
    await tell(rota, "declare It is down service:checkout")
    drawn = texts(await status(rota))
    assert "**5 changes on Checkout**" in drawn
    assert [f"Deploy {n}" in drawn for n in range(5)] == [True, True, True, False, False]


async def test_without_services_or_changes_nothing_is_said_and_nothing_is_asked(rota: Rota) -> None:
    await report(rota)
    await tell(rota, "declare It is down")
    await tell(rota, "declare Pipeline service:platform")
    for n in (1, 2):
        assert [o for o in everything(await status(rota, n)) if o.get("verb") == "incident.changes"] == []
    assert "names no service" in shown(await rota.press("incident.changes", {"incident": 1}))
    assert "Nothing changed" in shown(await rota.press("incident.changes", {"incident": 2}))


async def listed(rota: Rota, number: int = 1) -> dict[str, Any]:
    opens = next(o for o in everything(await status(rota, number)) if o.get("verb") == "incident.changes")
    return (await rota.press(opens["verb"], opens["data"]))["value"]


def links(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [o for o in everything(card) if o.get("verb") == "change.link"]


async def test_one_press_links_the_cause_and_another_takes_it_back(rota: Rota) -> None:
    for n in range(6):
        await report(rota, f"Deploy {n}", minutes=n + 1)
    await tell(rota, "declare It is down service:checkout")
    first = await listed(rota)
    assert len(links(first)) == 4
    older = buttons(first)["Older"]
    second = (await rota.press(older["verb"], older["data"]))["value"]
    assert len(links(second)) == 2
    assert len([o for o in everything(first) if o.get("type") == "Action.Execute"]) <= 6
    press = links(first)[1]
    answer = await rota.press(press["verb"], press["data"], "grace")
    assert "Change 2 is linked as the cause of INC-1." in shown(answer)
    assert "**Cause:** Change 2, Deploy 1 (done)  ›" in texts(await status(rota))
    incident = await rota.see(lambda store: store.incidents.get(1))
    assert "linked as the cause of INC-1 already" in shown(await rota.press(press["verb"], press["data"]))
    late = links(first)[0]
    assert "Change 2 is linked as the cause of INC-1. Unlink it first." in shown(
        await rota.press(late["verb"], late["data"])
    )
    assert await rota.see(lambda store: store.incidents.get(1)) == incident
    again = await listed(rota)
    assert links(again) == []
    unlink = buttons(again)["Unlink Change 2"]
    assert "is not linked to INC-1 any more" in shown(await rota.press(unlink["verb"], unlink["data"]))
    assert "is not linked to INC-1." in shown(await rota.press(unlink["verb"], unlink["data"], "lin"))
    story = await rota.see(lambda store: store.timeline.page(1, limit=9))
    assert [e.text for e in story[1:]][-2:] == [
        "Grace Hopper linked change 2 “Deploy 1” as the cause.",
        "Ada Lovelace took back that change 2 “Deploy 1” is the cause.",
    ]


async def test_a_cause_that_is_rolled_back_is_told_on_the_incident(rota: Rota) -> None:
    number = await report(rota)
    await tell(rota, "declare It is down service:checkout")
    await rota.press("change.link", {"incident": 1, "change": number})
    version = (await rota.see(lambda store: store.incidents.get(1))).version
    await rota.press("change.rolled_back", {"change": number, "comment": ""}, "lin")
    story = await rota.see(lambda store: store.timeline.page(1, limit=99))
    assert story[-1].text == ("Change 1 “Deploy 4.12”, which is linked as the cause, was rolled back (Lin Wei 林薇).")
    assert (await rota.see(lambda store: store.incidents.get(1))).version == version + 1
    assert "**Cause:** Change 1, Deploy 4.12 (rolled back)" in texts(await status(rota))
    assert "Cause of\nINC-1" in shown(await rota.press("change.view", {"change": number}))
    assert await rota.see(lambda store: failure_rate(store, NOW - timedelta(days=1), NOW)) == (1, 1)


async def test_a_resolved_incident_keeps_its_cause_and_may_still_get_one(rota: Rota) -> None:
    number = await report(rota)
    await tell(rota, "declare It is down service:checkout")
    await rota.say("resolve INC-1 done")
    rota.later(days=3)
    await report(rota, "Later")
    assert "**1 change on Checkout** from 24 h before it until it was resolved" in texts(await status(rota))
    await rota.press("change.link", {"incident": 1, "change": number})
    assert "**Cause:** Change 1" in texts(await status(rota))


@pytest.mark.parametrize(
    "data", [{"incident": 1}, {"change": 1}, {"incident": 9, "change": 1}, {"incident": 1, "change": 9}]
)
async def test_a_link_to_nothing_is_answered_in_a_sentence(rota: Rota, data: Any) -> None:
    await tell(rota, "declare It is down service:checkout")
    assert shown(await rota.press("change.link", data)).strip()


async def test_what_never_happened_is_no_cause(rota: Rota) -> None:
    await tell(rota, f"change Upgrade service:checkout {AHEAD}")
    await rota.press("change.cancel", {"change": 1})
    await tell(rota, "declare It is down service:checkout")
    assert "was cancelled, so it cannot be the cause" in shown(
        await rota.press("change.link", {"incident": 1, "change": 1})
    )
