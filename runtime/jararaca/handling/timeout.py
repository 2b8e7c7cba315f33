"""A handler's timeout: its call is cancelled, and named where it keeps running all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from jararaca.printable import logger_named

logger = logger_named("jararaca.worker")

STUBBORN_SECONDS = 5.0
"""How long a handler may tidy up after it was cancelled before it is reported."""

Call = Callable[[Any], Awaitable[Any]]
"""Takes a message, or the list that a batch is."""


def within(seconds: float, name: str, call: Call) -> Call:
    """The call of the handler `name`, which raises TimeoutError once it takes longer."""

    async def limited(message: Any) -> Any:
        deadline = asyncio.timeout(seconds)
        loop = asyncio.get_running_loop()
        report = loop.call_later(seconds + STUBBORN_SECONDS, _report_stubborn, name, seconds)
        try:
            async with deadline:
                return await call(message)
        except TimeoutError:
            if not deadline.expired():
                raise
            raise TimeoutError(f"{name} took longer than {seconds:g} s") from None
        finally:
            report.cancel()

    return limited


def _report_stubborn(name: str, seconds: float) -> None:
    logger.error(
        "%s was cancelled at its timeout of %g s but keeps running: it catches CancelledError, or "
        "runs in a thread. Its message stays unsettled until it ends",
        name,
        seconds,
    )
