"""When digests are posted: one piece of work for each team's next Monday, planned anew by the one before it."""

from datetime import datetime

from domain.catalog import Team
from domain.conversation import Place
from domain.digest import Week, next_told
from usecases import letters
from usecases.audit import watching_team
from usecases.outbox import MessageClass
from usecases.ports import Store
from usecases.work import DueWork, NewWork

POST = "digest.post:1"
LETTER = "digest"
"""Letter: the digest of `week` for `team`; no team: for the organisation."""
EVERYBODY = ""
"""Stands for the organisation where a team is named; no team has this id."""


def plan_all(store: Store, now: datetime) -> None:
    """Plan the next digest of every team that has a channel, and of the organisation. Safe to repeat, also at once."""
    for team in [*store.catalog.teams(), None]:
        if team is None or team.channel is not None:
            _plan(store, team, now)


def run_post(store: Store, due: DueWork, now: datetime) -> None:
    """Post the digest of the week that was over last, once, and plan the next one; after an outage only the newest."""
    name = str(due.payload["team"])
    team = store.catalog.team(name) if name != EVERYBODY else None
    if team is None and name != EVERYBODY:
        return
    place, zone = _place(store, team), zone_of(store, team)
    if place is not None and not is_muted(store, place):
        week = Week.last_whole(now, zone)
        letters.to_place(
            store,
            place,
            LETTER,
            key=f"digest:{name}:{week}",
            message_class=MessageClass.CHATTER,
            team=name,
            week=str(week),
        )
    _plan(store, team, now)


def zone_of(store: Store, team: Team | None) -> str:
    """Tell whose Monday counts: the team's; for the organisation that of the team in whose channel it is posted."""
    host = team or watching_team(store)
    return host.time_zone if host else "UTC"


def posted_in(store: Store, place: Place) -> bool:
    """Tell whether digests are posted in a channel, as long as it does not mute them."""
    return any(team.channel == place.base_id for team in store.catalog.teams())


def is_muted(store: Store, place: Place) -> bool:
    """Tell whether a channel wants no digests."""
    return store.key_value.get(_muted(place)) == "yes"


def mute(store: Store, place: Place, *, muted: bool) -> bool:
    """Post no digests in a channel, or post them again; tell whether that was another wish before."""
    changed = is_muted(store, place) != muted
    if changed:
        store.key_value.set(_muted(place), "yes" if muted else "no")
    return changed


def _plan(store: Store, team: Team | None, now: datetime) -> None:
    name, zone = team.id if team else EVERYBODY, zone_of(store, team)
    week, subject = next_told(now, zone), f"digest:{name}"
    wanted = _work(name, week, week.told_at(zone), subject)
    if [(work.dedupe_key, work.due_at) for work in store.work.planned(subject)] == [(wanted.dedupe_key, wanted.due_at)]:
        return
    store.work.cancel(subject)
    if not store.work.add(wanted):  # posted already, on the Monday of another time zone
        week = week.following()
        store.work.add(_work(name, week, week.told_at(zone), subject))


def _work(name: str, week: Week, at: datetime, subject: str) -> NewWork:
    return NewWork(kind=POST, dedupe_key=f"digest:{name}:{week}", due_at=at, subject=subject, payload={"team": name})


def _place(store: Store, team: Team | None) -> Place | None:
    host = team or watching_team(store)
    return letters.channel_of_team(store, host.id) if host else None


def _muted(place: Place) -> str:
    return f"digest.muted:{place.base_id}"
