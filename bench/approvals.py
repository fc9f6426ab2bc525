"""Nine people decide at the same moment, on two replicas: one outcome, no vote lost, every copy true afterwards.

    python -m bench.approvals [one] [several] [storm]

50 approvals each. one: a change of medium risk, recorded by a command, where any of nine is enough: one press decides
it, the other eight are told who did. several: five of nine have to say yes, and one of them says no, so that both
outcomes happen. In both the nine press together, one approval after the other. storm: five of nine again, and all 450
press together. Presses are signed invokes of Local Teams, sent to the replicas in turn; Local Teams keeps Teams' rate
windows, and updates of cards count. The floor: nine connections at the same moment, each with a bare psycopg
transaction that locks one row and changes it where its version is the one it has read.
"""

import argparse
import asyncio
import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import psycopg

from bench.approvals_world import CHANNEL, DECIDERS, HANDLES, SERVICE, Pressed, Stage, staged, words
from bench.work_world import Figures, at_share, postgres, print_world
from domain.approval import Approval, ApprovalState, Decider, DeciderKind, Group
from domain.change import Change, ChangeState, Risk
from scheduling.clock import real_now
from usecases.approval_ports import ApprovalCard
from usecases.approvals import asking
from usecases.approvals.asking import Question
from usecases.changes import approving
from usecases.ports import Store

APPROVALS, NEEDED = 50, 5
AHEAD = timedelta(days=3)
LATE = "It is too late"
WINDOWS = {1.0: 7, 2.0: 8, 30.0: 60}
TENANT_MOST = 50  # in a second; Teams' ceiling. Opening a chat is a call that our own bucket of 28 does not count
P99_MOST_S, STORM_MOST_S = 2.0, 10.0  # a person's patience; Teams waits 15 s for the answer to a press
RATIO_MOST = {"one": 30, "several": 60}  # of the medians; where several are needed each vote draws ten copies again
SHAPES = ("one", "several", "storm")


# -- the floor --------------------------------------------------------------------------------------------------------


def floor_ms(url: str) -> Sequence[float]:
    """Let nine connections change one row at the same moment, row after row; give the ms of each."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE bench_vote (id int PRIMARY KEY, votes int NOT NULL, version int NOT NULL)")
        connection.execute("INSERT INTO bench_vote SELECT n, 0, 0 FROM generate_series(1, %s) n", (APPROVALS,))
    times: list[float] = []
    together = threading.Barrier(DECIDERS)

    def votes() -> None:
        with psycopg.connect(url) as connection:
            for row in range(1, APPROVALS + 1):
                together.wait()
                began = time.perf_counter()
                found = connection.execute(
                    "SELECT version FROM bench_vote WHERE id = %s FOR NO KEY UPDATE", (row,)
                ).fetchone()
                assert found
                done = connection.execute(
                    "UPDATE bench_vote SET votes = votes + 1, version = version + 1 WHERE id = %s AND version = %s",
                    (row, found[0]),
                )
                assert done.rowcount == 1
                connection.commit()
                times.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=votes) for _ in range(DECIDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


# -- asking -----------------------------------------------------------------------------------------------------------


async def record(stage: Stage) -> None:
    """Let Rita record changes in a channel, as people do."""
    at = f"{real_now() + AHEAD:%Y-%m-%dT%H:%M}Z"
    for number in range(APPROVALS):
        await stage.say("rita", CHANNEL, f"@Incident change Upgrade {number} service:{SERVICE} risk:medium at {at}")


async def ask(stage: Stage) -> None:
    """Ask for several people's yes to changes that lie ahead, which no command does yet."""
    for number in range(APPROVALS):
        await stage.database.write(lambda store, n=number: _ask(store, n))


