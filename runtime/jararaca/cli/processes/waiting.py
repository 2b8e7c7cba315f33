"""Waiting for a broker that starts at the same time as the worker."""

from __future__ import annotations

import asyncio

from jararaca.errors import BrokerUnreachableError
from jararaca.printable import logger_named
from jararaca.transport import Transport

logger = logger_named("jararaca.worker")

PAUSE_SECONDS = 1.0
"""Between two tries to reach a broker that does not answer yet."""


async def connected_within(transport: Transport, seconds: float) -> None:
    """Connect to a broker that may be still starting; what it refuses is not tried again.

    Raises BrokerUnreachableError after so many seconds.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    is_told = False
    while True:
        try:
            await transport.connect()
            return
        except BrokerUnreachableError as error:
            if loop.time() + PAUSE_SECONDS > deadline:
                raise
            if not is_told:
                logger.warning("%s Waiting for it, %g s at most", error, seconds)
                is_told = True
        await asyncio.sleep(PAUSE_SECONDS)
