"""Metrics, scraped over HTTP from a worker that runs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from jararaca import ConfigurationError, Integration, Microservice, Work, Worker
from jararaca.handlers.outcome import Handled
from jararaca.integrations.prometheus import Prometheus
from jararaca.integrations.prometheus.contract import MOST_SERIES, Contract
from jararaca.observability.http_server import WORKER_NUMBER, port_of
from jararaca.transport.connect import transport_for
from prometheus_client import CollectorRegistry, generate_latest

from tests.telemetry.shop import (
    Fails,
    SendInvoice,
    broker_url,
    fetch,
    order,
    refuses,
    running,
    shop,
    until,
)

__all__ = ["broker_url"]


def metrics() -> Prometheus:
    return Prometheus(port=0, host="127.0.0.1", registry=CollectorRegistry())


def value(text: str, name: str, **labels: str) -> float | None:
    """The sample with these labels, whatever else it is labelled with."""
    for line in text.splitlines():
        found = re.fullmatch(rf"{name}\{{(.*)\}} (\S+)", line)
        if found and all(f'{key}="{each}"' in found[1] for key, each in labels.items()):
            return float(found[2])
    return None


async def test_a_scrape_tells_what_became_of_deliveries(broker_url: str) -> None:
    prometheus = metrics()
    async with running(broker_url, prometheus, on_invoice=Fails(1)) as (worker, told):
        await order(worker)
        await until(lambda: [each.outcome for each in told].count("handled") == 2)
        status, text = await fetch(prometheus.port, "/metrics")
    assert status == 200
    invoice = "Shop.on_invoice"
    deliveries = "jararaca_deliveries_total"
    assert value(text, deliveries, handler="Shop.on_placed", outcome="handled") == 1
    assert value(text, deliveries, handler=invoice, outcome="handled") == 1
    assert value(text, deliveries, handler=invoice, outcome="retried") == 1
    assert value(text, "jararaca_failures_total", handler=invoice, error="ValueError") == 1
    assert value(text, "jararaca_in_flight", handler=invoice) == 0
    assert value(text, "jararaca_handler_seconds_count", handler=invoice, kind="delivery") == 2
    assert value(text, "jararaca_published_total", message="OrderPlaced") == 1
    assert value(text, "jararaca_published_total", message="SendInvoice") == 1


async def test_dead_letters_and_what_waits_are_counted_at_the_scrape() -> None:
    prometheus = metrics()
    async with running(f"memory://{uuid4()}", prometheus, on_invoice=refuses) as (worker, told):
        await order(worker)
        await until(lambda: len(told) == 2)
        _, text = await fetch(prometheus.port, "/metrics")
        queue = worker.consumed[1].route.queue
    invoice = "Shop.on_invoice"
    assert value(text, "jararaca_deliveries_total", handler=invoice, outcome="dead-lettered") == 1
    assert value(text, "jararaca_queue_messages", queue=queue) == 0
    assert value(text, "jararaca_queue_messages", queue=f"{queue}.dead-letters") == 1
    assert value(text, "jararaca_failures_total") is None


async def test_what_a_failed_unit_of_work_would_have_published_is_not_counted() -> None:
    prometheus = metrics()
    async with running(f"memory://{uuid4()}", prometheus) as (worker, _):
        with pytest.raises(ValueError, match="broken"):
            async with worker.host.unit_of_work() as work:
                from tests.telemetry.shop import SendInvoice

                await work.publisher.publish(SendInvoice(number=1))
                raise ValueError("broken")
        _, text = await fetch(prometheus.port, "/metrics")
    assert value(text, "jararaca_published_total", message="SendInvoice") is None
    assert value(text, "jararaca_failures_total", kind="call", error="ValueError") == 1


class Locked(Integration):
    """A database whose transaction cannot begin, or cannot be committed."""

    def __init__(self, *, at_the_end: bool) -> None:
        self._at_the_end = at_the_end

    @asynccontextmanager
    async def around(self, work: Work) -> AsyncIterator[None]:
        if not self._at_the_end:
            raise OSError("the database is locked")
        yield
        raise OSError("the database is locked")


@pytest.mark.parametrize("at_the_end", [False, True])
async def test_what_another_integration_fails_with_is_counted_wherever_metrics_are_listed(
    at_the_end: bool,
) -> None:
    prometheus = metrics()
    integrations = (Locked(at_the_end=at_the_end), prometheus)
    async with running(f"memory://{uuid4()}", *integrations) as (worker, _):
        with pytest.raises(OSError, match="locked"):
            async with worker.host.unit_of_work():
                pass
        _, text = await fetch(prometheus.port, "/metrics")
    assert value(text, "jararaca_failures_total", kind="call", error="OSError") == 1


async def test_other_paths_and_methods_are_refused() -> None:
    prometheus = metrics()
    async with running(f"memory://{uuid4()}", prometheus):
        assert (await fetch(prometheus.port, "/"))[0] == 404
        assert (await fetch(prometheus.port, "/metrics", method="POST"))[0] == 405
        assert await fetch(prometheus.port, "/metrics", method="HEAD") == (200, "")
        accept = "application/openmetrics-text; version=1.0.0"
        assert (await fetch(prometheus.port, "/metrics", accept=accept))[1].endswith("# EOF\n")


async def test_a_port_that_is_taken_is_told() -> None:
    first = metrics()
    async with running(f"memory://{uuid4()}", first):
        second = Prometheus(port=first.port, host="127.0.0.1", registry=CollectorRegistry())
        other = Microservice(shop(), integrations=[second], controllers=[])
        worker = Worker(Microservice(integrations=[second]), transport_for(f"memory://{uuid4()}"))
        assert other.integrations == (second,)
        with pytest.raises(ConfigurationError, match=f"cannot listen on port {first.port}"):
            await worker.start()


def test_each_process_of_a_supervised_worker_has_a_port_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert port_of(9090) == 9090
    monkeypatch.setenv(WORKER_NUMBER, "3")
    assert port_of(9090) == 9092
    assert port_of(0) == 0


def test_violations_and_undeclared_properties_are_counted_once_a_message_and_capped() -> None:
    registry = CollectorRegistry()
    counting = Contract(registry, undeclared_fields=True)
    wrong = (("Placed", "number", "less_than_equal"),)
    for attempt in (1, 2):
        order = SendInvoice.model_validate({"number": 1, "colour": "red"})
        counting.told(Handled("Shop.on_placed", "q", "handled", attempt, None, order, wrong))
    counting.told(Handled("Shop.on_placed", "q", "dead-lettered", 1, "why", None, wrong))
    for number in range(2 * MOST_SERIES):
        hostile = (("Placed", f"evil{number}", "extra_forbidden"),)
        counting.told(Handled(None, "q", "dead-lettered", 1, "why", None, hostile))
    text = generate_latest(registry).decode()
    violations = "jararaca_contract_violations_total"
    assert value(text, violations, message="Placed", field="number", reason="less_than_equal") == 2
    undeclared = "jararaca_undeclared_fields_total"
    assert value(text, undeclared, message="SendInvoice", field="colour") == 1
    assert text.count("\n" + violations) == MOST_SERIES
    further = value(text, violations, field="(other)", reason="extra_forbidden")
    assert further == MOST_SERIES + 2, "what there is no room for is counted as one"
