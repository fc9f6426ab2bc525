"""What the process counts, as Prometheus text. To add a figure: one row in METRICS and one method in Metrics."""

import platform
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

TURN_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
"""Seconds. Teams waits 3 s for a press in a channel and 15 s for a message before it sends again."""

INBOUND_KINDS = frozenset(
    {"message", "messageUpdate", "messageDelete", "messageReaction", "conversationUpdate", "installationUpdate"}
    | {"invoke", "event", "typing"},
)
"""Activity types that get a series of their own; whatever else arrives is counted as `other`."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One figure: its name without suffix, its kind in Prometheus' words, its labels, and what it says."""

    name: str
    kind: str
    meaning: str
    labels: tuple[str, ...] = ()

    @property
    def exposed_name(self) -> str:
        """The name in the text: counters end in `_total`."""
        return f"{self.name}_total" if self.kind == "counter" else self.name


INBOUND = Metric(
    name="incident_inbound_activities",
    kind="counter",
    meaning="Activities answered at the edge, by activity type and HTTP status.",
    labels=("kind", "status"),
)
TURN = Metric(
    name="incident_turn_seconds",
    kind="histogram",
    meaning="Time from an activity's arrival to the answer to its request.",
    labels=("kind",),
)
SENDS = Metric(
    name="incident_outbox_sends",
    kind="counter",
    meaning="Attempts to deliver an outbox message, by outcome.",
    labels=("outcome",),
)
OPEN = Metric(name="incident_outbox_open_messages", kind="gauge", meaning="Messages that wait to be delivered.")
OVERDUE = Metric(
    name="incident_outbox_oldest_overdue_seconds",
    kind="gauge",
    meaning="Age of the oldest message that could be sent now; 0 when none is late.",
)
DEAD = Metric(name="incident_outbox_dead_letters", kind="gauge", meaning="Messages given up, still shown to people.")
WORK_OPEN = Metric(name="incident_work_open", kind="gauge", meaning="Due work that is planned and not done yet.")
WORK_OVERDUE = Metric(
    name="incident_work_oldest_overdue_seconds",
    kind="gauge",
    meaning="How long the oldest work has been due that nobody has done; 0 when none is late.",
)
WORK_DEAD = Metric(name="incident_work_dead", kind="gauge", meaning="Due work that was given up.")
WORK_DONE = Metric(
    name="incident_work_runs",
    kind="counter",
    meaning="Runs of due work, by kind and outcome: `done` or `failed`.",
    labels=("kind", "outcome"),
)
FINDINGS = Metric(
    name="incident_overdue_promises", kind="gauge", meaning="What the auditor found overdue when it last looked."
)
KEYS = Metric(
    name="incident_signing_key_refreshes",
    kind="counter",
    meaning="Fetches of the keys that sign inbound tokens, by outcome: `ok` or `failed`.",
    labels=("outcome",),
)
BUILD = Metric(
    name="incident_build_info",
    kind="gauge",
    meaning="Always 1; the labels name the version of the product and of Python.",
    labels=("version", "python"),
)
METRICS = (
    INBOUND,
    TURN,
    SENDS,
    OPEN,
    OVERDUE,
    DEAD,
    WORK_OPEN,
    WORK_OVERDUE,
    WORK_DEAD,
    WORK_DONE,
    FINDINGS,
    KEYS,
    BUILD,
)


class Metrics:
    """The figures of one process in a registry of their own. Its methods may be called from any thread."""

    def __init__(self, version: str) -> None:
        self._registry = CollectorRegistry()
        self._inbound = self._counter(INBOUND)
        self._turn = Histogram(TURN.name, TURN.meaning, TURN.labels, buckets=TURN_BUCKETS, registry=self._registry)
        self._sends = self._counter(SENDS)
        self._open = self._gauge(OPEN)
        self._overdue = self._gauge(OVERDUE)
        self._dead = self._gauge(DEAD)
        self._work_open = self._gauge(WORK_OPEN)
        self._work_overdue = self._gauge(WORK_OVERDUE)
        self._work_dead = self._gauge(WORK_DEAD)
        self._work_done = self._counter(WORK_DONE)
        self._findings = self._gauge(FINDINGS)
        self._keys = self._counter(KEYS)
        self._gauge(BUILD).labels(version, platform.python_version()).set(1)

    def inbound(self, kind: str, status: int, seconds: float) -> None:
        """Count an activity that was answered with this HTTP status after so many seconds."""
        known = kind if kind in INBOUND_KINDS else "other"
        self._inbound.labels(known, str(status)).inc()
        self._turn.labels(known).observe(seconds)

    def sent(self, outcome: str) -> None:
        """Count an attempt to deliver; the outcome is a word of the delivery's own vocabulary."""
        self._sends.labels(outcome).inc()

    def set_outbox(self, *, open_messages: int, oldest_overdue_seconds: float, dead: int) -> None:
        """Show how the outbox stands."""
        self._open.set(open_messages)
        self._overdue.set(max(0.0, oldest_overdue_seconds))
        self._dead.set(dead)

    def set_work(self, *, open_work: int, oldest_overdue_seconds: float, dead: int) -> None:
        """Show how due work stands."""
        self._work_open.set(open_work)
        self._work_overdue.set(max(0.0, oldest_overdue_seconds))
        self._work_dead.set(dead)

    def worked(self, kind: str, outcome: str) -> None:
        """Count a run of due work."""
        self._work_done.labels(kind, outcome).inc()

    def set_findings(self, count: int) -> None:
        """Show how much the auditor found overdue."""
        self._findings.set(count)

    def keys_refreshed(self, *, ok: bool) -> None:
        """Count a fetch of the signing keys."""
        self._keys.labels("ok" if ok else "failed").inc()

    def render(self) -> bytes:
        """Return the Prometheus text, of the type CONTENT_TYPE."""
        return generate_latest(self._registry)

    def _counter(self, metric: Metric) -> Counter:
        return Counter(metric.name, metric.meaning, metric.labels, registry=self._registry)

    def _gauge(self, metric: Metric) -> Gauge:
        return Gauge(metric.name, metric.meaning, metric.labels, registry=self._registry)
