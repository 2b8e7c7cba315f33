"""Keeps the schedules while this scheduler leads: waits, runs, records, one task a schedule."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid5

from jararaca.application.ended_work import ended_from_outside
from jararaca.application.host import Host
from jararaca.application.unit_of_work import HandledBeforeError, Work
from jararaca.errors import BackendError, BrokerError, ShuttingDownError
from jararaca.printable import logger_named
from jararaca.routing.schedules import OCCURRENCE, ScheduledRun
from jararaca.scheduling.clock import Clock
from jararaca.scheduling.jobs import Job
from jararaca.scheduling.store import ScheduleStore
from jararaca.scheduling.timing import due

logger = logger_named("jararaca.scheduler")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0


class ScheduleRunner:
    """Runs what is due; `busy` names the schedules whose run is in flight.

    `last_round` ends each schedule after the run that is in flight; `holds` is asked before each
    run whether this scheduler surely leads.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        host: Host,
        store: ScheduleStore,
        clock: Clock,
        holds: Callable[[], bool],
    ) -> None:
        self._jobs = jobs
        self._host = host
        self._store = store
        self._clock = clock
        self._done: dict[str, datetime] = {}
        self.busy: set[str] = set()
        self.last_round = False
        self._holds = holds

    async def recall(self, leadership: int) -> None:
        """Read up to when each schedule is done: now, for one that is new or has changed.

        What this process did itself counts too: it may have lost its lease before it could record.
        """
        recorded = await self._store.load()
        for job in self._jobs:
            found = _read(job, recorded.get(job.name))
            done = max(filter(None, (found, self._done.get(job.name))), default=None)
            self._done[job.name] = done or self._clock.now()
            self._host.scheduled_until[job.name] = self._done[job.name]
            if found is None or found != done:
                await self._store.save(leadership, job.name, _text(job, self._done[job.name]))

    def begin(self, leadership: int) -> dict[str, asyncio.Task[None]]:
        """A task for each schedule, to be cancelled when this scheduler leads no longer."""
        return {job.name: asyncio.create_task(self._keep(job, leadership)) for job in self._jobs}

    async def _keep(self, job: Job, leadership: int) -> None:
        pause = FIRST_PAUSE
        while not self.last_round:
            done, now = self._done[job.name], self._clock.now()
            instant = due(job.timing, job.catch_up, done, now)
            if instant is None:
                logger.info("%s: has no further occurrences", job.name)
                return
            if instant > now:
                # Looked at again afterwards: the machine may have slept longer.
                await self._clock.sleep_until(instant)
                continue
            if not self._holds():
                await asyncio.sleep(FIRST_PAUSE)
                continue
            self._tell_missed(job, done, instant)
            self.busy.add(job.name)
            try:
                await self._run(job, instant)
                self._done[job.name] = self._host.scheduled_until[job.name] = instant
                if not await self._remembered(job, leadership):
                    logger.warning("%s: another scheduler leads now", job.name)
                    return
                pause = FIRST_PAUSE
                continue
            except ShuttingDownError:
                logger.info(
                    "%s: the run ended with the shutdown; the next scheduler repeats it", job.name
                )
                return
            except (BrokerError, BackendError) as error:
                logger.warning("%s: %s: again in %.1f s", job.name, error, pause)
            finally:
                self.busy.discard(job.name)
            if not self.last_round:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _run(self, job: Job, instant: datetime) -> None:
        """One occurrence in a unit of work.

        Raises BrokerError, BackendError, ShuttingDownError; what else goes wrong in a method of
        the application's is logged, and the occurrence is over.
        """
        run = ScheduledRun(job.name, instant.astimezone(job.zone))
        publisher = self._host.publisher()
        work = Work(
            publisher=publisher, kind="scheduled", name=job.name, source=run, once=f"run:{run.id}"
        )
        try:
            async with asyncio.timeout(job.timeout), self._host.unit_of_work(work):
                await job.call(run)
        except HandledBeforeError:
            logger.info("%s: %s has already run", job.name, run.due.isoformat())
        except (BrokerError, BackendError, ShuttingDownError):
            raise
        except BaseException as error:
            if ended_from_outside(error):
                raise
            logger.exception("%s: the run of %s failed", job.name, run.due.isoformat())
        else:
            logger.debug("%s: %s %s", job.name, job.what, run.due.isoformat())

    async def _remembered(self, job: Job, leadership: int) -> bool:
        """Record what is done, however long the backend is away; False where another one leads."""
        pause = FIRST_PAUSE
        while True:
            try:
                text = _text(job, self._done[job.name])
                return await self._store.save(leadership, job.name, text)
            except BackendError as error:
                logger.warning("%s: not recorded yet (%s)", job.name, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _tell_missed(self, job: Job, done: datetime, instant: datetime) -> None:
        first = job.timing.after(done)
        if first is not None and first < instant:
            since = first.astimezone(job.zone).isoformat()
            logger.warning("%s: occurrences due since %s are skipped", job.name, since)


def _definition(job: Job) -> str:
    """What tells whether a record is of the same times: a changed schedule begins anew."""
    return uuid5(OCCURRENCE, job.timing.text).hex[:8]


def _text(job: Job, done: datetime) -> str:
    return f"{done.isoformat()} {_definition(job)}"


def _read(job: Job, text: str | None) -> datetime | None:
    time, _, definition = (text or "").partition(" ")
    return datetime.fromisoformat(time) if definition == _definition(job) else None
