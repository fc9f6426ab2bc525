"""`metrics` through the whole bot."""

from collections.abc import AsyncIterator

import pytest

from tests.support.care_desk import CareDesk
from tests.support.rota import card_of, said, texts
from tests.usecases.changer import tell


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[CareDesk]:
    made = await CareDesk.opened(sqlite_url)
    yield made
    await made.db.close()


async def test_figures_say_how_many_and_that_few_tell_nothing(desk: CareDesk) -> None:
    await tell(desk.rota, "declare Checkout is down sev2 service:checkout")
    desk.sleeps(desk.rota.now.replace(hour=15))
    await tell(desk.rota, "resolve INC-1 Rolled back")
    await tell(desk.rota, "declare Pipeline stuck sev3 service:platform")
    desk.sleeps(desk.rota.now.replace(hour=16))
    shown = texts(card_of(await desk.rota.say("metrics", "ada")))
    assert "2 incidents (1 SEV2, 1 SEV3); 1 still open." in shown
    assert "median 1 h, p90 1 h (n=1); goal: below 2 h" in shown
    assert "too few to tell" in shown
    assert "Figures of Platform: 1 incident" in said(await desk.rota.say("metrics team:platform 7 days", "ada"))


@pytest.mark.parametrize("line", ["metrics team:nope", "metrics soon", "metrics 401 days", "metrics team:"])
async def test_what_is_not_there_is_said_in_a_sentence(desk: CareDesk, line: str) -> None:
    answer = said(await desk.rota.say(line, "ada"))
    assert answer.endswith(".")
    assert "nope" in answer or "number of days" in answer
