"""Entries told to the desks of other processes on the same broker, and heard from them.

No message of the application is touched: an exchange beside it carries what the desks tell.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from secrets import token_hex
from typing import Any

from jararaca.application.host import Host
from jararaca.application.integration import Integration
from jararaca.contract.topology import Exchange, Queue, QueueBinding, Topology
from jararaca.dev.journal import Journal
from jararaca.errors import JararacaError
from jararaca.printable import logger_named
from jararaca.transport import Delivery, Properties, Publication, Terms

logger = logger_named("jararaca.desk")

EXCHANGE = "jararaca.desk"
ARGUMENTS = {"x-queue-type": "classic", "x-expires": 120_000, "x-max-length": 10_000}
FLEETING = Terms(expiration=60_000, persistent=False)
MOST_WAITING = 2_000
MOST_AT_ONCE = 50
MOST_BYTES = 4_000_000
PREFETCH = 100

_TEXT, _NUMBER = (str, type(None)), (int, float, type(None))
KINDS: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("name", "topic", "exchange", "message", "body", "reason"), _TEXT),
    **dict.fromkeys(("outcome", "handler", "queue", "service"), _TEXT),
    **dict.fromkeys(("attempt", "delay", "spent", "length"), _NUMBER),
    **dict.fromkeys(("cause", "parameters", "headers", "properties"), (dict,)),
    "id": (str,),
    "is": (str,),
    "at": (int, float),
    "sent": (bool,),
    "violations": (list,),
}
"""What an entry of another desk may have; whoever may write to the exchange can send anything."""

NEEDED = {"published": "cause", "begun": "queue", "ended": "outcome"}


class Sharing(Integration):
    """Tells what this desk notes, and notes what others tell; without the right to, it does not."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._own = token_hex(8)
        self._waiting: deque[dict[str, Any]] = deque(maxlen=MOST_WAITING)
        self._wake = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None

    async def start(self, host: Host) -> None:
        """Declare the exchange and a queue of its own, and listen."""
        queue = f"{EXCHANGE}.{self._own}"
        topology = Topology(
            (Exchange(EXCHANGE, "fanout"),),
            (Queue(queue, arguments=ARGUMENTS),),
            (QueueBinding(EXCHANGE, queue, ""),),
        )

        async def receive(delivery: Delivery) -> None:
            self._heard(delivery)
            await host.transport.ack(delivery)

        try:
            await host.transport.declare(topology)
            await host.transport.consume(queue, PREFETCH, receive)
        except JararacaError as error:
            logger.info("other processes are not shown at the desk: %s", error)
            return
        self._journal.share = self._tell
        self._telling = asyncio.create_task(self._tell_all(host))

    async def stop(self) -> None:
        """Tell nothing more."""
        self._journal.share = None
        if self._telling is not None:
            self._telling.cancel()
            with suppress(asyncio.CancelledError):
                await self._telling

    def _tell(self, entry: dict[str, Any]) -> None:
        self._waiting.append(entry)
        self._wake.set()

    async def _tell_all(self, host: Host) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                some = min(len(self._waiting), MOST_AT_ONCE)
                told = [self._waiting.popleft() for _ in range(some)]
                # Broken off or not: what was not told is not told again.
                with suppress(JararacaError):
                    await host.transport.publish(self._publication(told))

    def _publication(self, told: list[dict[str, Any]]) -> Publication:
        return Publication(
            routing_key="desk",
            body=json.dumps(told, default=str).encode(),
            exchange=EXCHANGE,
            properties=Properties(content_type="application/json", app_id=self._own),
            terms=FLEETING,
        )

    def _heard(self, delivery: Delivery) -> None:
        if delivery.properties.app_id != self._own and len(delivery.body) <= MOST_BYTES:
            for entry in entries_of(delivery.body):
                self._journal.note(entry, is_own=False)


def entries_of(body: bytes) -> Iterator[dict[str, Any]]:
    """What another desk tells: the entries that are of the form of ours, without anything else."""
    try:
        found = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return
    for each in found if isinstance(found, list) else ():
        if not isinstance(each, dict) or each.get("is") not in NEEDED:
            continue
        kept = {name: value for name, value in each.items() if name in KINDS}
        is_whole = {"id", "at", NEEDED[each["is"]]} <= kept.keys()
        if is_whole and all(isinstance(value, KINDS[name]) for name, value in kept.items()):
            yield kept


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
