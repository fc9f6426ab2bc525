# ruff: noqa: S608 - the texts are put together from this file's own pieces and numbers; values are always bound.
"""The statements that move lanes. One text for both databases; the few words they spell differently are filled in.

The lane's row is the lock of everything in its queue: whoever writes its messages has locked the row by an *earlier*
statement of the same transaction, so what is read afterwards cannot change until the commit. That is why no release can
overlook a message (under READ COMMITTED a statement that waits for a row keeps its old view of all other rows).
"""

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, bindparam, text

from storage.rates import Rates
from storage.types import FAR_MS

_SERVER_CLOCK = "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS bigint)"
"""Fixed within a statement, so that an index can be searched by it."""

_POSTGRES = {
    "greatest": "GREATEST",
    "least": "LEAST",
    "for_update": "FOR UPDATE",
    # Never IN (SELECT ... LIMIT): a nested-loop plan runs the LIMIT once per outer row and claims too much.
    "first": "= ANY(ARRAY({}))",
    "skip": "FOR UPDATE SKIP LOCKED",
}
_SQLITE = {"greatest": "max", "least": "min", "for_update": "", "first": "IN ({})", "skip": ""}

_IDLE = """
    :hand = 1 AND :not_before <= {now} AND lane.next_at >= {far}
    AND (lane.lease_until IS NULL OR lane.lease_until < {now})
    AND lane.tat <= {now} + {short_slack} AND lane.tat2 <= {now} + {hour_slack}"""

_UPSERT_LANE = """
INSERT INTO lane (id, enq_seq, next_at, lease_until, fence, tat, tat2)
VALUES (
    :lane, 1, {greatest}({now}, :not_before),
    CASE WHEN :hand = 1 AND :not_before <= {now} THEN {now} + {lease} END,
    CASE WHEN :hand = 1 AND :not_before <= {now} THEN CAST(:fence AS bigint) ELSE 0 END,
    CASE WHEN :hand = 1 AND :not_before <= {now} THEN {now} + {short} ELSE 0 END,
    CASE WHEN :hand = 1 AND :not_before <= {now} THEN {now} + {hour} ELSE 0 END)
ON CONFLICT (id) DO UPDATE SET
    enq_seq = lane.enq_seq + 1,
    next_at = {least}(lane.next_at,
                      {greatest}({now}, :not_before, lane.tat - {short_slack}, lane.tat2 - {hour_slack})),
    lease_until = CASE WHEN {idle} THEN {now} + {lease} ELSE lane.lease_until END,
    fence = CASE WHEN {idle} THEN CAST(:fence AS bigint) ELSE lane.fence END,
    tat = CASE WHEN {idle} THEN {greatest}(lane.tat, {now}) + {short} ELSE lane.tat END,
    tat2 = CASE WHEN {idle} THEN {greatest}(lane.tat2, {now}) + {hour} ELSE lane.tat2 END
RETURNING enq_seq, fence, next_at - {now} AS wait_ms, (lease_until IS NOT NULL AND lease_until >= {now}) AS held"""

_COLUMNS = """lane_id, seq, tenant_id, class, state, attempts, begun_ms, version, dedupe_key, coalesce_key, payload,
    incident_id, not_before_ms, created_ms"""

_VALUES = """:lane, {seq}, :tenant, :class, 'open', {attempts}, {begun}, :version, :dedupe_key,
    CAST(:coalesce_key AS text), :payload, CAST(:incident AS integer), :not_before, {now}"""

_ADD = f"""
INSERT INTO outbox_message ({_COLUMNS})
VALUES ({_VALUES.format(seq=":seq", attempts=":handed", begun="CASE WHEN :handed = 1 THEN {now} END", now="{now}")})
ON CONFLICT DO NOTHING RETURNING id"""

# The time stands in it once: psycopg takes a statement of more than 4,096 characters apart again at every use.
_ENQUEUE_POSTGRES = f"""
WITH clock AS (SELECT {{clock}} AS now),
queue AS ({_UPSERT_LANE}),
added AS (
    INSERT INTO outbox_message ({_COLUMNS})
    SELECT {
    _VALUES.format(
        seq="enq_seq",
        attempts="CASE WHEN fence = :fence THEN 1 ELSE 0 END",
        begun="CASE WHEN fence = :fence THEN {now} END",
        now="{now}",
    )
} FROM queue
    ON CONFLICT DO NOTHING RETURNING id)
SELECT queue.enq_seq, queue.fence, queue.wait_ms, queue.held, added.id,
       CASE WHEN NOT queue.held THEN pg_notify('outbox_due', '') END
  FROM queue LEFT JOIN added ON true"""

