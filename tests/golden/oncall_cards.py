"""The cards of on-call look-ups, overrides, swaps and changed shifts, worst cases included, and their forms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from bot.cards import kit
from bot.cards.oncall import oncall_card, person_card, spoken, spoken_person
from bot.cards.override import override_card
from bot.cards.override import spoken as spoken_override
from bot.cards.swap import spoken as spoken_swap
from bot.cards.swap import swap_card
from bot.letters import shift_news as news
from dialogs import override, swap
from domain.catalog import Service, Side, Team
from domain.durations import parse_shift_length
from domain.handoff import Handoff
from domain.oncall import Override, Rotation, Schedule, parse_weekly_window
from domain.people import Person
from domain.swap import Swap, SwapState
from tests.support.samples import ADA, GRACE, LIN, NOW, person
from tests.support.shelf import Shelf, turn
from usecases import oncall
from usecases.oncall import OnCallView
from usecases.oncall_ports import Feed, MadeOverride
from usecases.overrides import Covered, OverrideView
from usecases.ports import Store
from usecases.swaps import SwapView

NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '
LONG_NAME = "Maria-Magdalena von Hohenfels-Großschönau <at>all</at> *x* 🔥 " * 2
WIDE = person(8, LONG_NAME, handle="wide", time_zone="America/Argentina/ComodRivadavia")
ZOE = person(4, "Zoë Ångström", handle="zoe", time_zone="Europe/Berlin")
CREW = (ADA, GRACE, LIN, ZOE, WIDE)


MONDAY = datetime(2026, 11, 2, 9)  # noqa: DTZ001 - a wall clock has no zone


def rotation(*people: str, shift: str = "P7D", only: str = "") -> Rotation:
    windows = (parse_weekly_window(only),) if only else ()
    return Rotation(starts=MONDAY, shift=parse_shift_length(shift), people=people, only=windows)


def schedule(name: str, team: str, *rotations: Rotation, **more: Any) -> Schedule:
    return Schedule(**{"id": name, "team": team, "time_zone": "Europe/London", "rotations": rotations, **more})


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


NIGHT = Override(person="lin", starts_at=NOW - timedelta(hours=2), ends_at=NOW + timedelta(hours=4))
PRIMARY = schedule("payments-primary", "payments", rotation("ada", "grace"))
SECONDARY = schedule("payments-secondary", "payments", rotation("grace", "ada"), overrides=(NIGHT,))
OPS = schedule(
    "it-ops-primary", "it-ops", rotation("lin", shift="P1D", only="mon-fri 09:00-18:00"), time_zone="Asia/Kolkata"
)
PLATFORM = schedule("platform-primary", "platform", calendar="https://calendar.example.org/p.ics")
TEAMS = (
    Team(id="payments", name="Payments", side=Side.ENGINEERING, members=("ada", "grace")),
    Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS, members=("lin",)),
    Team(id="platform", name="Platform", side=Side.PLATFORM, members=("zoe",)),
)
CHECKOUT = Service(id="checkout", name="Checkout", owner="payments", operations="it-ops")


@dataclass
class Rotas(Shelf):
    """A shelf that knows of handoffs and outside calendars too."""

    handing: Sequence[Handoff] = ()
    calendars: Sequence[Feed] = ()

    @property
    def handoffs(self) -> "Rotas":
        return self

    @property
    def feeds(self) -> "Rotas":
        return self

    def around(self, schedule_id: str, at: datetime) -> Sequence[Handoff]:
        return [handoff for handoff in self.handing if handoff.schedule == schedule_id]

    def get(self, schedule_id: str) -> Feed | None:
        return next((feed for feed in self.calendars if feed.schedule == schedule_id), None)


def shelf(*rotas: Schedule, **more: Any) -> Rotas:
    given: dict[str, Any] = {
        "known": {p.id: p for p in CREW},
        "listed": (CHECKOUT,),
        "teams": TEAMS,
        "rotas": rotas or (PRIMARY, SECONDARY, OPS, PLATFORM),
        "calendars": (Feed(schedule="platform-primary", url="x", good_at=utc(2026, 11, 20, 8), error=NASTY),),
    }
    return Rotas(**{**given, **more})


def looked_up(
    words: str = "", reader: Person = ADA, at: Rotas | None = None, zone: str | None = "", **more: Any
) -> Any:
    """Send what a look-up shows to its reader; `zone` None is for everybody."""
    store = cast("Store", at or shelf())
    seen = oncall.look_up(store, words, more.pop("now", NOW)) if words else oncall.everything(store, reader, NOW)
    zone = reader.time_zone if zone == "" else zone
    if isinstance(seen, Person):
        shown = oncall.of_person(store, seen, NOW)
        return kit.message(spoken_person(shown, zone), person_card(shown, zone, mine=seen.id == reader.id))
    return sent(seen, zone, **more)


def sent(seen: OnCallView, zone: str | None, **more: Any) -> dict[str, Any]:
    return kit.message(spoken(seen, zone), oncall_card(seen, zone, **more))


HANDED = Handoff(
    id=7, schedule="payments-primary", outgoing=ADA.id, incoming=GRACE.id, boundary_at=utc(2026, 11, 23, 14)
)


def many() -> dict[str, Any]:
    """Two hundred schedules of people with the longest names."""
    rotas = [
        schedule(f"schedule-{n:03}-{'x' * 50}", "payments", rotation("wide", "ada"), overrides=(NIGHT,))
        for n in range(200)
    ]
    feeds = [Feed(schedule=s.id, url="x", good_at=NOW, error=NASTY * 9) for s in rotas]
    waiting = [replace(HANDED, schedule=s.id) for s in rotas]
    dated = [replace(s, calendar="https://calendar.example.org/p.ics") for s in rotas]
    team = replace(TEAMS[0], name=LONG_NAME)
    return looked_up(reader=WIDE, at=shelf(*dated, calendars=feeds, handing=waiting, teams=(team,)), said=NASTY)


# -- overrides --------------------------------------------------------------------------------------------------------

BEGINS, ENDS = utc(2026, 12, 5, 22), utc(2026, 12, 6, 8)


def made(reader: Person, **more: Any) -> dict[str, Any]:
    """Send an override of Ada's shift for Lin, made by Grace, to one of them."""
    given: dict[str, Any] = {
        "made": MadeOverride(
            id=3,
            schedule="payments-primary",
            override=Override(person="lin", starts_at=BEGINS, ends_at=ENDS),
            made_by=GRACE.id,
            made_at=NOW,
        ),
        "person": LIN,
        "maker": GRACE,
        "replaced": {ADA.id: ((BEGINS, ENDS),)},
        "people": {p.id: p for p in CREW},
        "covers": (),
        "now": NOW,
    }
    seen = OverrideView(**{**given, **more})
    return kit.message(spoken_override(seen, reader), override_card(seen, reader))


