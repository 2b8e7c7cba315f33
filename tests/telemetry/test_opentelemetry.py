"""One trace from a publication through handlers and their publications, retries included."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import time_ns
from typing import Any
from uuid import uuid4

import pytest
from jararaca import Microservice, Publisher, ScheduledAction, ScheduledRun, Scheduler
from jararaca.errors import PublishNackedError
from jararaca.integrations.opentelemetry import OpenTelemetry
from jararaca.transport import Properties, Publication
from jararaca.transport.connect import transport_for
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from tests.support.clocks import ManualClock
from tests.telemetry.shop import (
    Fails,
    OrderPlaced,
    SendInvoice,
    broker_url,
    order,
    refuses,
    running,
    until,
)

__all__ = ["broker_url"]


class Exported:
    """A provider of the test's own, and the spans that it exported, by their names."""

    def __init__(self) -> None:
        self.provider = TracerProvider()
        self._exporter = InMemorySpanExporter()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        return self._exporter.get_finished_spans()

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> ReadableSpan:
        (span,) = self.named(name)
        return span


@pytest.fixture
def exported() -> Exported:
    return Exported()


def parent_of(span: ReadableSpan) -> int:
    assert span.parent is not None
    return int(span.parent.span_id)


def id_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return int(span.context.span_id)


async def test_a_trace_leads_from_a_publication_through_handlers_and_what_they_publish(
    broker_url: str, exported: Exported
) -> None:
    async with running(broker_url, OpenTelemetry(exported.provider)) as (worker, told):
        with exported.provider.get_tracer("test").start_as_current_span("checkout"):
            await order(worker)
        await until(lambda: len(told) == 2)
        await until(lambda: len(exported.spans) == 5)
    first = exported.one("publish shop.{region}.placed")
    placed = exported.one("process shop.{region}.placed")
    second = exported.one("publish shop.invoice.send")
    invoice = exported.one("process shop.invoice.send")
    assert parent_of(first) == id_of(exported.one("checkout"))
    assert parent_of(placed) == id_of(first)
    assert parent_of(second) == id_of(placed)
    assert parent_of(invoice) == id_of(second)
    assert len({span.context.trace_id for span in exported.spans if span.context}) == 1
    assert [first.kind, placed.kind] == [SpanKind.PRODUCER, SpanKind.CONSUMER]
    assert placed.links[0].context.span_id == id_of(first)


async def test_spans_say_what_the_messaging_conventions_ask_for(
    broker_url: str, exported: Exported
) -> None:
    async with running(broker_url, OpenTelemetry(exported.provider)) as (worker, told):
        await order(worker)
        await until(lambda: len(told) == 2)
        route = worker.consumed[0].route
    published = dict(exported.one("publish shop.{region}.placed").attributes or {})
    processed = dict(exported.one("process shop.{region}.placed").attributes or {})
    message_id = published.pop("messaging.message.id")
    assert message_id
    assert published == {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.destination.name": "shop.pt.placed",
        "messaging.destination.template": "shop.{region}.placed",
        "messaging.rabbitmq.destination.routing_key": "shop.pt.placed",
        "messaging.message.body.size": len('{"number":1}'),
    }
    assert str(processed.pop("messaging.destination.name")).endswith(
        f":shop.pt.placed:{route.queue}"
    )
    assert processed == {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.template": "shop.{region}.placed",
        "messaging.rabbitmq.destination.routing_key": "shop.pt.placed",
        "messaging.message.id": message_id,
        "messaging.message.body.size": len('{"number":1}'),
        "jararaca.handler": "Shop.on_placed",
        "jararaca.attempt": 1,
        "jararaca.outcome": "handled",
    }


async def test_each_try_is_a_span_of_the_same_trace_and_a_failure_is_recorded(
    broker_url: str, exported: Exported
) -> None:
    telemetry = OpenTelemetry(exported.provider)
    async with running(broker_url, telemetry, on_invoice=Fails(1)) as (worker, told):
        await order(worker)
        await until(lambda: [each.outcome for each in told].count("handled") == 2)
        await until(lambda: len(exported.named("process shop.invoice.send")) == 2)
    failed, succeeded = exported.named("process shop.invoice.send")
    assert [dict(s.attributes or {})["jararaca.attempt"] for s in (failed, succeeded)] == [1, 2]
    assert failed.context is not None
    assert succeeded.context is not None
    assert failed.context.trace_id == succeeded.context.trace_id
    assert parent_of(failed) == parent_of(succeeded)
    assert failed.status.status_code is StatusCode.ERROR
    assert dict(failed.attributes or {})["error.type"] == "builtins.ValueError"
    assert dict(failed.attributes or {})["jararaca.outcome"] == "retried"
    assert failed.events[0].name == "exception"
    assert succeeded.status.status_code is StatusCode.UNSET


async def test_a_rejection_is_told_and_is_no_error_of_the_handler(exported: Exported) -> None:
    telemetry = OpenTelemetry(exported.provider)
    async with running(f"memory://{uuid4()}", telemetry, on_invoice=refuses) as (worker, told):
        await order(worker)
        await until(lambda: len(told) == 2)
    given_up = exported.one("process shop.invoice.send")
    assert dict(given_up.attributes or {})["jararaca.outcome"] == "dead-lettered"
    assert dict(given_up.attributes or {})["jararaca.reason"] == "not today"
    assert given_up.status.status_code is StatusCode.UNSET


