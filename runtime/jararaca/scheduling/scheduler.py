"""The scheduler process: leads or waits to, and runs what is due, once however many there are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jararaca.application.host import Host
from jararaca.application.microservice import Microservice
from jararaca.application.termination import Termination
from jararaca.errors import BackendError
from jararaca.printable import logger_named
from jararaca.publishing.carried_headers import nothing_outgoing
from jararaca.routing.declarations import topology_of
from jararaca.scheduling.clock import Clock, SystemClock
from jararaca.scheduling.execution import ScheduleRunner
from jararaca.scheduling.jobs import jobs_of
from jararaca.scheduling.store import LEASE_SECONDS
from jararaca.scheduling.store.backends import schedule_store_for
from jararaca.transport import Transport

logger = logger_named("jararaca.scheduler")

RENEW_SECONDS = LEASE_SECONDS / 4
MARGIN_SECONDS = LEASE_SECONDS / 10
WAIT_SECONDS = 1.0
"""How often one that does not lead asks whether it may."""
LONGEST_PAUSE = 10.0
PAUSE = 0.5
TIDY_SECONDS = 1.0
"""How long a run that was cancelled at the end may tidy up."""
STARTING_SECONDS = 0.05
"""How often one inside of a worker looks whether all of it has started."""


class Scheduler:
    """Publishes the scheduled tasks of an application and runs its scheduled methods.

    Several schedulers may run: one leads, agreed on in the backend (`backend_url`, Redis; without
    one, this process's memory, and this is to be the only scheduler). What is done is recorded
    after it is done, fenced by the leadership's number. `shutdown_timeout` (seconds) is what runs
    in flight get to finish in; `declare` False expects the topology to be there. `host` is a
    worker's, in whose process it runs (see EmbeddedScheduler): whoever started it stops it.
    Raises ConfigurationError for a schedule that cannot be, and where nothing is scheduled.
    """

    def __init__(
        self,
        microservice: Microservice,
        transport: Transport,
        *,
        backend_url: str | None = None,
        clock: Clock | None = None,
        shutdown_timeout: float = 30.0,
        declare: bool = True,
        host: Host | None = None,
    ) -> None:
        self.clock = clock or SystemClock()
        self._microservice = microservice
        self._transport = transport
        self._own_host = host is None
        self._host = host or Host(microservice, transport, backend_url)
        self.jobs = jobs_of(microservice, self._host.method)
        self._store = schedule_store_for(backend_url, microservice.name)
        self._runner = ScheduleRunner(self.jobs, self._host, self._store, self.clock, self._holds)
        self._shutdown_timeout = shutdown_timeout
        self._declare = declare
        self._leading: asyncio.Task[None] | None = None
        self._held_at = 0.0
        self._cut_off = asyncio.Event()
        self.drained = True

    @property
    def place(self) -> str:
        """Where what is done is recorded, for people."""
        return self._store.place

    async def start(self) -> None:
        """Connect, declare, and begin to lead or to wait for it."""
        if self._own_host:
            await self._host.start()
        try:
            for service in self._microservice.services:
                await self._transport.declare(topology_of(service), passive=not self._declare)
        except BaseException:
            await self._close()
            raise
        with nothing_outgoing():
            self._leading = asyncio.create_task(self._lead_or_wait())

    async def stop(self) -> bool:
        """Begin nothing new, let what runs finish, let another one lead, close.

        True when all finished in time.
        """
        self._host.stopping.set()
        if self._leading is not None:
            await self._leading
        await self._close()
        return self.drained

    async def _close(self) -> None:
        if self._own_host:
            await self._host.stop()
        await self._store.close()

    async def run(self, ready: Callable[[], None] | None = None) -> bool:
        """Start, wait for SIGTERM or SIGINT, stop. A second signal ends what runs at once."""
        termination = Termination(self._shutdown_timeout)
        self._cut_off = termination.at_once
        with termination.watched():
            if not await termination.unless_stopped(self.start()):
                return True
            if ready:
                ready()
            await termination.stop.wait()
            drained = await self.stop()
        termination.leave(lambda: bool(self._runner.busy), 0 if drained else 1)
        return drained

    async def _lead_or_wait(self) -> None:
        while not self._host.started and not await self._stopping_within(STARTING_SECONDS):
            continue
        pause, told = PAUSE, False
        while not self._host.stopping.is_set():
            try:
                self._held_at = asyncio.get_running_loop().time()
                leadership = await self._store.lead()
                if leadership is not None:
                    logger.info("this scheduler leads (%s)", self._store.place.partition(":")[0])
                    await self._runner.recall(leadership)
                    await self._reign(leadership)
                elif not told:
                    logger.info("another scheduler leads: waiting")
                told, pause = leadership is None, PAUSE
                await self._stopping_within(WAIT_SECONDS if leadership is None else PAUSE)
            except BackendError as error:
                logger.warning("%s: nothing runs until then; trying again in %.1f s", error, pause)
                await self._stopping_within(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:
                logger.exception("an internal error: trying again in %.1f s", LONGEST_PAUSE)
                await self._stopping_within(LONGEST_PAUSE)

    async def _reign(self, leadership: int) -> None:
        """Run the schedules until the scheduler is stopped, or until it loses the lease."""
        kept = self._runner.begin(leadership)
        try:
            while not await self._stopping_within(RENEW_SECONDS):
                if not await self._renewed(leadership):
                    return
            await self._finish(leadership, kept)
        finally:
            self._host.scheduled_until.clear()  # Another one's runs are not known here.
            await self._ended(set(kept.values()))

    async def _ended(self, kept: set[asyncio.Task[None]]) -> None:
        """Cancel what is kept and wait for it; while stopping, no longer than it may tidy up."""
        for task in kept:
            task.cancel()
        while kept and not self._host.stopping.is_set():
            _, kept = await asyncio.wait(kept, timeout=PAUSE)
        if kept:
            _, stubborn = await asyncio.wait(kept, timeout=TIDY_SECONDS)
            self.drained = self.drained and not stubborn

    async def _finish(self, leadership: int, kept: dict[str, asyncio.Task[None]]) -> None:
        """Let the runs in flight end, then let another scheduler lead."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        busy = {task for name, task in kept.items() if name in self._runner.busy}
        self._runner.last_round = True
        while busy and loop.time() < began + self._shutdown_timeout and not self._cut_off.is_set():
            left = began + self._shutdown_timeout - loop.time()
            _, busy = await asyncio.wait(busy, timeout=min(RENEW_SECONDS, left, 0.5))
            if busy and not await self._renewed(leadership):
                break
        if busy:
            self.drained = False
            logger.warning("cancelled runs that did not finish in time: %d", len(busy))
            await self._ended(busy)
        try:
            await self._store.resign()
        except BackendError as error:
            logger.warning("%s: the next one leads in %g s", error, LEASE_SECONDS)

    def _holds(self) -> bool:
        """Whether the lease is surely this scheduler's: not after it was paused, or blocked."""
        until = self._held_at + LEASE_SECONDS - MARGIN_SECONDS
        return asyncio.get_running_loop().time() < until

    async def _renewed(self, leadership: int) -> bool:
        """Whether it still leads; asked again while the lease that it has would last."""
        loop = asyncio.get_running_loop()
        until = self._held_at + LEASE_SECONDS - MARGIN_SECONDS
        while True:
            asked = loop.time()
            try:
                async with asyncio.timeout_at(until):
                    found = await self._store.lead()
            except (BackendError, TimeoutError) as error:
                if loop.time() + PAUSE >= until:
                    logger.warning("the lease could not be renewed (%s): nothing runs", error)
                    return False
                await asyncio.sleep(PAUSE)
                continue
            if found == leadership:
                self._held_at = asked
            else:
                logger.warning("another scheduler leads now")
            return found == leadership

    async def _stopping_within(self, seconds: float) -> bool:
        """Whether it is to stop; waits so long for it."""
        try:
            async with asyncio.timeout(seconds):
                await self._host.stopping.wait()
        except TimeoutError:
            return False
        return True