def worst_override(reader: Person, maker: Person) -> dict[str, Any]:
    """An override of a year over shifts of an hour."""
    spans = tuple((NOW + timedelta(hours=n), NOW + timedelta(hours=n, minutes=30)) for n in range(1, 900))
    covered = Covered(override=Override(person="x", starts_at=BEGINS, ends_at=ENDS), person=LONG_NAME, made_by=WIDE.id)
    name = "schedule-" + "x" * 55
    override_ = Override(person="ada", starts_at=NOW + timedelta(hours=1), ends_at=NOW + timedelta(days=366))
    return made(
        reader,
        made=MadeOverride(id=2**31 - 1, schedule=name, override=override_, made_by=maker.id, made_at=NOW),
        person=ADA,
        maker=maker,
        replaced=dict.fromkeys(range(8, 40), spans),
        people={n: replace(WIDE, id=n) for n in range(8, 40)},
        covers=(covered,) * 90,
        cut=True,
        untold=(WIDE,),
    )


# -- swaps ------------------------------------------------------------------------------------------------------------

SWAP = Swap(
    id=5,
    schedule="payments-primary",
    asker=ADA.id,
    other=GRACE.id,
    gives_from=utc(2026, 11, 30, 9),
    gives_to=utc(2026, 12, 7, 9),
    takes_from=utc(2026, 12, 7, 9),
    takes_to=utc(2026, 12, 14, 9),
    asked_at=NOW,
)


def swapped(reader: Person, state: SwapState = SwapState.ASKED, **more: Any) -> dict[str, Any]:
    """Send a swap that Ada asked Grace for."""
    seen = SwapView(**{"swap": replace(SWAP, state=state), "asker": ADA, "other": GRACE, "now": NOW, **more})
    return kit.message(spoken_swap(seen, reader), swap_card(seen, reader))


# -- news -------------------------------------------------------------------------------------------------------------


def news_of(reader: Person, *items: dict[str, Any]) -> dict[str, Any]:
    """Send news of changed shifts."""
    store = cast("Store", shelf())
    drawn = news.draw(store, {"reader": reader.id, "news": list(items)}, NOW)
    assert drawn is not None
    return drawn


def item(name: str, gained: int, lost: int) -> dict[str, Any]:
    def spans(count: int, day: int) -> list[list[str]]:
        return [[f"2026-12-{day + n:02}T22:00Z", f"2026-12-{day + n + 1:02}T08:00Z"] for n in range(count)]

    return {"schedule": name, "gained": spans(gained, 1), "lost": spans(lost, 10)}


# -- forms ------------------------------------------------------------------------------------------------------------


def form(which: Any, at: Rotas | None = None, *, problem: str | None = None, asker: Person = ADA, **values: Any) -> Any:
    """Send a form."""
    drawn = which.draw(turn(at or shelf(), actor=asker), values, problem)
    return kit.message(problem or which.title, drawn)