async def test_a_script_publishes_within_its_own_trace(exported: Exported) -> None:
    telemetry, url = OpenTelemetry(exported.provider), f"memory://{uuid4()}"
    async with running(url, telemetry) as (_, told):
        tracer = exported.provider.get_tracer("test")
        with tracer.start_as_current_span("import"), telemetry.publishing():
            async with Publisher.connect(url) as publisher:
                await publisher.publish(OrderPlaced(number=1), parameters={"region": "br"})
        await until(lambda: len(told) == 2)
    published = exported.one("publish shop.{region}.placed")
    assert parent_of(published) == id_of(exported.one("import"))
    assert parent_of(exported.one("process shop.{region}.placed")) == id_of(published)


async def test_a_scheduled_run_has_a_span_and_what_it_publishes_is_in_its_trace(
    exported: Exported,
) -> None:
    clock, runs = ManualClock("2026-11-25 00:59"), list[str]()

    class Hourly:
        @ScheduledAction(every=3600, name="hourly")
        async def run(self, run: ScheduledRun) -> None:
            await OrderPlaced(number=1)._publish({"region": "pt"}, None, None)
            runs.append(run.name)

    microservice = Microservice(
        scheduled=[Hourly], integrations=[OpenTelemetry(exported.provider)], name="hourly"
    )
    url = f"memory://{uuid4()}"
    async with running(url, OpenTelemetry()):
        scheduler = Scheduler(microservice, transport_for(url), clock=clock)
        await scheduler.start()
        await until(lambda: scheduler._runner._done)
        await clock.set("2026-11-25 01:00")
        await until(lambda: runs)
        await scheduler.stop()
    assert parent_of(exported.one("publish shop.pt.placed")) == id_of(exported.one("run hourly"))


async def test_no_text_of_a_stranger_stops_the_spans_of_others(
    broker_url: str, exported: Exported
) -> None:
    # An exporter that meets half a character drops the whole batch of spans.
    odd = Properties("\udcff\x1b[2J", "OrderPlaced", correlation_id="\udcfe", reply_to="\udcff")
    headers = {"traceparent": "\udcff", "tracestate": "\udcff", "baggage": "\udcff=\udcff"}
    strange = Publication("shop.\udcff.placed", b'{"number":1}', None, odd, headers=headers)
    async with running(broker_url, OpenTelemetry(exported.provider), on_invoice=_fails_oddly) as (
        worker,
        told,
    ):
        await worker.host.transport.publish(strange)
        await until(lambda: [each.outcome for each in told].count("dead-lettered") == 1)
    placed = exported.one("process shop.{region}.placed")
    assert placed.attributes and placed.attributes["messaging.message.id"] == r"\udcff\x1b[2J"
    failed = exported.named("process shop.invoice.send")[0]
    told_of = [each.attributes or {} for each in exported.spans]
    told_of += [each.attributes or {} for each in failed.events]
    texts = [each for some in told_of for each in some.values() if isinstance(each, str)]
    for text in [*texts, failed.status.description or ""]:
        assert text.encode() and "\x1b" not in text


def _fails_oddly(message: object) -> None:
    raise ValueError("no \udcfe\x1b[2J")


class SlowConfirm:
    """A transport whose confirms take a while, or do not come."""

    def __init__(self, transport: Any, error: Exception | None = None) -> None:
        self._publish = transport.publish
        self._error = error
        self.confirmed_at = 0
        transport.publish = self.publish

    async def publish(self, publication: Publication) -> None:
        await asyncio.sleep(0.05)
        if self._error is not None:
            raise self._error
        await self._publish(publication)
        self.confirmed_at = time_ns()


async def test_a_publications_span_lasts_until_the_broker_has_confirmed_it(
    exported: Exported,
) -> None:
    async with running(f"memory://{uuid4()}", OpenTelemetry(exported.provider)) as (worker, told):
        slow = SlowConfirm(worker.host.transport)
        async with worker.host.unit_of_work() as work:
            await work.publisher.publish(SendInvoice(number=1))
            published_at = time_ns()
        first_confirm = slow.confirmed_at
        await until(lambda: told)
    span = exported.one("publish shop.invoice.send")
    assert span.start_time is not None and span.end_time is not None
    assert span.start_time < published_at < first_confirm <= span.end_time
    assert span.status.status_code is StatusCode.UNSET


async def test_the_span_of_a_publication_that_is_not_confirmed_tells_why(
    exported: Exported,
) -> None:
    async with running(f"memory://{uuid4()}", OpenTelemetry(exported.provider)) as (worker, _):
        SlowConfirm(worker.host.transport, PublishNackedError("no room"))
        with pytest.raises(PublishNackedError):
            async with worker.host.unit_of_work() as work:
                await work.publisher.publish(SendInvoice(number=1))
    span = exported.one("publish shop.invoice.send")
    assert span.status.status_code is StatusCode.ERROR
    assert dict(span.attributes or {})["error.type"] == "jararaca.errors.PublishNackedError"


async def test_what_a_failed_unit_of_work_would_have_published_has_a_span_that_says_so(
    exported: Exported,
) -> None:
    async with running(f"memory://{uuid4()}", OpenTelemetry(exported.provider)) as (worker, _):
        with pytest.raises(ValueError, match="broken"):
            async with worker.host.unit_of_work() as work:
                await work.publisher.publish(SendInvoice(number=1))
                raise ValueError("broken")
    span = exported.one("publish shop.invoice.send")
    assert str(dict(span.attributes or {})["error.type"]).endswith(".NotSentError")