def _ask(store: Store, number: int) -> None:
    now = real_now()
    rita, home = store.people.by_handle("rita"), store.conversations.find(CHANNEL)
    assert rita
    assert home
    change = store.changes.add(
        Change(
            id=0,
            title=f"Migrate {number}",
            service=SERVICE,
            risk=Risk.MEDIUM,
            at=now + AHEAD,
            state=ChangeState.PROPOSED,
            recorded_at=now,
            source="teams",
            recorded_by=rita.id,
        )
    )
    assert change
    content = approving.content(store, change.id)
    assert content
    team = Decider(DeciderKind.TEAM, "ops")
    groups = (Group(deciders=(team,), needed=NEEDED),)
    question = Question(
        kind="change", subject_id=change.id, content=content, groups=groups, expires_at=change.at, places=(home,)
    )
    asking.ask(store, rita, question, now)


# -- pressing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Race:
    """An approval before anybody has decided, with all its copies, and the own one of each who may."""

    approval: Approval
    cards: Sequence[ApprovalCard]
    own: Mapping[str, ApprovalCard]


async def races(stage: Stage) -> Sequence[Race]:
    """Find what waits, when all copies stand where they belong."""
    await stage.settled()
    return await stage.database.read(_races)


def _races(store: Store) -> Sequence[Race]:
    found: list[Race] = []
    handles = {person.id: person.handle for person in store.people.active()}
    for approval in store.approvals.latest(state=ApprovalState.PENDING, limit=APPROVALS):
        cards = store.approvals.cards(approval.id)
        found.append(Race(approval, cards, {handles[card.reader]: card for card in cards if card.reader is not None}))
        assert len(found[-1].own) == DECIDERS, (approval.id, [*found[-1].own])
    assert len(found) == APPROVALS
    return found


async def press_all(stage: Stage, waiting: Sequence[Race], *, some_reject: bool, together: bool) -> list[list[Pressed]]:
    """Let everybody press on every approval; who says no to which is drawn by lot."""
    lot = random.Random(9)
    ready = []
    for turn, race in enumerate(waiting):
        against = lot.choice(HANDLES[1:]) if some_reject else ""
        order = lot.sample(HANDLES[1:], DECIDERS)
        ready.append(
            [
                stage.press(
                    who,
                    race.own[who],
                    "approval.reject" if who == against else "approval.approve",
                    number=number + turn,
                    comment=f"said by {who}",
                )
                for number, who in enumerate(order)
            ]
        )
    if together:
        everything = await asyncio.gather(*(stage.send(press) for nine in ready for press in nine))
        return [list(everything[n * DECIDERS : (n + 1) * DECIDERS]) for n in range(len(ready))]
    return [list(await asyncio.gather(*(stage.send(press) for press in nine))) for nine in ready]


# -- judging ----------------------------------------------------------------------------------------------------------


def faults(stage: Stage, race: Race, answers: Sequence[Pressed], after: Approval, change: Change) -> list[str]:
    """Say what is wrong with one approval, a clause for each fault."""
    name = {race.own[who].reader: who for who in race.own}
    found = [f"{a.who} was answered {a.status}" for a in answers if a.status != 200]
    counted = {a.who for a in answers if LATE not in a.card}
    voted = [name[vote.person] for vote in after.votes]
    if sorted(counted) != sorted(voted):
        found.append(f"counted {sorted(counted)} but written {sorted(voted)}")
    if after.is_open or after.decided_by is None or after.votes[-1].person != after.decided_by:
        return [*found, f"{after.state} is no outcome of the last vote"]
    ended = f"{name[after.decided_by].capitalize()} {after.state} it at"
    decided = [a.who for a in answers if a.who in counted and ended in a.card]
    if decided != [name[after.decided_by]]:
        found.append(f"decided by {decided}")
    found += [f"{a.who} was not told who did" for a in answers if a.who not in counted and ended not in a.card]
    wanted = ChangeState.PLANNED if after.state is ApprovalState.APPROVED else ChangeState.REJECTED
    if change.state is not wanted:
        found.append(f"the change is {change.state}")
    for card in race.cards:
        shown = words(stage.message(card).attachments[0]["content"])
        if ended not in shown or "Approve\n" in shown or "Decide\n" in shown:
            found.append(f"the copy of {card.reader} was not drawn again")
    told = [m for m in stage.chat("rita") if f"{change.name}:" in m.text and " it at " in m.text]
    if len(told) != 1:
        found.append(f"who asked was told {len(told)} times")
    return found


