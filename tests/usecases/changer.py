"""Changes as people and programs record them, for the tests of the whole bot."""

from datetime import timedelta
from typing import Any

from domain.approval import Decision
from domain.change import Change
from tests.support.rota import Rota, utc
from usecases.approvals import asking, deciding
from usecases.changes import recording
from usecases.changes.recording import Draft, Report

AHEAD = "at 2026-11-24 22:00"
EVENING = utc(2026, 11, 24, 22)


async def change(rota: Rota, number: int = 1) -> Change:
    found = await rota.see(lambda store: store.changes.get(number))
    assert found is not None
    return found


async def tell(rota: Rota, text: str, who: str = "ada", **more: Any) -> None:
    """Write something whose answer is a card that is posted for everybody."""
    await rota.router.turn(rota._inbound("message", who, "personal", text=text, **more))


async def card(rota: Rota, index: int = -1) -> dict[str, Any]:
    """Draw the card where it was recorded."""
    return (await rota.letters(name="change"))[index].card


async def decide(rota: Rota, who: str, decision: Decision, comment: str = "") -> Any:
    person = rota.people[who]

    def work(store: Any) -> Any:
        approval = asking.standing(store, "change", 1)
        assert approval is not None
        return deciding.decide(store, person, approval.id, decision, comment=comment, now=rota.now)

    return await rota.change(work)


async def report(rota: Rota, title: str = "Deploy 4.12", minutes: int = 20, **more: Any) -> int:
    """Let a deployment tool record what it has done."""
    state = more.pop("state", None)
    draft = Draft(**{"title": title, "service": "checkout", "at": rota.now - timedelta(minutes=minutes), **more})
    told = Report(source="deploys", state=state)
    made, _ = await rota.change(lambda store: recording.report(store, draft, told, None, rota.now))
    return made.id
