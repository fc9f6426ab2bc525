"""The weekly digest as JSON."""

from typing import Any

from domain.digest import Week
from domain.errors import Refused
from server.api.parameters import DIGEST_TEAM, DIGEST_WEEK
from server.api.table import Asked
from server.times import rfc3339
from usecases.digests import digest_of
from usecases.digests.posting import zone_of
from usecases.ports import Store


def shown(store: Store, asked: Asked) -> dict[str, Any]:
    """Answer the digest of a week, of all or of a team, as it would be posted now."""
    now, named = asked.now(store), asked[DIGEST_TEAM]
    team = store.catalog.team(named) if named is not None else None
    if named is not None and team is None:
        raise Refused(f"team names no team of the organisation: there is no “{named[:40]}”.")
    zone = zone_of(store, team)
    digest = digest_of(store, asked[DIGEST_WEEK] or Week.last_whole(now, zone), team, zone, now)
    return {
        "title": digest.title,
        "week": str(digest.week),
        "team": team.id if team else None,
        "from": rfc3339(digest.since),
        "to": rfc3339(digest.until),
        "quiet": digest.quiet,
        "incidents": len(digest.figures.incidents),
        "sections": [{"id": s.id, "title": s.title, "lines": [*s.lines]} for s in digest.sections],
    }
