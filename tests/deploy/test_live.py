"""The shop under the exported rights, watched by Prometheus with the exported rules and queries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from jararaca import Host, Microservice
from jararaca.integrations.sqlalchemy import Database
from jararaca.messages.message import use_publisher
from jararaca.routing.examples import examples_of
from jararaca.transport import Properties, Publication
from jararaca.transport.connect import transport_for
from jararaca_compiler.deploying.targets.grafana import dashboard

from generated.warehouse import messages
from generated.warehouse import routes as warehouse
from tests.deploy.deployments import SLOW, quick_alerts, shop
from tests.deploy.live import LiveShop, until
from tests.support.brokers import Broker

pytestmark = pytest.mark.broker
EXAMPLES = ("shop.order.place", "shop.refund", "accounts.user.created", "shop.quote")
QUEUE, CHARGES = "warehouse.order.pack", "shop.card-charges"
CHARGING = 10
"""Seconds that charge_card may take: its timeout."""
MAY_BE_EMPTY = ("Failures",)
"""Panels of handlers that have not failed: an error is not known before it is there."""


@pytest.fixture(scope="module")
def live(
    scratch_broker: Broker, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveShop]:
    """One for the whole file."""
    if scratch_broker.control is None:
        pytest.skip("accounts can only be made where rabbitmqctl can be called")
    vhost = scratch_broker.url.rpartition("/")[2]
    name = f"shop-{uuid4().hex[:6]}"
    deployment = shop(
        name="shop", vhost=vhost, user=name, deploy_user=f"{name}-deploy", alerts=quick_alerts()
    )
    made = LiveShop(deployment, scratch_broker, redis_url, tmp_path_factory.mktemp("live"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


def test_a_worker_runs_under_exactly_the_exported_rights(live: LiveShop) -> None:
    for topic in EXAMPLES:
        live.jararaca("publish", topic, "--example")
    handled = 'sum(jararaca_deliveries_total{job="shop",outcome="handled"}) > 8'
    until(lambda: live.prometheus.query(handled), lambda: f"all are handled: {live.worker.log()}")
    retried = 'sum(jararaca_deliveries_total{job="shop",outcome="retried"}) > 0'
    until(lambda: live.prometheus.query(retried), lambda: "a card is charged at the second try")
    assert "refused" not in live.worker.log().lower()
    assert "refused" not in live.scheduler.log().lower()
    live.prometheus.clears(*live.prometheus.firing())


def test_each_panel_of_the_dashboard_has_data(live: LiveShop) -> None:
    # A rate needs two scrapes.
    until(lambda: not empty_panels(live), lambda: f"panels have data: {empty_panels(live)}")
    some = 'sum by (error) (rate(jararaca_failures_total{job="shop",kind="delivery"}[1m]))'
    until(lambda: live.prometheus.query(some), lambda: "a failure is told")


def empty_panels(live: LiveShop) -> list[tuple[str, str]]:
    """Titles and expressions; an expression that cannot be evaluated fails."""
    return [
        (each["title"], expression)
        for panel in dashboard(live.deployment)["panels"]
        for each in [panel, *panel.get("panels", ())]
        for target in each.get("targets", ())
        for expression in [target["expr"].replace("$__rate_interval", "1m")]
        if not live.prometheus.query(expression) and each["title"] not in MAY_BE_EMPTY
    ]


def test_dead_letters_fire_and_clear(live: LiveShop) -> None:
    send(live, b"nothing that a handler could read")
    live.prometheus.fires("JararacaDeadLetters")
    live.jararaca("dead-letters", "purge", QUEUE, "--yes", BROKER_URL=live.broker.url)
    live.prometheus.clears("JararacaDeadLetters")


def send(live: LiveShop, body: bytes, age: float = 0.0, times: int = 1) -> None:
    """To the queue itself, as an operator."""

    async def publish() -> None:
        transport = transport_for(live.broker.url)
        await transport.connect()
        moment = datetime.now(UTC) - timedelta(seconds=age)
        for _ in range(times):
            properties = Properties(type="packOrder", timestamp=moment, message_id=str(uuid4()))
            await transport.publish(Publication(QUEUE, body, exchange="", properties=properties))
        await transport.close()

    asyncio.run(publish())


def packing() -> bytes:
    """An order to pack: the document's example."""
    found = (each for each in examples_of(warehouse.SERVICE) if each.message == "packOrder")
    return next(found).body()


@pytest.mark.soak
def test_a_handler_that_nearly_takes_its_timeout_fires_and_clears(live: LiveShop) -> None:
    with somebody_else_s_transaction(live):
        time.sleep(2 * SLOW * CHARGING)
    live.prometheus.fires("JararacaSlowHandler")
    live.prometheus.clears("JararacaSlowHandler")


