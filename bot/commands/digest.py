"""`digest`: the weekly digest at any time, and whether a channel wants it."""

import re

from bot.cards.digest import digest_card, spoken
from bot.grammar import unquoted
from bot.turn import Answer, Command, Reply, Turn
from domain.catalog import Team
from domain.conversation import ConversationKind
from domain.digest import Week
from domain.errors import Refused, Unknown
from usecases import digests
from usecases.digests.posting import zone_of
from usecases.oncall_names import nearest

_TEAM = re.compile(r"(?:^|(?<=\s))team:(\S+)", re.IGNORECASE)
_WEEK = re.compile(r"(?:^|(?<=\s))(?:week[:\s]\s*)?(\d{4}-?w\d{1,2})(?=\s|$)", re.IGNORECASE | re.ASCII)


def run(turn: Turn, rest: str) -> Answer:
    """Show the digest of the last whole week, of this channel's team, else of the organisation."""
    word = unquoted(rest).lower()
    if word in ("mute", "unmute"):
        return _wish(turn, muted=word == "mute")
    named, asked = _TEAM.search(rest), _WEEK.search(rest)
    left = " ".join(_WEEK.sub(" ", _TEAM.sub(" ", rest)).split())
    if left:
        raise Refused(
            f"After `digest` I know team:<id>, a week such as 2026-W48, mute and unmute, but not “{left[:40]}”."
        )
    team = _team(turn, unquoted(named[1].strip(",;"))) if named else _here(turn)
    zone = zone_of(turn.store, team)
    week = Week.parse(asked[1]) if asked else Week.last_whole(turn.now, zone)
    digest = digests.digest_of(turn.store, week, team, zone, turn.now)
    return Reply(text=spoken(digest), card=digest_card(digest))


def _wish(turn: Turn, *, muted: bool) -> Reply:
    if turn.place.kind is not ConversationKind.CHANNEL:
        raise Refused("Digests are posted in channels: write `digest mute` or `digest unmute` in the one you mean.")
    if not digests.posted_in(turn.store, turn.place):
        raise Refused("This channel is no team's, so it gets no digest. Write `here team:<id>` in it first.")
    changed = digests.mute(turn.store, turn.place, muted=muted)
    now = "No digest is posted here any more" if muted else "Digests are posted here again, on Monday at 09:00"
    return Reply(text=f"{now}." if changed else "It is like that already.")


def _team(turn: Turn, name: str) -> Team:
    team = turn.store.catalog.team(name)
    if team is None:
        raise Unknown(nearest(turn.store, name, "team"))
    return team


def _here(turn: Turn) -> Team | None:
    if turn.place.kind is not ConversationKind.CHANNEL:
        return None
    return next((team for team in turn.store.catalog.teams() if team.channel == turn.place.base_id), None)


COMMAND = Command(
    word="digest",
    usage="digest [team:<id>] [2026-W48] · digest mute|unmute",
    meaning="Show the weekly digest, or choose whether this channel gets it.",
    run=run,
    example="digest team:payments",
)
