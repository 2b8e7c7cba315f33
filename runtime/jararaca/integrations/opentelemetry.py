"""OpenTelemetry: a span for each publication and each unit of work, in one trace across services.

Names and attributes follow the messaging conventions for RabbitMQ of OpenTelemetry, 1.30 and later:
https://opentelemetry.io/docs/specs/semconv/messaging/
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from opentelemetry import context as contexts
from opentelemetry import propagate, trace
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode

from jararaca.application.host import Host
from jararaca.application.integration import Integration
from jararaca.application.unit_of_work import HandledBeforeError, Work
from jararaca.contract.exception_types import text_of
from jararaca.handlers.outcome import Handled
from jararaca.messages.received import MessageOf
from jararaca.printable import printable, printable_lines
from jararaca.publishing.carried_headers import outgoing
from jararaca.transport import Publication

Attributes = dict[str, str | int]
_delivery_span: ContextVar[Span | None] = ContextVar("jararaca_delivery_span", default=None)


class OpenTelemetry(Integration):
    """Spans through OpenTelemetry's API: what they are sent with is the application's choice.

    A publication has a producer span, until the broker has confirmed it or the outbox has it,
    whose context goes along in the `traceparent` header; a
    handler has a consumer span that is its child, until the delivery is settled, with
    `jararaca.outcome`; a scheduled run has a span of its own. Each try of a message is in the
    trace of its publication. `tracer_provider` is the global one unless given.
    """

    def __init__(self, tracer_provider: trace.TracerProvider | None = None) -> None:
        self._tracer = trace.get_tracer("jararaca", tracer_provider=tracer_provider)
        self._topics: dict[str, str] = {}
        self.listener = self._settled

    async def start(self, host: Host) -> None:
        """Learn the topics: spans are named after them, not after what their parameters are."""
        services = host.microservice.services
        self._topics = {
            message.MESSAGE_NAME: message.MESSAGE_TOPIC
            for service in services
            for message in service.messages
        }

    def around(self, work: Work) -> AbstractAsyncContextManager[Any]:
        """The span of a unit of work."""
        if work.kind == "delivery" and work.message is not None:
            return self._processing(work, work.message)
        if work.kind == "batch":
            return self._spanned(f"process {work.name}", _of_batch(work), _linked(work.messages))
        if work.kind == "scheduled":
            return self._spanned(f"run {work.name}")
        return self._working()

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """Spans for what is published inside, outside of any unit of work: in a script."""
        with outgoing(self._published):
            yield

    @asynccontextmanager
    async def _processing(self, work: Work, message: MessageOf[Any]) -> AsyncIterator[None]:
        parent = propagate.extract(_texts(work.headers))
        created = trace.get_current_span(parent).get_span_context()
        span = self._tracer.start_span(
            f"process {message.payload().MESSAGE_TOPIC}",
            context=parent,
            kind=SpanKind.CONSUMER,
            attributes=_of_delivery(work, message),
            links=[Link(created)] if created.is_valid else None,
            record_exception=False,
        )
        _delivery_span.set(span)
        task = asyncio.current_task()
        if task is not None:
            task.add_done_callback(lambda _: _end(span))
        with _current(span), outgoing(self._published):
            yield

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        with self.publishing():
            yield

    @asynccontextmanager
    async def _spanned(
        self, name: str, attributes: Attributes | None = None, links: Sequence[Link] = ()
    ) -> AsyncIterator[None]:
        """A span of its own: what a batch or a scheduled run does has no one message to follow."""
        kind = SpanKind.CONSUMER if links or attributes else SpanKind.INTERNAL
        span = self._tracer.start_span(
            name, kind=kind, attributes=attributes, links=links, record_exception=False
        )
        try:
            with _current(span), outgoing(self._published):
                yield
        finally:
            span.end()

    def _published(self, publication: Publication) -> Publication:
        """The publication with its span's context; what becomes of it ends the span: what a
        handler publishes is sent, and confirmed, once the handler has succeeded."""
        if "traceparent" in publication.headers:
            return publication
        topic = self._topics.get(publication.properties.type or "", publication.routing_key)
        span = self._tracer.start_span(
            printable(f"publish {topic}"),
            kind=SpanKind.PRODUCER,
            attributes=_of_publication(publication, topic),
        )
        carrier: dict[str, str] = {}
        propagate.inject(carrier, trace.set_span_in_context(span))
        given = {**publication.headers, **carrier}
        return replace(publication, headers=given, told=lambda error: _sent(span, error))

    def _settled(self, handled: Handled) -> None:
        span = _delivery_span.get()
        if span is None:
            return
        _delivery_span.set(None)
        span.set_attribute("jararaca.outcome", handled.outcome)
        if handled.reason is not None:
            span.set_attribute("jararaca.reason", printable(handled.reason))
        span.end()


@contextmanager
def _current(span: Span) -> Iterator[None]:
    """The span as the current one; a failure inside is recorded in it."""
    token = contexts.attach(trace.set_span_in_context(span))
    try:
        yield
    except HandledBeforeError:
        raise
    except Exception as error:
        trace_of_it = printable_lines("".join(traceback.format_exception(error)))
        told = {"exception.message": printable(text_of(error)), "exception.stacktrace": trace_of_it}
        span.record_exception(error, attributes=told)
        span.set_attribute("error.type", f"{type(error).__module__}.{type(error).__qualname__}")
        span.set_status(Status(StatusCode.ERROR, told["exception.message"]))
        raise
    finally:
        contexts.detach(token)


def _end(span: Span) -> None:
    """End the span of a delivery that went back to its queue without a report."""
    if span.is_recording():
        span.end()


def _sent(span: Span, error: BaseException | None) -> None:
    """End the span of a publication, once: what is sent again after a failure has ended it."""
    if not span.is_recording():
        return
    if error is not None:
        span.set_attribute("error.type", f"{type(error).__module__}.{type(error).__qualname__}")
        span.set_status(Status(StatusCode.ERROR, printable(text_of(error))))
    span.end()


def _texts(headers: Mapping[str, Any]) -> Mapping[str, str]:
    return {name: printable(value) for name, value in headers.items() if isinstance(value, str)}


def _of_publication(publication: Publication, topic: str) -> Attributes:
    named = (publication.exchange, publication.routing_key)
    return {
        **_common("publish", "send", ":".join(filter(None, named)), topic),
        "messaging.rabbitmq.destination.routing_key": printable(publication.routing_key),
        **_of_message(publication.properties.message_id, publication.properties.correlation_id),
        "messaging.message.body.size": len(publication.body),
    }


def _of_delivery(work: Work, message: MessageOf[Any]) -> Attributes:
    delivery = message.delivery
    named = dict.fromkeys((delivery.exchange, delivery.routing_key, delivery.queue))
    return {
        **_common(
            "process", "process", ":".join(filter(None, named)), message.payload().MESSAGE_TOPIC
        ),
        "messaging.rabbitmq.destination.routing_key": printable(delivery.routing_key),
        **_of_message(delivery.properties.message_id, delivery.properties.correlation_id),
        "messaging.message.body.size": len(delivery.body),
        "jararaca.handler": work.name,
        "jararaca.attempt": message.attempt,
    }


def _of_batch(work: Work) -> Attributes:
    first = work.messages[0]
    return {
        **_common("process", "process", first.delivery.queue, first.payload().MESSAGE_TOPIC),
        "messaging.batch.message_count": len(work.messages),
        "jararaca.handler": work.name,
    }


def _linked(messages: Sequence[MessageOf[Any]]) -> Sequence[Link]:
    """Where each message of a batch was published, with its id."""
    links = []
    for message in messages:
        parent = propagate.extract(_texts(message.delivery.theirs))
        created = trace.get_current_span(parent).get_span_context()
        if created.is_valid:
            properties = message.delivery.properties
            told = _of_message(properties.message_id, properties.correlation_id)
            links.append(Link(created, told))
    return links


def _common(name: str, kind: str, destination: str, topic: str) -> Attributes:
    return {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": name,
        "messaging.operation.type": kind,
        "messaging.destination.name": printable(destination),
        "messaging.destination.template": printable(topic),
    }


def _of_message(message_id: str | None, correlation_id: str | None) -> Attributes:
    """Who the message is. An exporter drops a whole batch over half a character: all texts that
    others have written are printable here.
    """
    given = {
        "messaging.message.id": message_id,
        "messaging.message.conversation_id": correlation_id,
    }
    return {name: printable(value) for name, value in given.items() if value is not None}
