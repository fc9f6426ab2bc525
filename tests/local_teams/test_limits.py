"""Rate windows: the arithmetic, and the refusal on the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.local_teams.errors import TeamsError
from server.local_teams.limits import RateWindows
from server.local_teams.values import SEND_WINDOWS
from tests.local_teams.harness import GRACE, Stand, standing

TEXT = {"type": "message", "text": "x"}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_eighth_message_in_a_second_waits():
    clock = Clock()
    windows = RateWindows("send", SEND_WINDOWS, clock)
    for _ in range(7):
        windows.take("a")
    with pytest.raises(TeamsError) as refused:
        windows.take("a")
    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (429, "Throttled", 1)
    windows.take("b")
    clock.now += 1.0
    windows.take("a")
    with pytest.raises(TeamsError):
        windows.take("a")
    (first, second) = windows.report()
    assert (first["limit"], first["seconds"], first["conversation"]) == (7, 1.0, "a")
    assert (second["limit"], second["seconds"]) == (8, 2.0)


@given(st.lists(st.floats(min_value=0.0, max_value=3.0), max_size=300))
def test_no_window_is_ever_exceeded(pauses):
    clock = Clock()
    windows = RateWindows("send", SEND_WINDOWS, clock)
    taken = []
    for pause in pauses:
        clock.now += pause
        try:
            windows.take("a")
        except TeamsError:
            continue
        taken.append(clock.now)
    for limit, seconds in SEND_WINDOWS:
        for moment in taken:
            assert sum(moment <= other < moment + seconds for other in taken) <= limit


async def test_a_channel_and_its_threads_are_counted_together(stand: Stand):
    channel = await stand.teams.channel("ada", "General", "Payments")
    post = await stand.teams.say("ada", channel, "Post")
    body = {"channelData": {"channel": {"id": channel}}, "activity": TEXT}
    for where in [channel, f"{channel};messageid={post.id}"] * 3:
        await stand.bot.post(where, TEXT)
    assert (await stand.bot.call("POST", "conversations", body))[0] == 201
    status, answer, headers = await stand.bot.call(
        "POST", f"conversations/{channel};messageid={post.id}/activities", TEXT
    )
    assert (status, answer["error"]["code"]) == (429, "Throttled")
    assert int(headers["Retry-After"]) >= 1
    (violation,) = (await stand.teams.traffic())["violations"]
    assert violation["conversation"] == channel
    chat = (await stand.bot.call("POST", "conversations", {"members": [{"id": GRACE.object_id}]}))[1]["id"]
    await stand.bot.post(chat, TEXT)


async def test_updates_count_only_where_asked_for():
    for count, status in [(False, 200), (True, 429)]:
        async with standing(send_windows=((1, 60.0),), count_updates=count) as stand:
            chat = await stand.teams.personal("ada")
            message = await stand.bot.post(chat, TEXT)
            assert (await stand.bot.call("PUT", f"conversations/{chat}/activities/{message}", TEXT))[0] == status


async def test_reading_members_has_its_own_window():
    async with standing(roster_windows=((2, 60.0),)) as stand:
        chat = await stand.teams.personal("ada")
        statuses = [(await stand.bot.call("GET", f"conversations/{chat}/pagedmembers"))[0] for _ in range(3)]
        assert statuses == [200, 200, 429]
        await stand.bot.post(chat, TEXT)
