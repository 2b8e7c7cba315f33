"""How many messages never arrived: what the broker has routed, less what came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from jararaca_compiler.listening.broker.management import Management
from jararaca_compiler.listening.ear_queue import EarQueue
from jararaca_compiler.listening.errors import ListeningError

QUIET_SECONDS = 6.0
"""RabbitMQ gathers its statistics every 5 s: a number that stays for longer is the last one."""

PATIENCE_SECONDS = 60.0


async def dropped_of(queues: Sequence[EarQueue], management: Management | None) -> int | None:
    """The number over all queues; None where some may be missing and nobody can tell.

    Asks the management API only about queues that may have dropped something.
    """
    doubtful = [queue for queue in queues if not queue.certainty.is_certain]
    if not doubtful:
        return 0
    if management is None:
        return None
    total = 0
    for queue in doubtful:
        routed = await _routed(queue.name, management)
        if routed is None:
            return None
        total += max(0, routed - queue.arrived)
    return total


async def _routed(name: str, management: Management) -> int | None:
    """What was routed to a queue, once the number stays."""
    found: int | None = None
    since = begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE_SECONDS:
        try:
            told = await asyncio.to_thread(management.routed_to, name)
        except ListeningError:
            return None
        if told != found:
            found, since = told, time.monotonic()
        if time.monotonic() - since > QUIET_SECONDS:
            return found
        await asyncio.sleep(0.5)
    return None
