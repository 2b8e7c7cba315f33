"""What a scrape tells of how things stand: broker, consumers, ages, schedules, outbox, clients."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest
from jararaca import Host, MessageOf, Microservice, ScheduledAction, ScheduledRun, Scheduler
from jararaca.application.integration import Integration, Measure
from jararaca.integrations.prometheus import Prometheus
from jararaca.integrations.sqlalchemy import Database
from jararaca.integrations.websockets import WebSockets
from jararaca.messages.message import use_publisher
from jararaca.observability.http_server import LISTEN_HOST, host_of
from jararaca.transport import Properties, Publication
from jararaca.transport.connect import transport_for
from jararaca_shared.distribution import VERSION
from prometheus_client import CollectorRegistry
from starlette.websockets import WebSocket

from tests.support.clocks import ManualClock
from tests.telemetry.shop import Fails, SendInvoice, fetch, order, running, until
from tests.telemetry.test_prometheus import metrics, value


def plain(text: str, name: str) -> float | None:
    """A sample without labels."""
    for line in text.splitlines():
        if line.startswith(f"{name} "):
            return float(line.rpartition(" ")[2])
    return None


async def test_a_scrape_tells_the_connection_the_consumers_and_what_runs() -> None:
    prometheus = metrics()
    async with running(f"memory://{uuid4()}", prometheus) as (worker, _):
        _, text = await fetch(prometheus.port, "/metrics")
        queue = worker.consumed[0].route.queue
        await worker.host.transport.close()
        _, cut = await fetch(prometheus.port, "/metrics")
    assert plain(text, "jararaca_connected") == 1 and plain(text, "jararaca_ready") == 1
    assert plain(cut, "jararaca_connected") == 0 and plain(cut, "jararaca_ready") == 0
    assert value(text, "jararaca_queue_consumers", queue=queue) == 1
    assert value(text, "jararaca_queue_consumers", queue=f"{queue}.dead-letters") == 0
    assert value(text, "jararaca_build_info", application="shop", version=VERSION) == 1
    handler = "Shop.on_invoice"
    deliveries = "jararaca_deliveries_total"
    assert value(text, deliveries, handler=handler, outcome="dead-lettered") == 0


async def test_a_scrape_tells_how_old_messages_are_and_those_that_are_tried_again() -> None:
    prometheus = metrics()
    async with running(f"memory://{uuid4()}", prometheus, on_invoice=Fails(1)) as (worker, told):
        long_ago = datetime.now(UTC) - timedelta(seconds=90)
        late = Publication(
            "shop.invoice.send",
            b'{"number": 1}',
            properties=Properties(type="SendInvoice", timestamp=long_ago, message_id="late"),
        )
        await worker.host.transport.publish(late)
        await until(lambda: [each.outcome for each in told] == ["retried", "handled"])
        await order(worker)
        await until(lambda: len(told) == 4)
        _, text = await fetch(prometheus.port, "/metrics")
    invoice = "Shop.on_invoice"
    assert 90 <= (value(text, "jararaca_oldest_message_seconds", handler=invoice) or 0) < 100
    placed = value(text, "jararaca_oldest_message_seconds", handler="Shop.on_placed")
    assert placed is not None and placed < 10
    assert 90 <= (value(text, "jararaca_retry_age_seconds_sum", handler=invoice) or 0) < 100
    assert value(text, "jararaca_retry_age_seconds_count", handler=invoice) == 1
    assert value(text, "jararaca_message_age_seconds_count", handler=invoice) == 2


class Archive(Integration):
    """What a handler depends on."""

    out = True

    async def unready(self) -> str | None:
        return "the archive is out" if self.out else None


async def test_a_scrape_tells_which_handler_waits_for_what_is_out() -> None:
    prometheus, archive = metrics(), Archive()

    def on_invoice(message: MessageOf[SendInvoice]) -> None:
        if archive.out:
            raise OSError("the archive is out")

    url = f"memory://{uuid4()}"
    async with running(url, prometheus, archive, on_invoice=on_invoice) as (worker, told):
        await order(worker)
        await until(lambda: worker.host.paused)
        _, waits = await fetch(prometheus.port, "/metrics")
        archive.out = False
        await until(lambda: len(told) == 2)
        _, goes_on = await fetch(prometheus.port, "/metrics")
    assert value(waits, "jararaca_paused", handler="Shop.on_invoice") == 1
    assert value(waits, "jararaca_paused", handler="Shop.on_placed") == 0
    assert value(goes_on, "jararaca_paused", handler="Shop.on_invoice") == 0


class Nightly:
    @ScheduledAction(every=60, name="tidy")
    async def tidy(self, run: ScheduledRun) -> None:
        pass


async def test_a_scrape_of_the_scheduler_that_leads_tells_up_to_when_it_is_done() -> None:
    prometheus, clock = metrics(), ManualClock("2026-01-01 00:00:30")
    application = Microservice(scheduled=[Nightly], integrations=[prometheus], name="shop")
    scheduler = Scheduler(application, transport_for(f"memory://{uuid4()}"), clock=clock)

    async def done() -> float | None:
        _, text = await fetch(prometheus.port, "/metrics")
        return value(text, "jararaca_schedule_done_timestamp_seconds", schedule="tidy")

    await scheduler.start()
    await until(lambda: clock.waited_for)
    begun = await done()
    await clock.set("2026-01-01 00:01:05")
    await until(lambda: len(clock.waited_for) == 2)
    after = await done()
    await scheduler.stop()
    assert begun == datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC).timestamp()
    assert after == datetime(2026, 1, 1, 0, 1, tzinfo=UTC).timestamp()


async def test_a_scrape_tells_what_waits_in_the_outbox(tmp_path: Path) -> None:
    prometheus = metrics()
    url = f"sqlite+aiosqlite:///{tmp_path}/shop.db"
    database = Database(url, outbox=True, relay=False, create_tables=True)
    host = Host(
        Microservice(integrations=[database, prometheus]), transport_for(f"memory://{uuid4()}")
    )
    await host.start()
    try:
        async with host.unit_of_work():
            await use_publisher().publish(SendInvoice(number=1))
        _, text = await fetch(prometheus.port, "/metrics")
    finally:
        await host.stop()
    messages, oldest = "jararaca_outbox_messages", plain(text, "jararaca_outbox_oldest_seconds")
    assert (
        value(text, messages, state="waiting") == 1 and value(text, messages, state="parked") == 0
    )
    assert oldest is not None and 0 <= oldest < 60


async def test_a_scrape_tells_the_clients_of_websockets() -> None:
    prometheus = metrics()
    sockets = WebSockets()
    async with running(f"memory://{uuid4()}", sockets, prometheus):
        _, before = await fetch(prometheus.port, "/metrics")
        sockets.manager.add(cast(WebSocket, object()), ["orders"])
        _, after = await fetch(prometheus.port, "/metrics")
        for each in sockets.manager.connections():
            sockets.manager.remove(each)
    assert plain(before, "jararaca_websocket_connections") == 0
    assert plain(after, "jararaca_websocket_connections") == 1


class Broken(Integration):
    """Its numbers cannot be had."""

    async def measured(self) -> tuple[Measure, ...]:
        raise OSError("no database")


async def test_an_integration_without_numbers_now_does_not_fail_the_scrape() -> None:
    prometheus = metrics()
    async with running(f"memory://{uuid4()}", Broken(), prometheus):
        status, text = await fetch(prometheus.port, "/metrics")
    assert status == 200 and plain(text, "jararaca_connected") == 1


def test_probes_and_metrics_listen_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(LISTEN_HOST, raising=False)
    assert host_of(None) == "127.0.0.1"
    monkeypatch.setenv(LISTEN_HOST, "0.0.0.0")
    assert host_of(None) == "0.0.0.0" and host_of("127.0.0.2") == "127.0.0.2"
    assert Prometheus(port=0, registry=CollectorRegistry())._server._host == "0.0.0.0"
