"""`app.py demo`: one incident in Local Teams, told from the side of the people who see it."""

import asyncio
import re
import textwrap
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TextIO

from aiohttp import ClientSession

from server.local_teams.client import Seen, TeamsClient

WIDTH = 100  # columns of the terminal text
TEAM, CHANNEL = "Payments", "Incidents"
_ESCAPED = re.compile(r"\\(.)")


@dataclass
class Play:
    """Plays one incident and prints what each person sees. `pause` is real seconds between the scenes."""

    address: str
    teams: TeamsClient
    http: ClientSession
    out: TextIO
    pause: float
    _seen: dict[str, str] = field(default_factory=dict[str, str])

    async def run(self) -> None:
        """Play all scenes."""
        channel = await self.teams.channel("ada", CHANNEL, TEAM)
        self._say(f"It is {await self._now()}. Ada, Grace and Jürgen have the channel {TEAM} / {CHANNEL} open.")
        card = await self._declare(channel)
        root = card.root or card.id
        for minutes, told, act, shown in self._scenes(channel, root, card):
            await self._move(minutes)
            self._say(told)
            await act()
            card = await self._card(channel, shown)
            self._show("everybody", card)
        asked = await self.teams.say("juergen", channel, "@Incident timeline", root=root)
        self._say("Jürgen asks for the timeline.")
        listed = await self.teams.wait_for(
            lambda m: m.from_bot and m.id > asked.id and m.has("Timeline of"), person="juergen", conversation=channel
        )
        self._show("Jürgen", listed)

    async def _declare(self, channel: str) -> Seen:
        self._say("Ada types: /incident declare Checkout is down sev1 service:checkout")
        await self.teams.say("ada", channel, "declare Checkout is down sev1 service:checkout", slash=True)
        card = await self._card(channel, "Checkout is down")
        self._show("everybody", card)
        return card

    def _scenes(
        self, channel: str, root: str, card: Seen
    ) -> list[tuple[int, str, Callable[[], Awaitable[object]], str]]:
        teams = self.teams

        def says(person: str, words: str) -> Callable[[], Awaitable[object]]:
            return lambda: teams.say(person, channel, f"@Incident {words}", root=root)

        def presses(person: str, button: str) -> Callable[[], Awaitable[object]]:
            return lambda: teams.press(person, card, button)

        return [
            (3, "Three minutes later Grace presses Acknowledge.", presses("grace", "Acknowledge"), "Acknowledged by"),
            (1, "Grace presses Take command.", presses("grace", "Take command"), "Change status"),
            (
                12,
                "Jürgen writes a note in the thread.",
                says("juergen", "note Connection pool exhausted since 4.12. Rolling back; half of the pods are done."),
                "Rolling back",
            ),
            (2, "Grace sets the status.", says("grace", "status identified"), "Identified"),
            (20, "The impact is over.", says("grace", "status monitoring"), "Monitoring"),
            (25, "Grace resolves it.", says("grace", "resolve Rolled back to 4.11"), "Resolved"),
        ]

    async def _card(self, channel: str, shown: str) -> Seen:
        def wanted(message: Seen) -> bool:
            return message.from_bot and message.card is not None and message.has("Checkout is down", shown)

        return await self.teams.wait_for(wanted, person="ada", conversation=channel, what=f"a card that says {shown!r}")

    async def _move(self, minutes: int) -> None:
        async with self.http.post(f"{self.address}/dev/clock", json={"advance": f"PT{minutes}M"}) as answer:
            answer.raise_for_status()
        await asyncio.sleep(self.pause)

    async def _now(self) -> str:
        async with self.http.get(f"{self.address}/dev/clock") as answer:
            return str((await answer.json())["now"])[:16].replace("T", " ") + " UTC"

    def _say(self, told: str) -> None:
        print(f"\n{told}", file=self.out, flush=True)

    def _show(self, who: str, message: Seen) -> None:
        """Print a card as lines of text, with its buttons in brackets."""
        buttons = message.buttons()
        lines = [_ESCAPED.sub(r"\1", line).replace("**", "") for line in message.texts().splitlines() if line]
        shown = [line for line in lines if line not in buttons and line != "Refresh"]
        print(f"  {who} sees", file=self.out)
        for line in shown:
            for part in textwrap.wrap(line, WIDTH - 8) or [""]:
                print(f"    | {part}", file=self.out)
        print("    | " + "  ".join(f"[{button}]" for button in buttons), file=self.out, flush=True)


async def play(address: str, emulator: str, out: TextIO, *, pause: float = 3.0) -> None:
    """Play one incident on a server with Local Teams; `emulator` is the address of Local Teams in it."""
    async with TeamsClient(emulator) as teams, ClientSession() as http:
        await Play(address, teams, http, out, pause).run()