_RAISE = """
UPDATE outbox_message
   SET payload = CASE WHEN version <= :version THEN :payload ELSE payload END,
       not_before_ms = CASE WHEN attempts > 0 THEN not_before_ms ELSE {least}(not_before_ms, :not_before) END,
       version = {greatest}(version, :version)
 WHERE coalesce_key = :coalesce_key AND state = 'open' RETURNING id"""

_CLAIM = """
UPDATE lane SET lease_until = {now} + {lease}, fence = :fence,
       tat = {greatest}(tat, {now}) + {short}, tat2 = {greatest}(tat2, {now}) + {hour}
 WHERE id {first}
RETURNING id, enq_seq"""

_READY = """
SELECT id FROM lane
 WHERE next_at <= {now} AND next_at < {far} AND (lease_until IS NULL OR lease_until < {now})
   AND tat <= {now} + {short_slack} AND tat2 <= {now} + {hour_slack}
 ORDER BY next_at LIMIT :most {skip}"""

# A page goes first as soon as it may; of two pages the older one. Everything else goes strictly by number, and what has
# failed and waits for its next attempt holds up all but pages. A card that may not be drawn yet lets all others pass.
_HEADS = """
SELECT m.*, m.class AS message_class, l.enq_seq, {now} AS now_ms,
       NOT EXISTS (SELECT 1 FROM outbox_message o WHERE o.lane_id = l.id AND o.state = 'open' AND o.id <> m.id) AS alone
  FROM lane l JOIN outbox_message m ON m.id = coalesce(
       (SELECT p.id FROM outbox_message p
         WHERE p.lane_id = l.id AND p.state = 'open' AND p.class = 'page' AND p.not_before_ms <= {now}
         ORDER BY p.seq LIMIT 1),
       (SELECT h.id FROM outbox_message h
         WHERE h.lane_id = l.id AND h.state = 'open'
           AND NOT (h.class = 'card' AND h.attempts = 0 AND h.not_before_ms > {now})
         ORDER BY h.seq LIMIT 1))
 WHERE l.id IN :lanes"""

# Only what may go first counts: pages, new cards in front of the first other message, and that message itself.
_NEXT_WAKE = """
SELECT min(not_before_ms) FROM outbox_message
 WHERE lane_id = :lane AND state = 'open' AND (class = 'page' OR seq <= coalesce((
       SELECT min(seq) FROM outbox_message
        WHERE lane_id = :lane AND state = 'open' AND (class <> 'card' OR attempts > 0)), {far}))"""

_LOCK = "SELECT fence, enq_seq, tat, tat2, {now} AS now_ms FROM lane WHERE id = :lane {for_update}"

_CLOSE = """
UPDATE lane SET lease_until = NULL, next_at = {far} WHERE id = :lane AND fence = :fence AND enq_seq = :seen
RETURNING id"""
_CLOSE_SENT = f"""
WITH closed AS ({_CLOSE})
UPDATE outbox_message SET state = 'sent', activity_id = CAST(:activity AS text), begun_ms = NULL,
       finished_ms = {{now}}
 WHERE id = :id AND EXISTS (SELECT 1 FROM closed) RETURNING id"""
_SENT = """
UPDATE outbox_message SET state = 'sent', activity_id = CAST(:activity AS text), begun_ms = NULL, finished_ms = {now}
 WHERE id = :id"""

_MESSAGE = "SELECT version, created_ms FROM outbox_message WHERE id = :id"
_STATE = """
UPDATE outbox_message
   SET state = :state, attempts = :attempts, begun_ms = NULL, activity_id = CAST(:activity AS text),
       reason = CAST(:reason AS text), finished_ms = CASE WHEN :state <> 'open' THEN {now} END
 WHERE id = :id"""

_PUT_OFF = "UPDATE outbox_message SET not_before_ms = :until WHERE id = :id"

_PARK = """
UPDATE lane SET lease_until = CAST(:lease AS bigint), next_at = :next_at, tat = :tat, tat2 = :tat2
 WHERE id = :lane AND fence = :fence"""

_BEGIN = "UPDATE outbox_message SET attempts = attempts + 1, begun_ms = {now} WHERE id IN :ids"
_UNBEGIN = "UPDATE outbox_message SET attempts = attempts - 1, begun_ms = NULL WHERE id = :id"

