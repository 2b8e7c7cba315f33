"""A batch in telemetry: one span that is linked to each message's publication, and its ages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from jararaca import (
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.handlers.outcome import Handled
from jararaca.integrations.opentelemetry import OpenTelemetry
from jararaca.integrations.prometheus import Prometheus
from jararaca.transport.connect import transport_for
from opentelemetry.trace import SpanKind
from prometheus_client import CollectorRegistry

from tests.support.services import service_of
from tests.telemetry.shop import until
from tests.telemetry.test_opentelemetry import Exported, id_of


class Row(Message):
    MESSAGE_TOPIC = "rows.made"
    MESSAGE_TYPE = "task"
    number: int


class Stored(Message):
    MESSAGE_TOPIC = "rows.stored"
    count: int


class Rows:
    @MessageHandler(Row, batch=3, within=60.0)
    async def store(self, rows: list[MessageOf[Row]]) -> None:
        await Stored(count=len(rows)).publish()


async def test_a_batch_has_one_span_with_links_and_its_messages_ages() -> None:
    exported, registry, told = Exported(), CollectorRegistry(), list[Handled]()
    row = route(
        operation="store",
        queue="rows",
        binding_keys=("rows.made",),
        message=Row,
        controller=Rows,
        handler=Rows.store,
    )
    url = f"memory://{uuid4()}"
    spans = OpenTelemetry(exported.provider)
    worker = Worker(
        Microservice(service_of(row), integrations=[spans, Prometheus(port=0, registry=registry)]),
        transport_for(url),
        listener=told.append,
    )
    await worker.start()
    async with Publisher.connect(url):
        with spans.publishing():
            for number in range(3):
                await Row(number=number).publish()
    await until(lambda: len(told) == 3)
    await until(lambda: len(exported.spans) == 5)
    await worker.stop()
    span = exported.one("process Rows.store")
    assert span.kind is SpanKind.CONSUMER
    assert dict(span.attributes or {})["messaging.batch.message_count"] == 3
    published = exported.named("publish rows.made")
    assert [link.context.span_id for link in span.links] == [id_of(each) for each in published]
    stored = exported.one("publish rows.stored")
    assert stored.parent is not None and stored.parent.span_id == id_of(span)
    labels = {"handler": "Rows.store"}
    assert registry.get_sample_value("jararaca_message_age_seconds_count", labels) == 3
    handled = {**labels, "queue": "rows", "outcome": "handled"}
    assert registry.get_sample_value("jararaca_deliveries_total", handled) == 3


class Failing:
    @MessageHandler(Row, batch=2, within=0.1, retry=RetryPolicy(max_retries=0))
    async def together(self, rows: list[MessageOf[Row]]) -> None:
        await Stored(count=len(rows)).publish()
        raise ValueError("no room")

    @MessageHandler(Row, retry=RetryPolicy(max_retries=0))
    async def alone(self, row: MessageOf[Row]) -> None:
        await Stored(count=1).publish()
        raise ValueError("no room")


@pytest.mark.parametrize("handler", [Failing.together, Failing.alone])
async def test_what_a_failed_handler_would_have_published_has_a_span_that_says_so(
    handler: Callable[..., Any],
) -> None:
    exported, told = Exported(), list[Handled]()
    row = route(
        operation="store",
        queue="rows",
        binding_keys=("rows.made",),
        message=Row,
        controller=Failing,
        handler=handler,
    )
    url = f"memory://{uuid4()}"
    spans = OpenTelemetry(exported.provider)
    worker = Worker(
        Microservice(service_of(row), integrations=[spans]),
        transport_for(url),
        listener=told.append,
    )
    await worker.start()
    async with Publisher.connect(url):
        await Row(number=1).publish()
    await until(lambda: len(told) == 1)
    await worker.stop()
    unsent = dict(exported.one("publish rows.stored").attributes or {})
    assert str(unsent["error.type"]).endswith(".NotSentError")
