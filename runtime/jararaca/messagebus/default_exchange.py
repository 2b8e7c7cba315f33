"""Whether a worker may move messages on: told at its start, not at the first retry."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from jararaca.errors import AccessRefusedError, PublishTimeoutError
from jararaca.transport import Publication, Transport

NOWHERE = "jararaca.nowhere"
"""A queue that nobody has: what is published to it is dropped by the broker."""

PATIENCE = 3.0
"""Seconds for the answer: a broker that blocks publishers is no reason not to start."""


async def check_default_exchange(transport: Transport) -> bool:
    """Whether the broker takes a publication now.

    Raises AccessRefusedError where retries, dead letters and answers could not be published.
    """
    try:
        with suppress(TimeoutError, PublishTimeoutError):
            async with asyncio.timeout(PATIENCE):
                await transport.publish(Publication(NOWHERE, b"", exchange=""))
                return True
    except AccessRefusedError as error:
        raise AccessRefusedError(
            "the account may not write to the default exchange, which retries, dead letters and "
            "answers are sent through: `jararaca topology permissions USER` prints what it needs"
        ) from error
    return False