_TENANT_TAKE = """
UPDATE tenant_bucket SET tat = {greatest}(tat, {now}) + {tenant} * :many
 WHERE tenant_id = :tenant AND {greatest}(tat, {now}) + {tenant} * (:many - 1) <= {now} + :slack
RETURNING tat"""
_TENANT_LOOK = "SELECT tat FROM tenant_bucket WHERE tenant_id = :tenant"
_TENANT_ADD = "INSERT INTO tenant_bucket (tenant_id, tat) VALUES (:tenant, 0) ON CONFLICT DO NOTHING RETURNING tat"
_TENANT_PAUSE = "UPDATE tenant_bucket SET tat = {greatest}(tat, :tat) WHERE tenant_id = :tenant"

_NEXT_DUE = """
SELECT min({greatest}(next_at, coalesce(lease_until, 0), tat - {short_slack}, tat2 - {hour_slack})) AS next_ms,
       {now} AS now_ms
  FROM lane WHERE next_at < {far}"""

_OVERDUE = """
SELECT coalesce(max({now} - {greatest}(next_at, tat - {short_slack}, tat2 - {hour_slack})), 0)
  FROM lane WHERE next_at <= {now} AND next_at < {far}"""


class LaneSql(NamedTuple):
    """All statements, ready for one database and one set of rates."""

    one_enqueue: TextClause | None  # lane, message and wake-up in one round trip; only PostgreSQL can
    upsert_lane: TextClause
    add: TextClause
    raise_version: TextClause
    claim: TextClause
    heads: TextClause
    next_wake: TextClause
    lock: TextClause
    one_close: TextClause | None  # lane and message in one round trip, as above
    close: TextClause
    sent: TextClause
    message: TextClause
    state: TextClause
    put_off: TextClause
    park: TextClause
    begin: TextClause
    unbegin: TextClause
    tenant_take: TextClause
    tenant_look: TextClause
    tenant_add: TextClause
    tenant_pause: TextClause
    next_due: TextClause
    overdue: TextClause


@lru_cache(maxsize=16)
def lane_sql(dialect: str, rates: Rates, *, server_clock: bool) -> LaneSql:
    """Fill in what this database calls things, and the figures. `server_clock` False takes `:now` from the caller."""
    words: dict[str, Any] = dict(_POSTGRES if dialect == "postgresql" else _SQLITE)
    words |= {
        "now": _SERVER_CLOCK if server_clock else "CAST(:now AS bigint)",
        "far": FAR_MS,
        "lease": rates.lease_ms,
        "short": rates.short.interval_ms,
        "short_slack": rates.short.slack_ms,
        "hour": rates.hour.interval_ms,
        "hour_slack": rates.hour.slack_ms,
        "tenant": rates.tenant.interval_ms,
    }
    words["idle"] = _IDLE.format(**words)
    words["first"] = words["first"].format(_READY.format(**words))

    def ready(template: str) -> TextClause:
        return text(template.format(**words))

    one_enqueue = None
    if dialect == "postgresql":
        again = words | {"clock": words["now"], "now": "(SELECT now FROM clock)"}
        again["idle"] = _IDLE.format(**again)
        one_enqueue = text(_ENQUEUE_POSTGRES.format(**again))

    return LaneSql(
        one_enqueue=one_enqueue,
        upsert_lane=ready(_UPSERT_LANE),
        add=ready(_ADD),
        raise_version=ready(_RAISE),
        claim=ready(_CLAIM),
        heads=ready(_HEADS).bindparams(bindparam("lanes", expanding=True)),
        next_wake=ready(_NEXT_WAKE),
        lock=ready(_LOCK),
        one_close=ready(_CLOSE_SENT) if dialect == "postgresql" else None,
        close=ready(_CLOSE),
        sent=ready(_SENT),
        message=ready(_MESSAGE),
        state=ready(_STATE),
        put_off=ready(_PUT_OFF),
        park=ready(_PARK),
        begin=ready(_BEGIN).bindparams(bindparam("ids", expanding=True)),
        unbegin=ready(_UNBEGIN),
        tenant_take=ready(_TENANT_TAKE),
        tenant_look=ready(_TENANT_LOOK),
        tenant_add=ready(_TENANT_ADD),
        tenant_pause=ready(_TENANT_PAUSE),
        next_due=ready(_NEXT_DUE),
        overdue=ready(_OVERDUE),
    )
