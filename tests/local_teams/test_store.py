"""What survives a restart."""

import asyncio
import stat
from pathlib import Path

import pytest

from server.local_teams.store import Store, StoreError
from tests.local_teams import cards
from tests.local_teams.harness import listen, standing


async def test_conversations_messages_ids_and_the_key_survive(tmp_path: Path):
    path = tmp_path / "teams.sqlite"
    sock, port = listen()
    async with standing(store_path=path, sock=sock) as stand:
        channel = await stand.teams.channel("ada", "General", "Payments")
        group = await stand.teams.group_chat("ada", "War room", ["grace"])
        chat = await stand.teams.personal("ada")
        said = await stand.teams.say("ada", channel, "@Incident declare X")
        card = await stand.teams.wait_for(lambda m: "Acknowledge" in m.buttons(), person="ada", conversation=channel)
        await stand.teams.say("ada", channel, "list", slash=True)
        await stand.teams.install("ada", group, installed=False)
        token = await stand.bot.token()
        before = {who: await stand.teams.messages(who, channel) for who in ("ada", "grace")}
    async with standing(store_path=path, sock=listen(port)[0]) as stand:
        assert {who: await stand.teams.messages(who, channel) for who in ("ada", "grace")} == before
        assert await stand.teams.personal("ada") == chat
        stand.bot._token = token
        await stand.bot.put(channel, card.id, cards.message(cards.status("Y", mri="29:x")))
        assert (await stand.teams.see("grace", card)).has("Y")
        rooms = {each["id"]: each for each in await stand.teams.conversations("grace")}
        assert (rooms[group]["name"], rooms[group]["installed"]) == ("War room", False)
        later = await stand.teams.say("ada", channel, "after")
        assert int(later.id) > int(said.id)


async def test_the_file_is_for_its_owner_only(tmp_path: Path):
    path = tmp_path / "deep" / "teams.sqlite"
    store = Store(path)
    await store.load()
    store.put("a", "b", {"c": 1})
    await store.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_the_newest_value_wins_and_none_forgets(tmp_path: Path):
    store = Store(tmp_path / "x.sqlite")
    await store.load()
    for n in range(200):
        store.put("counter", "a", n)
        store.put("gone", str(n), n)
        store.put("gone", str(n), None)
    await store.close()
    again = Store(tmp_path / "x.sqlite")
    assert await again.load() == {"counter": {"a": 199}}
    await again.close()


async def test_values_arrive_without_closing(tmp_path: Path):
    store, other = Store(tmp_path / "x.sqlite"), Store(tmp_path / "x.sqlite")
    await store.load()
    store.put("a", "b", "Zoë \ud800")
    assert store._worker is not None
    await asyncio.wrap_future(store._worker.submit(int))
    assert await other.load() == {"a": {"b": "Zoë \ud800"}}
    await other.close()
    await store.close()


async def test_without_a_path_nothing_is_kept():
    store = Store(None)
    assert await store.load() == {}
    store.put("a", "b", 1)
    await store.close()


async def test_a_broken_file_stops_the_start_with_a_sentence(tmp_path: Path):
    (tmp_path / "x.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="Delete it to begin anew"):
        await Store(tmp_path / "x.sqlite").load()


async def test_a_write_that_fails_is_logged_and_does_not_stop_later_ones(tmp_path: Path, caplog):
    store = Store(tmp_path / "x.sqlite")
    await store.load()
    assert store._database is not None
    store._database.execute("DROP TABLE item")
    store.put("a", "b", 1)
    await asyncio.wrap_future(store._worker.submit(int))
    assert "could not write" in caplog.text
    store._database.execute("CREATE TABLE item (kind, key, body, PRIMARY KEY (kind, key))")
    store.put("a", "c", 2)
    await store.close()
    again = Store(tmp_path / "x.sqlite")
    assert await again.load() == {"a": {"c": 2}}
    await again.close()