CROWDED = [schedule(f"schedule-{n:03}", "payments", rotation("ada", "wide", shift="P1D")) for n in range(80)]

CARDS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "oncall-everything": looked_up,
    "oncall-everything-for-everybody": lambda: looked_up(reader=LIN, zone=None),
    "oncall-service": lambda: looked_up("checkout", LIN),
    "oncall-service-still-paged": lambda: looked_up("checkout", at=shelf(handing=(HANDED,))),
    "oncall-schedule-said": lambda: looked_up("payments-primary", said="Lin Wei 林薇 is on call on payments-primary."),
    "oncall-team-without-schedule": lambda: looked_up("it-ops", at=shelf(PRIMARY)),
    "oncall-same-name": lambda: looked_up(
        "payments", at=shelf(listed=(Service(id="payments", name=NASTY, owner="payments"),))
    ),
    "oncall-none": lambda: looked_up(at=shelf(listed=(), teams=(), rotas=())),
    "oncall-worst": many,
    "oncall-person": lambda: looked_up("@grace", LIN),
    "oncall-me": lambda: looked_up("@lin", LIN),
    "oncall-person-never": lambda: looked_up("@zoe"),
    "override-taker": lambda: made(LIN),
    "override-replaced": lambda: made(ADA),
    "override-maker": lambda: made(GRACE),
    "override-maker-repeated": lambda: made(GRACE, repeated=True),
    "override-gap": lambda: made(LIN, replaced={}),
    "override-begun": lambda: made(LIN, now=BEGINS),
    "override-worst-maker": lambda: worst_override(WIDE, WIDE),
    "override-worst-replaced": lambda: worst_override(WIDE, ADA),
    "swap-asked": lambda: swapped(GRACE),
    "swap-asked-asker": lambda: swapped(ADA),
    "swap-asked-asker-repeated": lambda: swapped(ADA, repeated=True),
    "swap-stale": lambda: swapped(GRACE, stale="Ada Lovelace's shift has begun already, so it cannot be swapped."),
    "swap-accepted": lambda: swapped(GRACE, SwapState.ACCEPTED),
    "swap-accepted-asker": lambda: swapped(ADA, SwapState.ACCEPTED),
    "swap-declined-asker": lambda: swapped(ADA, SwapState.DECLINED),
    "swap-withdrawn": lambda: swapped(GRACE, SwapState.WITHDRAWN),
    "swap-worst": lambda: swapped(WIDE, asker=WIDE, swap=replace(SWAP, asker=WIDE.id, schedule="x" * 64)),
    "shift-news": lambda: news_of(LIN, item("payments-primary", 1, 2), item("it-ops-primary", 0, 1)),
    "shift-news-worst": lambda: news_of(WIDE, *(item(NASTY[:64], 9, 9) for _ in range(40))),
    "form-override": lambda: form(override.FORM, schedule="payments-primary", embedded=True, words="service:checkout"),
    "form-override-problem": lambda: form(
        override.FORM,
        problem="I know no schedule “<at>x</at>”. Did you mean `payments-primary`?",
        asker=LIN,
        person="lin",
        starts=BEGINS.isoformat(),
        ends=ENDS.isoformat(),
    ),
    "form-override-unread": lambda: form(
        override.FORM,
        shelf(PRIMARY),
        problem="I know no schedule “prim”. I know nobody called “lnn”. “2026-02-30 10:00” is no date and time I can read.",
        schedule=None,
        person=None,
        starts=None,
        ends=ENDS.isoformat(),
    ),
    "form-override-worst": lambda: form(
        override.FORM,
        shelf(*CROWDED, known={n: replace(WIDE, id=n, handle=f"p{n}") for n in range(500)}),
        problem=NASTY,
        schedule="schedule-007",
        person="p7",
        starts_day="x" * 900,
        ends_time="y" * 900,
        nonce="n" * 900,
    ),
    "form-swap": lambda: form(swap.FORM, shelf(PRIMARY), embedded=True),
    "form-swap-which": lambda: form(swap.FORM, shelf(PRIMARY, schedule("second", "payments", rotation("lin", "ada")))),
    "form-swap-problem": lambda: form(
        swap.FORM, shelf(PRIMARY), problem="Ada Lovelace's shift has begun already.", asker=GRACE
    ),
    "form-swap-days": lambda: form(
        swap.FORM,
        shelf(PRIMARY),
        problem="Ada Lovelace has no shift on payments-primary that begins on 2026-12-01: choose one below.",
        **{"schedule": "payments-primary", "with": "grace", "gives_on": "2026-12-01", "takes_on": "2026-12-07"},
    ),
    "form-swap-none": lambda: form(swap.FORM, asker=ZOE),
    "form-swap-worst": lambda: form(swap.FORM, shelf(CROWDED[0]), asker=WIDE),
}