@pytest.mark.soak
def test_schedules_that_wait_for_their_database_are_missed_and_fail(live: LiveShop) -> None:
    alerts = ("JararacaScheduleMissed", "JararacaScheduleFailed")
    with somebody_else_s_transaction(live):
        live.prometheus.fires(*alerts)
    live.jararaca("dead-letters", "purge", CHARGES, "--yes", BROKER_URL=live.broker.url)
    live.prometheus.clears(*alerts, "JararacaSlowHandler", "JararacaDeadLetters")


@pytest.mark.soak
def test_a_handler_that_waits_for_what_is_out_fires_and_clears(live: LiveShop) -> None:
    alerts = ("JararacaPaused", "JararacaNotReady")
    with live.without_provider():
        live.jararaca("publish", "shop.card.charge", "--example")
        live.prometheus.fires(*alerts)
    live.prometheus.clears(*alerts)


@contextmanager
def somebody_else_s_transaction(live: LiveShop) -> Iterator[None]:
    """While it lasts, the card that is to be charged waits."""
    with closing(live.open_database()) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        live.jararaca("publish", "shop.card.charge", "--example")
        yield
        connection.execute("ROLLBACK")


@pytest.mark.soak
def test_an_old_message_fires_and_clears(live: LiveShop) -> None:
    send(live, packing(), age=1_000)
    live.prometheus.fires("JararacaOldMessage")
    live.prometheus.clears("JararacaOldMessage")


@pytest.mark.soak
def test_without_a_worker_nobody_consumes_and_the_backlog_grows(live: LiveShop) -> None:
    live.worker.stop()
    live.prometheus.fires("JararacaNoConsumer")
    for _ in range(8):
        send(live, packing(), times=2)
        with suppress(AssertionError):
            until(lambda: "JararacaBacklogGrowing" in live.prometheus.firing(), lambda: "it grows")
            break
    live.prometheus.fires("JararacaBacklogGrowing")
    live.worker.start()
    live.prometheus.clears("JararacaNoConsumer", "JararacaBacklogGrowing")


@pytest.mark.soak
def test_without_a_broker_nobody_is_ready_and_the_outbox_waits(live: LiveShop) -> None:
    user = live.deployment.user
    assert live.broker.administer("set_user_limits", user, '{"max-connections": 0}')
    assert live.broker.administer("close_all_user_connections", user, "a test")
    put_into_outbox(live)
    alerts = ("JararacaDisconnected", "JararacaNotReady", "JararacaOutboxLag")
    live.prometheus.fires(*alerts)
    assert live.broker.administer("clear_user_limits", user, "max-connections")
    live.prometheus.clears(*alerts)


def put_into_outbox(live: LiveShop) -> None:
    async def put() -> None:
        database = Database(live.environment["DATABASE_URL"], outbox=True, relay=False)
        host = Host(Microservice(integrations=[database]), transport_for(f"memory://{uuid4()}"))
        await host.start()
        async with host.unit_of_work():
            await use_publisher().publish(messages.PackOrder.decode(packing()))
        await host.stop()

    asyncio.run(put())


@pytest.mark.soak
def test_what_the_broker_refuses_is_parked_until_it_is_asked_for_again(live: LiveShop) -> None:
    # The scheduler has a relay, and puts runs into the outbox.
    for each in (live.scheduler, live.worker):
        each.stop()
    put_into_outbox(live)
    [exchange] = change_outbox(live, "SELECT exchange FROM jararaca_outbox")
    change_outbox(live, "UPDATE jararaca_outbox SET exchange = 'nowhere', attempts = 9")
    live.worker.start()
    live.prometheus.fires("JararacaOutboxParked")
    change_outbox(live, "UPDATE jararaca_outbox SET exchange = ?", exchange)
    live.jararaca("outbox", "requeue")
    left = "SELECT exchange FROM jararaca_outbox"
    until(lambda: not change_outbox(live, left), lambda: "it is sent")
    live.scheduler.start()
    alerts = ("JararacaNoConsumer", "JararacaNoScheduler")
    live.prometheus.clears("JararacaOutboxParked", "JararacaOutboxLag", *alerts)


def change_outbox(live: LiveShop, statement: str, *values: str) -> list[str]:
    """Run it; the first column of what it finds."""
    with closing(live.open_database()) as connection:
        return [each for [each] in connection.execute(statement, values)]


@pytest.mark.soak
def test_without_a_scheduler_that_is_told_and_without_all_that_too(live: LiveShop) -> None:
    live.scheduler.stop()
    live.prometheus.fires("JararacaNoScheduler")
    live.worker.stop()
    live.prometheus.fires("JararacaDown")
    live.worker.start()
    live.scheduler.start()
    live.prometheus.clears("JararacaNoScheduler", "JararacaDown")
