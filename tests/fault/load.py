"""A steady load of numbered messages, what became of each, and the line of the report."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from jararaca import BrokerError, Publisher
from jararaca.messages.message import current_publisher
from jararaca.operations import dead_letters
from jararaca.transport import Transport
from jararaca.transport.connect import transport_for

from tests.fault.working import QUEUE, Numbered, topology

PREFETCH = 50
IN_FLIGHT = 20
PATIENCE = 200
"""Seconds. RabbitMQ hands a message on once more after 180 s where it saw no confirm from the queue
behind a delay: it may have been restarted at that moment."""

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    """A line of the table in docs/reliability.md.

    `harmed` are those that were not handled although nothing was the matter with them.
    """

    scenario: str
    published: int
    confirmed: int
    handled: int
    dead_lettered: int
    duplicates: int
    harmed: int
    lost: int
    in_flight: int


@dataclass
class Load:
    """Publishes numbers and keeps which were confirmed; workers note which they handled."""

    url: str
    notes: Path
    worker_url: str = ""
    prefetch: int = PREFETCH
    published: int = 0
    sent_again: int = 0
    """How often a publication failed and was made once more: the broker may have both."""
    confirmed: set[int] = field(default_factory=set)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def start_worker(self, *, ready: bool = True) -> subprocess.Popen[bytes]:
        """A worker process, once it is ready; its log goes to the notes' folder."""
        process, log = self._spawn()
        self.workers.append(process)
        assert process.stdout is not None
        if ready and await asyncio.to_thread(process.stdout.readline) != b"ready\n":
            raise RuntimeError(log.read_text())
        return process

    def _spawn(self) -> tuple[subprocess.Popen[bytes], Path]:
        log = self.notes / f"worker-{len(self.workers)}.log"
        command = [
            *(sys.executable, "-m", "tests.fault.working"),
            *(self.worker_url or self.url, str(self.notes), str(self.prefetch)),
        ]
        with log.open("wb") as errors:
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors)
        return process, log

    async def stop_workers(self) -> list[int]:
        """Ask all that live to stop; their exit statuses."""
        living = [process for process in self.workers if process.poll() is None]
        for process in living:
            process.send_signal(signal.SIGTERM)
        return [await asyncio.to_thread(process.wait, 60) for process in living]

    async def connected(self) -> Transport:
        """A connection that has declared the topology."""
        transport = transport_for(self.url)
        await transport.connect()
        await transport.declare(topology())
        return transport

    async def publish(
        self,
        transport: Transport,
        numbers: range,
        *,
        poison: bool = False,
        kills: bool = False,
        seconds: float = 0.0,
        stubborn: bool = False,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        """Publish each number until it is confirmed, so many at a time."""
        current_publisher.set(Publisher(transport))
        slots = asyncio.Semaphore(in_flight)

        async def one(number: int) -> None:
            async with slots:
                self.published += 1
                while number not in self.confirmed:
                    try:
                        message = Numbered(
                            number=number,
                            poison=poison,
                            kills=kills,
                            seconds=seconds,
                            stubborn=stubborn,
                        )
                        await message.publish(message_id=f"number-{number}")
                        self.confirmed.add(number)
                    except BrokerError:
                        self.sent_again += 1
                        await asyncio.sleep(0.1)

        await asyncio.gather(*(one(number) for number in numbers))

    async def under_load(
        self, incidents: Callable[[], Awaitable[None]], *, seconds: float = 0.002
    ) -> None:
        """Publish without a pause while the incidents happen, and until they are over."""
        transport = await self.connected()
        over = asyncio.Event()

        async def keep_publishing() -> None:
            while not over.is_set():
                await self.publish(
                    transport, range(self.published, self.published + 100), seconds=seconds
                )

        publishing = asyncio.create_task(keep_publishing())
        try:
            await incidents()
        finally:
            over.set()
            await publishing
            await transport.close()

    def handled(self) -> Counter[int]:
        """How often each number was handled."""
        counts: Counter[int] = Counter()
        for file in self.notes.glob("*.notes"):
            counts.update(int(line) for line in file.read_text().split())
        return counts

    async def settled(self, dead: int = 0) -> None:
        """Wait until all that was confirmed was handled, or was given up."""
        async with asyncio.timeout(PATIENCE):
            while len(self.confirmed - self.handled().keys()) > dead:
                await asyncio.sleep(0.2)

    async def drained(self, transport: Transport) -> None:
        """Wait until nothing waits in the queue."""
        async with asyncio.timeout(PATIENCE):
            while await transport.count(QUEUE):
                await asyncio.sleep(0.05)

    async def dead(self) -> int:
        """How many dead letters there are."""
        transport = await self.connected()
        try:
            return (await dead_letters.counts(transport, [topology()]))[QUEUE]
        finally:
            await transport.close()

    async def outcome(
        self,
        scenario: str,
        in_flight: int,
        *,
        culprits: Collection[int] = (),
        malformed: int = 0,
    ) -> Outcome:
        """The line of the report; `in_flight`, and what was sent again, bound the duplicates.

        The `culprits` are the numbers that cannot be handled; `malformed` ones have no number.
        """
        handled = self.handled()
        dead = await self.dead()
        unhandled = self.confirmed - handled.keys()
        return Outcome(
            scenario,
            published=self.published + malformed,
            confirmed=len(self.confirmed) + malformed,
            handled=len(handled),
            dead_lettered=dead,
            duplicates=handled.total() - len(handled),
            harmed=len(unhandled.difference(culprits)),
            lost=len(unhandled) + malformed - dead,
            in_flight=in_flight + self.sent_again,
        )
