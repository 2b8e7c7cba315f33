"""OpenTelemetry's own instrumentation of aio-pika: on `use_amqp()`'s channel, and only there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage
from jararaca import use_amqp
from jararaca.integrations.opentelemetry import OpenTelemetry
from jararaca.transport.url import TRANSPORTS, with_transport
from opentelemetry.instrumentation.aio_pika import AioPikaInstrumentor
from opentelemetry.trace import SpanKind

from tests.telemetry.shop import order, running, until
from tests.telemetry.test_opentelemetry import Exported, id_of, parent_of

pytestmark = pytest.mark.broker


@pytest.fixture
def exported() -> Iterator[Exported]:
    """The spans of aio-pika's instrumentation, and of ours."""
    made = Exported()
    instrumentor = AioPikaInstrumentor()
    instrumentor.instrument(tracer_provider=made.provider)
    yield made
    instrumentor.uninstrument()


@pytest.fixture(params=TRANSPORTS)
def url(scratch_broker_url: str, request: pytest.FixtureRequest) -> str:
    """The broker over each transport."""
    return with_transport(scratch_broker_url, request.param)


async def test_what_goes_over_the_channel_is_in_the_trace_of_the_unit_of_work(
    url: str, exported: Exported
) -> None:
    received: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    async with running(url, OpenTelemetry(exported.provider)) as (worker, _):
        tracer = exported.provider.get_tracer("test")
        async with worker.host.unit_of_work():
            channel = await use_amqp()
            queue = await channel.declare_queue(exclusive=True)
            await queue.consume(received.put)
            with tracer.start_as_current_span("archive"):
                message = aio_pika.Message(b"{}", headers={})
                await channel.default_exchange.publish(message, queue.name)
        await (await received.get()).ack()
        await until(lambda: len(exported.spans) == 3)
    sent = exported.one(f",{queue.name} send")
    assert parent_of(sent) == id_of(exported.one("archive"))
    taken = exported.one(f"{queue.name} receive")
    assert parent_of(taken) == id_of(sent)
    assert [sent.kind, taken.kind] == [SpanKind.PRODUCER, SpanKind.CONSUMER]


async def test_what_jararaca_publishes_and_handles_has_no_second_spans(
    url: str, exported: Exported
) -> None:
    async with running(url, OpenTelemetry(exported.provider)) as (worker, told):
        await order(worker)
        await until(lambda: len(told) == 2)
        await until(lambda: len(exported.spans) >= 4)
    assert sorted(span.name for span in exported.spans) == [
        "process shop.invoice.send",
        "process shop.{region}.placed",
        "publish shop.invoice.send",
        "publish shop.{region}.placed",
    ]
