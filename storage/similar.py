"""The words of incidents, searched by what each database brings: FTS5 with bm25 on SQLite, tsvector on PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upserting

from domain.similarity import stems
from storage.tables import incident, incident_kind, incident_term, similar_incident
from storage.types import clean
from usecases.similar_ports import Hit, Text

_TOTAL = ""
"""The row of incident_term that counts incidents."""
_COUNT = (
    upserting(incident_term)
    .values(term=bindparam("new_term"), incidents=1)
    .on_conflict_do_update(index_elements=["term"], set_={"incidents": incident_term.c.incidents + 1})
)
_FREQUENCIES = select(incident_term).where(incident_term.c.term.in_(bindparam("terms", expanding=True)))
_KINDS = delete(incident_kind).where(incident_kind.c.incident_id == bindparam("wanted"))
_FORGET = delete(similar_incident).where(similar_incident.c.incident_id == bindparam("wanted"))
_HITS = (
    select(similar_incident)
    .where(similar_incident.c.incident_id == bindparam("wanted"))
    .order_by(similar_incident.c.position)
)


class _Lite:
    """FTS5: porter stems over unicode61 words; a title counts ten times (measured: alert intake, section 15)."""

    AFFORDABLE = 1_500
    TEXTS = "SELECT rowid AS incident_id, title, body FROM incident_words WHERE rowid IN :ids"
    DROP = "DELETE FROM incident_words WHERE rowid = :id"
    ADD = "INSERT INTO incident_words (rowid, title, body) VALUES (:id, :title, :body)"
    SEARCH = (
        "SELECT rowid AS found FROM incident_words WHERE incident_words MATCH :wanted AND rowid < :before "
        "AND rowid > :after ORDER BY bm25(incident_words, 10.0, 1.0) LIMIT :most"
    )

    @classmethod
    def search(cls, words: Mapping[str, float]) -> tuple[str, dict[str, Any]]:
        """Quote every word: what people write is never a query."""
        return cls.SEARCH, {"wanted": " OR ".join(f'"{word}"' for word in words)}


class _Postgres:
    """tsvector, English stems. It knows no rare words, so each one counts with its weight."""

    AFFORDABLE = 600
    TEXTS = "SELECT incident_id, title, body FROM incident_words WHERE incident_id IN :ids"
    DROP = "DELETE FROM incident_words WHERE incident_id = :id"
    ADD = (
        "INSERT INTO incident_words (incident_id, title, body, words) VALUES (:id, :title, :body, "
        "setweight(to_tsvector('english', :title), 'A') || setweight(to_tsvector('english', :body), 'D'))"
    )

    # All that match are ranked once, and only the best of them word by word. What does not change from row to row stands
    # in a subquery: else it is worked out for every row.
    SEARCH = (
        "WITH terms AS MATERIALIZED (SELECT to_tsquery('english', word) AS term, weight "
        "FROM unnest(CAST(:terms AS text[]), CAST(:weights AS float8[])) AS each (word, weight)), "
        "best AS MATERIALIZED (SELECT incident_id, words FROM incident_words "
        "WHERE words @@ (SELECT to_tsquery('english', :wanted)) AND incident_id < :before AND incident_id > :after "
        "ORDER BY ts_rank('{0.1,0.1,0.1,1.0}', words, (SELECT to_tsquery('english', :wanted))) DESC, incident_id DESC "
        "LIMIT 100) "
        "SELECT incident_id AS found FROM best ORDER BY "
        "(SELECT sum(ts_rank('{0.1,0.1,0.1,1.0}', best.words, term) * weight) FROM terms) DESC, incident_id DESC LIMIT :most"
    )

    @classmethod
    def search(cls, words: Mapping[str, float]) -> tuple[str, dict[str, Any]]:
        """Join the words, which are letters and digits alone: what people write is never a query."""
        return cls.SEARCH, {"wanted": " | ".join(words), "terms": [*words], "weights": [*words.values()]}


class SqlSimilar:
    """Implements usecases.similar_ports.Similar."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def affordable(self) -> int:
        """How many incidents a search may rank so that it takes milliseconds."""
        return self._engine.AFFORDABLE

    @property
    def _engine(self) -> type[_Lite] | type[_Postgres]:
        return _Postgres if self._connection.dialect.name == "postgresql" else _Lite

    def put(self, told: Text, words: Collection[str], kinds: Collection[tuple[str, str]]) -> None:
        """Write what is known of an incident, in place of what was known; `words` are the stems of all of it."""
        known = self.texts([told.incident]).get(told.incident)
        before = stems(f"{known.title} {known.body}") if known else frozenset[str]()
        self._connection.execute(text(self._engine.DROP), {"id": told.incident})
        values = {"id": told.incident, "title": clean(told.title), "body": clean(told.body)}
        self._connection.execute(text(self._engine.ADD), values)
        # In one order, so that two transactions that count the same words cannot deadlock.
        counted = sorted({*words} - before) if known else sorted({*words, _TOTAL})
        if counted:
            self._connection.execute(_COUNT, [{"new_term": word} for word in counted])
        self._connection.execute(_KINDS, {"wanted": told.incident})
        rows = [{"incident_id": told.incident, "service_id": service, "words": said} for service, said in kinds]
        if rows:
            self._connection.execute(insert(incident_kind), rows)

    def frequencies(self, words: Collection[str]) -> tuple[Mapping[str, int], int]:
        """Tell in how many incidents stems stand, and how many incidents there are."""
        rows = self._connection.execute(_FREQUENCIES, {"terms": [_TOTAL, *words]})
        found: dict[str, int] = {row.term: row.incidents for row in rows}
        return found, found.pop(_TOTAL, 0)

    def search(self, words: Mapping[str, float], *, before: int, after: int = 0, limit: int) -> Sequence[int]:
        """Find incidents with ids between two that have any of these words, the best first."""
        if not words:
            return []
        statement, values = self._engine.search(words)
        bounds = {"before": before, "after": after, "most": limit}
        return [row.found for row in self._connection.execute(text(statement), values | bounds)]

    def texts(self, ids: Collection[int]) -> Mapping[int, Text]:
        """Read what is known of several."""
        statement = text(self._engine.TEXTS).bindparams(bindparam("ids", expanding=True))
        rows = self._connection.execute(statement, {"ids": sorted(ids)}) if ids else ()
        return {row.incident_id: Text(incident=row.incident_id, title=row.title, body=row.body) for row in rows}

    def same_kind(
        self, kinds: Collection[tuple[str, str]], *, before: int, since: datetime, limit: int
    ) -> Sequence[int]:
        """List incidents declared since a moment, with smaller ids, of one of these kinds, the newest first."""
        found: set[int] = set()
        for service, words in kinds:
            query = (
                select(incident.c.id)
                .join(incident_kind, incident_kind.c.incident_id == incident.c.id)
                .where(incident_kind.c.service_id == service, incident_kind.c.words == words)
                .where(incident.c.id < before, incident.c.declared_at >= since)
                .order_by(incident.c.id.desc())
                .limit(limit)
            )
            found |= set(self._connection.execute(query).scalars())
        return sorted(found, reverse=True)[:limit]

    def found(self, incident_id: int, hits: Sequence[Hit]) -> None:
        """Keep what was found for an incident, in place of what was found before."""
        self._connection.execute(_FORGET, {"wanted": incident_id})
        rows = [
            {
                "incident_id": incident_id,
                "position": place,
                "other_id": hit.other,
                "words": [*hit.words],
                "services": [*hit.services],
                "same_kind": hit.same_kind,
            }
            for place, hit in enumerate(hits)
        ]
        if rows:
            self._connection.execute(insert(similar_incident), rows)

    def hits(self, incident_id: int) -> Sequence[Hit]:
        """Read what was found for an incident, the best first."""
        return [
            Hit(
                incident=row.incident_id,
                other=row.other_id,
                words=tuple(row.words),
                services=tuple(row.services),
                same_kind=row.same_kind,
            )
            for row in self._connection.execute(_HITS, {"wanted": incident_id})
        ]
