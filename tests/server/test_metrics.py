import platform

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from server.metrics import METRICS, Metrics


def samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(metrics.render().decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return samples(metrics).get((name, tuple(sorted(labels.items()))))


def test_every_figure_has_its_text() -> None:
    text = Metrics("1.2.3").render().decode()
    for metric in METRICS:
        assert f"# HELP {metric.exposed_name} {metric.meaning}" in text
        assert f"# TYPE {metric.exposed_name} {metric.kind}" in text


def test_inbound_counts_by_kind_and_status_and_takes_the_time() -> None:
    metrics = Metrics("1")
    metrics.inbound("message", 201, 0.02)
    metrics.inbound("message", 201, 0.3)
    metrics.inbound("invoke", 401, 0.001)
    assert value(metrics, "incident_inbound_activities_total", kind="message", status="201") == 2
    assert value(metrics, "incident_inbound_activities_total", kind="invoke", status="401") == 1
    assert value(metrics, "incident_turn_seconds_count", kind="message") == 2
    assert value(metrics, "incident_turn_seconds_sum", kind="message") == pytest.approx(0.32)
    assert value(metrics, "incident_turn_seconds_bucket", kind="message", le="0.025") == 1


def test_unknown_kinds_share_one_series() -> None:
    metrics = Metrics("1")
    for number in range(50):
        metrics.inbound(f"made-up-{number}", 400, 0.0)
    assert value(metrics, "incident_inbound_activities_total", kind="other", status="400") == 50
    assert b"made-up" not in metrics.render()


def test_sends_and_keys_by_outcome() -> None:
    metrics = Metrics("1")
    for outcome in ("sent", "sent", "throttled"):
        metrics.sent(outcome)
    metrics.keys_refreshed(ok=True)
    metrics.keys_refreshed(ok=False)
    assert value(metrics, "incident_outbox_sends_total", outcome="sent") == 2
    assert value(metrics, "incident_outbox_sends_total", outcome="throttled") == 1
    assert value(metrics, "incident_signing_key_refreshes_total", outcome="ok") == 1
    assert value(metrics, "incident_signing_key_refreshes_total", outcome="failed") == 1


@pytest.mark.parametrize(("age", "shown"), [(12.5, 12.5), (0, 0), (-3, 0)])
def test_the_outbox_as_it_stands(age: float, shown: float) -> None:
    metrics = Metrics("1")
    metrics.set_outbox(open_messages=9, oldest_overdue_seconds=99, dead=9)
    metrics.set_outbox(open_messages=3, oldest_overdue_seconds=age, dead=1)
    assert value(metrics, "incident_outbox_open_messages") == 3
    assert value(metrics, "incident_outbox_oldest_overdue_seconds") == shown
    assert value(metrics, "incident_outbox_dead_letters") == 1


def test_build_information() -> None:
    assert value(Metrics("1.2.3"), "incident_build_info", version="1.2.3", python=platform.python_version()) == 1


def test_processes_in_one_interpreter_share_nothing() -> None:
    first, second = Metrics("1"), Metrics("1")
    first.sent("sent")
    assert value(second, "incident_outbox_sends_total", outcome="sent") is None
    assert not [family.name for family in REGISTRY.collect() if family.name.startswith("incident_")]
