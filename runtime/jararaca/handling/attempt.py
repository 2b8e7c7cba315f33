"""One try of a handler: it runs, what it published is sent, and the policy decides."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.deciding import decide
from jararaca.handling.decision import DONE, Decision, Settlement
from jararaca.handling.delivery_work import RETURNED, DeliveryWork
from jararaca.handling.handler_result import Failed, HandlerResult, succeeded
from jararaca.messages.received import MessageOf
from jararaca.printable import logger_named
from jararaca.transport import forked

logger = logger_named("jararaca.worker")

Try = Callable[[BoundHandler, MessageOf[Any]], Awaitable[Decision]]
"""Tries a handler once on a message, in a unit of work of its own."""

Attempt = Callable[[DeliveryWork], Awaitable[Decision]]
"""Tries a handler once. Middlewares wrap it: idempotency, concurrency."""


async def attempt_once(work: DeliveryWork) -> Decision:
    """Run the handler in its unit of work; what is decided about its delivery."""
    result = await work.run()
    forked.end_child()
    work.end()
    follows = work.publisher.staged or work.endings is not None or work.remember is not None
    if follows:
        if succeeded(work.handler.spec, result):
            result = await _published(work, result)
        else:
            work.drop()
    return decided(work, result)


def decided(work: DeliveryWork, result: HandlerResult) -> Decision:
    """The decision about a delivery whose handler ended so."""
    handler, message = work.handler, work.message
    attempt = message.attempt
    error = None
    if result is RETURNED and handler.spec.auto_ack:
        # Nearly all: `decide` would say the same.
        settlement: Settlement = DONE
    else:
        settlement = decide(handler.spec, result, attempt, random.random())
        error = result.error if isinstance(result, Failed) else None
    return Decision(
        message.delivery,
        settlement,
        handler,
        message.payload(),
        error,
        work.acknowledged,
        attempt,
        message.violations,
    )


async def _published(work: DeliveryWork, result: HandlerResult) -> HandlerResult:
    """Send what the handler published, and do what follows; its result, or a failure to send."""
    try:
        await work.publisher.flush()
        if work.remember is not None:
            await work.remember()
    except Exception as failure:
        if not work.acknowledged:
            return Failed(failure)
        logger.exception("%s: publications made after ack() were lost", work.name)
    else:
        await work.finish()
    return result