async def measure(stage: Stage, shape: str, floor: Sequence[float], figures: Figures) -> None:
    """Run one shape and show what was found."""
    await (record(stage) if shape == "one" else ask(stage))
    waiting = await races(stage)
    before = len(stage.emulator._seam.faults.calls)  # noqa: SLF001
    began = time.monotonic()
    answers = await press_all(stage, waiting, some_reject=shape != "one", together=shape == "storm")
    await stage.settled()
    print(
        f"\n{shape}: {APPROVALS} approvals, {DECIDERS} people; all copies drawn {time.monotonic() - began:.0f} s later"
    )
    after = await stage.database.read(lambda store: [_now(store, race) for race in waiting])
    wrong = [
        f"{approval.subject}: {fault}"
        for race, nine, (approval, change) in zip(waiting, answers, after, strict=True)
        for fault in faults(stage, race, nine, approval, change)
    ]
    for line in wrong[:20]:
        print(f"    {line}")
    states = [approval.state for approval, _ in after]
    votes = sum(len(approval.votes) for approval, _ in after)
    print(
        f"      {states.count(ApprovalState.APPROVED)} approved, {states.count(ApprovalState.REJECTED)} rejected; "
        f"{votes} votes counted, {APPROVALS * DECIDERS - votes} told that it was too late"
    )
    updates = [c for c in list(stage.emulator._seam.faults.calls)[before:] if c.method == "PUT"]  # noqa: SLF001
    print(f"      {len(updates)} updates of {sum(len(race.cards) for race in waiting)} copies and the cards of changes")
    times = [answer.seconds * 1000 for nine in answers for answer in nine]
    figures.add(f"{shape}: faults", len(wrong), most=0)
    figures.spread(f"{shape}: press to answer", times)
    most = STORM_MOST_S if shape == "storm" else P99_MOST_S
    figures.add(f"{shape}: press to answer, p99", at_share(times, 0.99) / 1000, most=most, unit="s")
    if shape in RATIO_MOST:
        name = f"{shape}: p50 to that of bare UPDATE … WHERE version"
        figures.add(name, at_share(times, 0.5) / at_share(floor, 0.5), most=RATIO_MOST[shape])
        figures.add(f"{shape}: the same, p99", at_share(times, 0.99) / at_share(floor, 0.99))


def _now(store: Store, race: Race) -> tuple[Approval, Change]:
    approval, change = store.approvals.get(race.approval.id), store.changes.get(race.approval.subject_id)
    assert approval
    assert change
    return approval, change


def windows(stage: Stage, figures: Figures) -> None:
    """Show the fullest windows of the whole run, counted where Teams counts them."""
    for window, limit in WINDOWS.items():
        figures.add(f"most in {window:g} s of a conversation", stage.fullest(window), most=limit)
    figures.add("most in 1 s of the tenant, new chats opened besides", stage.fullest_of_all(1.0), most=TENANT_MOST)
    figures.add("calls that came too early for Teams", stage.refused, most=0)


async def meet(stage: Stage) -> None:
    """Let the bot get to know everybody, as it has when somebody is asked for a decision."""
    for who in HANDLES:
        await stage.say(who, CHANNEL, "@Incident approvals")


async def run(url: str, floor: Sequence[float], shapes: Sequence[str], figures: Figures) -> None:
    """Run some shapes on one database."""
    async with staged(url) as stage:
        await meet(stage)
        for shape in shapes:
            await measure(stage, shape, floor, figures)
        windows(stage, figures)


def main() -> None:
    """Run it on PostgreSQL; end with 1 when a demand is not met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", nargs="*", choices=(*SHAPES, []), metavar="SHAPE")
    options = parser.parse_args()
    print_world(f"{APPROVALS} approvals, {DECIDERS} people, two replicas on PostgreSQL")
    figures = Figures()
    with postgres() as databases:
        floor = floor_ms(databases.fresh())
        figures.spread("floor: bare UPDATE … WHERE version, nine at once", floor)
        asyncio.run(run(databases.fresh(), floor, options.shapes or SHAPES, figures))
    figures.end()


if __name__ == "__main__":
    main()
