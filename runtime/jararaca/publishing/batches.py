"""Many publications at once: sent in order, their confirms awaited together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from jararaca.publishing.confirming import send
from jararaca.transport import Publication, Transport

MAX_IN_FLIGHT = 500
"""Publications of `publish_many`, or of one handler, that wait for their confirms at a time."""


async def publish_all(
    transport: Transport, publications: Sequence[Publication]
) -> Sequence[BaseException | None]:
    """Publish in order, the confirms awaited together; what came of each."""
    publishing = (send(transport, publication) for publication in publications)
    return await asyncio.gather(*publishing, return_exceptions=True)
