"""The statements of due work. One text for both databases; the few words they spell differently are filled in.

Claiming pushes `available_at` forward by the lease: an expired lease is simply due again, so one index serves new,
retried and abandoned work. `attempts` and `lease_owner` together are the fence: they change with every claim, and a
row that was moved belongs to nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from storage.types import to_json
from usecases.work import DueWork

CHANNEL = "work_due"

_SERVER_CLOCK = "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS bigint)"
_POSTGRES = {
    # Never IN (SELECT ... LIMIT): a nested-loop plan runs the LIMIT once per outer row and claims too much.
    "first": "= ANY(ARRAY({}))",
    "skip": "FOR UPDATE SKIP LOCKED",
    "known": "kind = ANY(CAST(:kinds AS text[]))",
    "pairs": "unnest(CAST(:ids AS bigint[]), CAST(:fences AS integer[])) AS held (id, fence)",
    "tell": f", CASE WHEN CAST(:tell AS text) IS NOT NULL THEN pg_notify('{CHANNEL}', :tell) END AS told",
    "minus": "<> ALL(CAST(:own AS bigint[]))",
}
_SQLITE = {
    "first": "IN ({})",
    "skip": "",
    "known": "kind IN (SELECT value FROM json_each(:kinds))",
    "pairs": """(SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS fence
        FROM json_each(:pairs)) AS held""",
    "tell": "",
    "minus": "NOT IN (SELECT value FROM json_each(:own))",
}

_ADD = """
INSERT INTO work (kind, dedupe_key, subject, due_at, available_at, state, attempts, payload, created_at)
VALUES (:kind, :key, CAST(:subject AS text), :due, :due, 0, 0, :payload, :now)
ON CONFLICT (dedupe_key) DO NOTHING RETURNING id{tell}"""
_MOVE = """
UPDATE work SET due_at = :due, available_at = :due, lease_owner = NULL, last_error = NULL
 WHERE dedupe_key = :key AND state = 0 AND id {minus} RETURNING id{tell}"""
_CANCEL = "DELETE FROM work WHERE state = 0 AND subject = :subject AND id {minus}"
_CANCEL_KINDS = _CANCEL + " AND {known}"
_PLANNED = """
SELECT kind, dedupe_key, subject, due_at, payload FROM work
 WHERE state = 0 AND subject = :subject AND id {minus} ORDER BY due_at, id"""
# What was given up is not looked at again: `available_at` says when it was, a retry later at most.
_DEAD = """
SELECT id, kind, due_at, subject, last_error FROM work
 WHERE state = 3 AND available_at >= :since ORDER BY id DESC LIMIT :most"""

_CLAIM = """
UPDATE work SET available_at = {now} + :lease, attempts = attempts + 1, lease_owner = :me
 WHERE id {first} RETURNING id, kind, due_at, attempts, subject, payload"""
_READY = """
SELECT id FROM work WHERE state = 0 AND available_at <= {now} AND {known}
 ORDER BY available_at, id LIMIT :most {skip}"""
_NEXT = "SELECT min(available_at) AS next_ms, {now} AS now_ms FROM work WHERE state = 0 AND {known}"
_MINE = "SELECT 1 FROM work WHERE id = :id AND attempts = :fence AND lease_owner = :me AND state = 0"
_DONE = """
UPDATE work SET state = 2, done_at = {now}, lease_owner = NULL, last_error = NULL FROM {pairs}
 WHERE work.id = held.id AND work.attempts = held.fence AND work.lease_owner = :me AND work.state = 0"""
_FAILED = """
UPDATE work SET state = :state, available_at = {now} + :wait, lease_owner = NULL, last_error = :error
 WHERE id = :id AND attempts = :fence AND lease_owner = :me AND state = 0"""
_RELEASE = """
UPDATE work SET available_at = {now}, lease_owner = NULL FROM {pairs}
 WHERE work.id = held.id AND work.attempts = held.fence AND work.lease_owner = :me AND work.state = 0"""

# What waits for another try belongs to nobody; its moment is in the future. In order, so that the index is used. What
# is planned for now is due in the next millisecond: moments are rounded up.
_STANDING = """
SELECT (SELECT min(available_at) FROM work WHERE state = 0 AND {known}) AS next_ms,
    (SELECT count(*) FROM (
        SELECT 1 FROM work WHERE state = 0 AND available_at <= {now} + :lease AND {known}
           AND (available_at <= {now} + 1 OR lease_owner IS NOT NULL)
         ORDER BY available_at, id LIMIT 1) AS head) AS unsettled"""
_COUNTS = """
SELECT (SELECT count(*) FROM work WHERE state = 0) AS open, (SELECT count(*) FROM work WHERE state = 3) AS dead"""
# A retry is never further away than the longest back-off, so only the head of the index is read.
_OVERDUE = """
SELECT coalesce(max({now} - CASE WHEN attempts > 1 OR last_error IS NOT NULL THEN due_at ELSE available_at END), 0)
  FROM work WHERE state = 0 AND available_at <= {now} + :longest
   AND (available_at <= {now} OR attempts > 1 OR last_error IS NOT NULL)"""
_FORGET = "DELETE FROM work WHERE id {first}"
_OLD = "SELECT id FROM work WHERE state = 2 AND done_at < {now} - :kept ORDER BY done_at LIMIT :most"


class WorkSql(NamedTuple):
    """All statements, ready for one database."""

    add: TextClause
    move: TextClause
    cancel: TextClause
    cancel_kinds: TextClause
    planned: TextClause
    dead: TextClause
    claim: TextClause
    next: TextClause
    mine: TextClause
    done: TextClause
    failed: TextClause
    release: TextClause
    standing: TextClause
    counts: TextClause
    overdue: TextClause
    forget: TextClause


@lru_cache(maxsize=4)
def work_sql(dialect: str, *, server_clock: bool) -> WorkSql:
    """Fill in what this database calls things. `server_clock` False takes `:now` from the caller."""
    words = dict(_POSTGRES if dialect == "postgresql" else _SQLITE)
    words["now"] = f"({_SERVER_CLOCK if server_clock else 'CAST(:now AS bigint)'} + CAST(:offset AS bigint))"

    def ready(template: str, inner: str = "") -> TextClause:
        return text(template.format(**words | {"first": words["first"].format(inner.format(**words))}))

    return WorkSql(
        add=ready(_ADD),
        move=ready(_MOVE),
        cancel=ready(_CANCEL),
        cancel_kinds=ready(_CANCEL_KINDS),
        planned=ready(_PLANNED),
        dead=ready(_DEAD),
        claim=ready(_CLAIM, _READY),
        next=ready(_NEXT),
        mine=ready(_MINE),
        done=ready(_DONE),
        failed=ready(_FAILED),
        release=ready(_RELEASE),
        standing=ready(_STANDING),
        counts=ready(_COUNTS),
        overdue=ready(_OVERDUE),
        forget=ready(_FORGET, _OLD),
    )


@dataclass(frozen=True, slots=True)
class WorkContext:
    """What every statement about work needs."""

    sql: WorkSql
    is_sqlite: bool
    me: str
    """This process, as a lease's owner and as the sender of wake-ups."""
    near_ms: int | None = None
    """Product time; other processes are told at once of what is due until then. None: of everything."""
    planned: list[int] | None = None
    """Where this transaction says what it has planned: moments, product time."""

    def array(self, values: Sequence[Any]) -> Any:
        """Hand a list to this database."""
        return to_json(values) if self.is_sqlite else values

    def held(self, work: Sequence[DueWork]) -> dict[str, Any]:
        """Hand rows and their fences to this database."""
        if self.is_sqlite:
            return {"pairs": to_json([(due.id, due.fence) for due in work])}
        return {"ids": [due.id for due in work], "fences": [due.fence for due in work]}
