"""The publications that move a delivery on: back into its queue later, or to the dead letters."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from jararaca.contract import headers
from jararaca.contract.topology import dead_letter_queue
from jararaca.transport import MAX_DELAY, Delivery, Publication

MAX_TEXT = 1_000
MAX_TRACEBACK = 4_000


def attempt_of(delivery: Delivery) -> int:
    """Which try a delivery is, from 1."""
    value = delivery.ours.get(headers.ATTEMPT)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 1


def as_published(delivery: Delivery) -> Delivery:
    """The delivery under the topic and exchange that it was first published with."""
    topic = delivery.ours.get(headers.TOPIC)
    if not isinstance(topic, str):
        return delivery
    exchange = delivery.ours.get(headers.EXCHANGE)
    origin = exchange if isinstance(exchange, str) else delivery.exchange
    if (topic, origin) == (delivery.routing_key, delivery.exchange):
        return delivery
    return replace(delivery, routing_key=topic, exchange=origin)


def again(delivery: Delivery, delay: float, attempt: int, error: Exception | None) -> Publication:
    """The same message, with its identity, for the same queue after `delay` seconds."""
    return Publication(
        routing_key=delivery.queue,
        body=delivery.body,
        exchange="",
        properties=delivery.properties,
        headers={
            **_moved(delivery, error),
            headers.ATTEMPT: attempt,
        },
        mandatory=True,
        delay=min(delay, MAX_DELAY),
        signed=True,
    )


def dead_letter(
    delivery: Delivery, reason: str, handler: str | None, error: Exception | None
) -> Publication:
    """The same message, with its identity, for the queue's dead letters."""
    told: dict[str, Any] = {
        **_moved(delivery, error),
        headers.REASON: _clip(reason),
        headers.QUEUE: delivery.queue,
        headers.ATTEMPT: attempt_of(delivery),
        headers.DEAD_LETTERED_AT: _now(),
    }
    if handler is not None:
        told[headers.HANDLER] = handler
    if error is not None:
        told[headers.ERROR_TYPE] = f"{type(error).__module__}.{type(error).__qualname__}"
        told[headers.TRACEBACK] = _frames(error)
    return Publication(
        routing_key=dead_letter_queue(delivery.queue),
        body=delivery.body,
        exchange="",
        properties=delivery.properties,
        headers=told,
        mandatory=True,
        signed=True,
    )


def _moved(delivery: Delivery, error: Exception | None) -> Mapping[str, Any]:
    kept = {**delivery.theirs, **delivery.ours}
    kept.setdefault(headers.TOPIC, delivery.routing_key)
    kept.setdefault(headers.EXCHANGE, delivery.exchange)
    if error is not None:
        kept.setdefault(headers.FIRST_FAILURE, _now())
        kept[headers.LAST_ERROR] = _clip(f"{type(error).__name__}: {error}")
    return kept


def _frames(error: Exception) -> str:
    text = "".join(traceback.format_exception(error, limit=-8))
    return text[-MAX_TRACEBACK:]


def _clip(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
