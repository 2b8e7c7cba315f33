"""How long RabbitMQ waits for an ack: its default, and what the handlers of a queue need."""

from __future__ import annotations

from collections.abc import Sequence

from jararaca.handlers.handler_spec import HandlerSpec
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.middlewares.ordering import LONGEST_HOLD
from jararaca.printable import logger_named

logger = logger_named("jararaca.worker")

DEFAULT_SECONDS = 30 * 60.0
"""RabbitMQ's own `consumer_timeout`: then it takes the message back and delivers it again."""

MARGIN_SECONDS = 60.0
"""For what follows the handler: its publications and the ack wait for the broker's confirms."""


def consumer_timeout(specs: Sequence[HandlerSpec], *, in_order: bool = False) -> float | None:
    """Seconds that a queue's consumer asks RabbitMQ to wait for an ack (`x-consumer-timeout`).

    RabbitMQ obeys from 4.3 on. None leaves it to the broker: a handler has no timeout. `in_order`
    is what a partition is, whatever its handlers say.
    """
    needed = [_longest(spec, in_order=in_order or spec.in_order) for spec in specs]
    known = [each for each in needed if each is not None]
    if len(known) < len(needed):
        return None
    return max(DEFAULT_SECONDS, *(each + MARGIN_SECONDS for each in known))


def warn_of_timeout(handler: BoundHandler) -> None:
    """Say which handler may take longer than an older RabbitMQ waits."""
    longest = _longest(handler.spec, in_order=handler.spec.in_order)
    if longest is not None and longest >= DEFAULT_SECONDS:
        logger.warning(
            "%s may take %g s. RabbitMQ 4.3 and newer wait that long. Older versions redeliver a "
            "message that is not acked within %g s, unless you raise their consumer_timeout",
            handler.name,
            longest,
            DEFAULT_SECONDS,
        )


def _longest(spec: HandlerSpec, *, in_order: bool) -> float | None:
    """Seconds from the receipt to the settlement: with all tries, where they are made in place."""
    if spec.timeout is None:
        return None
    if spec.batch is not None:
        # A batch that fails is divided, at the worst down to each message.
        return spec.within + spec.timeout * (2 * spec.batch - 1)
    if not in_order:
        return spec.timeout
    retries = range(1, spec.retry.max_retries + 1)
    delays = [spec.retry.delay(attempt, 1.0) or 0.0 for attempt in retries]
    tries = spec.timeout * (len(retries) + 1)
    return tries + sum(min(delay, LONGEST_HOLD) for delay in delays)
