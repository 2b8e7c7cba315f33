"""The scheduler with a clock that tests move: downtime, failures, and each occurrence once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from signal import SIGTERM, getsignal, raise_signal
from typing import Any
from uuid import uuid4

import pytest
from dishka import Provider, Scope
from jararaca import (
    ConfigurationError,
    EmbeddedScheduler,
    HandledBeforeError,
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    Schedule,
    ScheduledAction,
    ScheduledRun,
    Scheduler,
    Service,
    Work,
    Worker,
    implicit_headers,
    route,
    shutdown_race,
)
from jararaca.application import termination
from jararaca.routing.schedules import CatchUp
from jararaca.transport.connect import transport_for

from tests.support.clocks import ManualClock
from tests.support.services import service_of

PATIENCE = 10


class Notes(list[str]):
    """What a run has noted."""


class CloseDay(Message):
    MESSAGE_TOPIC = "day.close"
    MESSAGE_TYPE = "task"
    days: int = 0


class Closing:
    @MessageHandler(CloseDay)
    async def close(self, message: MessageOf[CloseDay]) -> None: ...


def service(**schedule: Any) -> Service:
    row = route(
        operation="closeDay",
        queue="days",
        binding_keys=("day.close",),
        message=CloseDay,
        controller=Closing,
        handler=Closing.close,
    )
    made = Schedule(name="test.CloseDay", message=CloseDay, **schedule)
    return replace(service_of(row), schedules=(made,))


class Kept:
    """A record that outlives a scheduler, as a backend does."""

    def __init__(self) -> None:
        from jararaca.scheduling.store.memory import ScheduleStoreInMemory

        self.store = ScheduleStoreInMemory()


async def until(check: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not check():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def scheduling(
    microservice: Microservice, clock: ManualClock, kept: Kept | None = None, url: str = ""
) -> AsyncIterator[Scheduler]:
    scheduler = Scheduler(
        microservice, transport_for(url or f"memory://{uuid4()}"), clock=clock, shutdown_timeout=5
    )
    if kept is not None:
        scheduler._store = scheduler._runner._store = kept.store
    await scheduler.start()
    await until(lambda: scheduler._runner._done)
    try:
        yield scheduler
    finally:
        await scheduler.stop()


def noting(catch_up: CatchUp, runs: list[str], **more: Any) -> Microservice:
    class Hourly:
        @ScheduledAction("0 * * * *", catch_up=catch_up, name="hourly", **more)
        async def run(self, run: ScheduledRun) -> None:
            runs.append(run.due.strftime("%H:%M"))

    return Microservice(scheduled=[Hourly], name="test")


async def test_a_scheduled_task_is_published_with_the_id_of_its_occurrence() -> None:
    clock, url = ManualClock("2026-11-25 02:59:59"), f"memory://{uuid4()}"
    told: list[Any] = []
    received: list[MessageOf[CloseDay]] = []

    class Collecting:
        @MessageHandler(CloseDay)
        async def close(self, message: MessageOf[CloseDay]) -> None:
            received.append(message)

    row = route(
        operation="closeDay",
        queue="days",
        binding_keys=("day.close",),
        message=CloseDay,
        controller=Collecting,
        handler=Collecting.close,
    )
    made = Schedule(
        name="test.CloseDay",
        message=CloseDay,
        cron="0 3 * * *",
        timezone="Europe/Lisbon",
        payload='{"days": 7}',
    )
    microservice = Microservice(replace(service_of(row), schedules=(made,)))
    worker = Worker(microservice, transport_for(url), listener=told.append)
    await worker.start()
    with implicit_headers(tenant="of whoever starts it"):
        async with scheduling(microservice, clock, url=url):
            await clock.advance(seconds=1)
            await until(lambda: received)
    await worker.stop()
    assert received[0].payload().days == 7
    assert received[0].headers == {}
    run = ScheduledRun("test.CloseDay", clock.now())
    assert received[0].properties.message_id == run.id
    assert replace(run, due=run.due + timedelta(days=1)).id != run.id


@pytest.mark.parametrize(
    ("catch_up", "expected"),
    [
        ("all", ["01:00", "02:00", "03:00", "04:00"]),
        ("latest", ["01:00", "03:00", "04:00"]),
        ("none", ["01:00", "04:00"]),
    ],
)
async def test_after_a_downtime_what_was_missed_runs_as_the_schedule_says(
    catch_up: CatchUp, expected: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """What does not run is told, and nothing where all runs."""
    clock, kept, runs = ManualClock("2026-11-25 00:30"), Kept(), list[str]()
    async with scheduling(noting(catch_up, runs), clock, kept):
        await clock.set("2026-11-25 01:00")
        await until(lambda: runs == ["01:00"])
    await clock.set("2026-11-25 03:30")
    async with scheduling(noting(catch_up, runs), clock, kept):
        await until(lambda: len(runs) == len(expected) - 1)
        await clock.set("2026-11-25 04:00")
        await until(lambda: len(runs) >= len(expected))
    assert runs == expected
    skipped = "hourly: occurrences due since 2026-11-25T02:00:00+00:00 are skipped"
    told = [each.getMessage() for each in caplog.records if "skipped" in each.getMessage()]
    assert told == ([] if catch_up == "all" else [skipped])


async def test_a_schedule_that_is_seen_for_the_first_time_begins_now() -> None:
    clock, runs = ManualClock("2026-11-25 12:30"), list[str]()
    async with scheduling(noting("all", runs), clock):
        await clock.set("2026-11-25 13:00")
        await until(lambda: runs)
    assert runs == ["13:00"]


async def test_a_schedule_whose_times_have_changed_begins_now() -> None:
    clock, kept, runs = ManualClock("2026-11-25 00:30"), Kept(), list[str]()

    class Quarterly:
        @ScheduledAction(cron="*/15 * * * *", catch_up="all", name="hourly")
        async def run(self, run: ScheduledRun) -> None:
            runs.append(run.due.strftime("%H:%M"))

    async with scheduling(noting("all", runs), clock, kept):
        pass
    await clock.set("2026-11-25 05:01")
    async with scheduling(Microservice(scheduled=[Quarterly], name="test"), clock, kept):
        await clock.set("2026-11-25 05:15")
        await until(lambda: runs)
    assert runs == ["05:15"]


async def test_what_is_done_is_not_done_again_by_the_next_scheduler() -> None:
    clock, kept, runs = ManualClock("2026-11-25 00:59"), Kept(), list[str]()
    for _ in range(3):
        async with scheduling(noting("all", runs), clock, kept):
            await clock.set("2026-11-25 01:00")
            await until(lambda: runs)
    assert runs == ["01:00"]


async def test_a_run_that_fails_is_over_and_publishes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, url, runs = ManualClock("2026-11-25 00:59"), f"memory://{uuid4()}", list[str]()

    class Failing:
        @ScheduledAction(every=3600, name="failing")
        async def run(self, run: ScheduledRun) -> None:
            runs.append(run.due.strftime("%H:%M"))
            await CloseDay(days=len(runs)).publish()
            if len(runs) == 1:
                raise ValueError("broken")

    microservice = Microservice(service(cron="0 0 1 1 *"), scheduled=[Failing])
    async with scheduling(microservice, clock, url=url) as scheduler:
        await clock.set("2026-11-25 01:00")
        await until(lambda: runs)
        await clock.set("2026-11-25 02:00")
        await until(lambda: len(runs) == 2)
        transport = scheduler._transport
        await until(lambda: not scheduler._runner.busy)
        assert await transport.count("days") == 1
    assert "failing: the run of 2026-11-25T01:00:00+00:00 failed" in caplog.text
    assert runs == ["01:00", "02:00"]


@pytest.mark.parametrize("crash", [SystemExit, KeyboardInterrupt, GeneratorExit])
async def test_a_run_that_exits_the_interpreter_has_failed_and_the_next_one_runs(
    crash: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    clock, runs = ManualClock("2026-11-25 00:59"), list[str]()

    class Exiting:
        @ScheduledAction(every=3600, name="exiting")
        async def run(self, run: ScheduledRun) -> None:
            runs.append(run.due.strftime("%H:%M"))
            if len(runs) == 1:
                raise crash

    async with scheduling(Microservice(scheduled=[Exiting]), clock):
        await clock.set("2026-11-25 01:00")
        await until(lambda: "the run of 2026-11-25T01:00:00+00:00 failed" in caplog.text)
        await clock.set("2026-11-25 02:00")
        await until(lambda: len(runs) == 2)


async def test_a_run_that_takes_longer_than_its_timeout_is_cancelled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, ended = ManualClock("2026-11-25 00:59"), list[str]()

    class Slow:
        @ScheduledAction(every=3600, timeout=0.05)
        async def run(self, run: ScheduledRun) -> None:
            try:
                await asyncio.sleep(60)
            finally:
                ended.append("cancelled")

    async with scheduling(Microservice(scheduled=[Slow]), clock):
        await clock.set("2026-11-25 01:00")
        await until(lambda: ended)
        await until(lambda: "failed" in caplog.text)
    assert "Slow.run: the run of" in caplog.text


async def test_a_stop_lets_the_run_in_flight_finish(monkeypatch: pytest.MonkeyPatch) -> None:
    # The lease is renewed meanwhile, more than once.
    monkeypatch.setattr("jararaca.scheduling.scheduler.RENEW_SECONDS", 0.02)
    clock, notes = ManualClock("2026-11-25 00:59"), list[str]()

    class Slow:
        @ScheduledAction(every=3600)
        async def run(self, run: ScheduledRun) -> None:
            notes.append("begun")
            await asyncio.sleep(0.2)
            notes.append("done")

    async with scheduling(Microservice(scheduled=[Slow]), clock) as scheduler:
        await clock.set("2026-11-25 01:00")
        await until(lambda: notes)
    assert notes == ["begun", "done"]
    assert scheduler.drained


async def test_a_scheduler_that_lost_its_lease_stops_only_once_its_runs_have_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else the broker and the database would be closed under a run that still tidies up."""
    monkeypatch.setattr("jararaca.scheduling.scheduler.RENEW_SECONDS", 0.02)
    clock, kept, notes = ManualClock("2026-11-25 00:59"), Kept(), list[str]()
    cancelled = asyncio.Event()

    class Slow:
        @ScheduledAction(every=3600)
        async def run(self, run: ScheduledRun) -> None:
            notes.append("begun")
            try:
                await asyncio.sleep(60)
            finally:
                cancelled.set()
                await asyncio.sleep(0.2)
                notes.append("tidied up")

    async def led_by_another() -> int | None:
        return None

    async with scheduling(Microservice(scheduled=[Slow]), clock, kept):
        await clock.set("2026-11-25 01:00")
        await until(lambda: notes)
        monkeypatch.setattr(kept.store, "lead", led_by_another)
        await asyncio.wait_for(cancelled.wait(), PATIENCE)
    assert notes == ["begun", "tidied up"]


async def test_a_run_that_catches_its_cancellation_does_not_keep_the_scheduler() -> None:
    clock, notes, end = ManualClock("2026-11-25 00:59"), list[str](), asyncio.Event()

    class Stubborn:
        @ScheduledAction(every=3600)
        async def run(self, run: ScheduledRun) -> None:
            notes.append("begun")
            while not end.is_set():
                with suppress(asyncio.CancelledError):
                    await end.wait()

    microservice = Microservice(scheduled=[Stubborn])
    transport = transport_for(f"memory://{uuid4()}")
    scheduler = Scheduler(microservice, transport, clock=clock, shutdown_timeout=0.1)
    await scheduler.start()
    await until(lambda: scheduler._runner._done)
    await clock.set("2026-11-25 01:00")
    await until(lambda: notes)
    assert not await asyncio.wait_for(scheduler.stop(), PATIENCE)
    end.set()


async def test_a_run_is_a_unit_of_work_that_interceptors_surround() -> None:
    clock, seen, runs = ManualClock("2026-11-25 00:59"), list[Work](), list[str]()

    @asynccontextmanager
    async def around(work: Work) -> AsyncIterator[None]:
        seen.append(work)
        yield

    class Hourly:
        @ScheduledAction(every=3600, name="hourly")
        async def run(self, run: ScheduledRun) -> None:
            runs.append(run.name)

    microservice = Microservice(scheduled=[Hourly], interceptors=[around])
    async with scheduling(microservice, clock):
        await clock.set("2026-11-25 01:00")
        await until(lambda: runs)
    work = seen[0]
    assert (work.kind, work.name) == ("scheduled", "hourly")
    assert work.once == f"run:{work.source.id}"


async def test_an_occurrence_that_an_integration_knows_is_not_run_again() -> None:
    clock, kept, runs = ManualClock("2026-11-25 00:59"), Kept(), list[str]()

    @asynccontextmanager
    async def knows(work: Work) -> AsyncIterator[None]:
        raise HandledBeforeError
        yield

    microservice = noting("all", runs)
    microservice.interceptors = (knows,)
    async with scheduling(microservice, clock, kept):
        await clock.set("2026-11-25 01:00")
        await until(lambda: kept.store._kept["hourly"].startswith("2026-11-25T01:00"))
    assert runs == []


async def test_an_unroutable_task_is_tried_again_until_a_queue_is_there(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jararaca.scheduling.execution.FIRST_PAUSE", 0.01)
    clock, url = ManualClock("2026-11-25 00:59"), f"memory://{uuid4()}"
    made = service(every=3600.0)
    unbound = replace(made, topology=replace(made.topology, bindings=()))
    async with scheduling(Microservice(unbound), clock, url=url) as scheduler:
        await clock.set("2026-11-25 01:00")
        await until(lambda: "again in" in caplog.text)
        other = transport_for(url)
        await other.connect()
        await other.declare(made.topology)
        await until(lambda: not scheduler._runner.busy)
        async with asyncio.timeout(PATIENCE):
            while await other.count("days") < 1:
                await asyncio.sleep(0.01)
    assert await other.count("days") == 1


def test_what_cannot_be_scheduled_is_told_at_the_start() -> None:
    class Nothing: ...

    transport = transport_for(f"memory://{uuid4()}")
    with pytest.raises(ConfigurationError, match="nothing is scheduled"):
        Scheduler(Microservice(service_of()), transport)
    with pytest.raises(ConfigurationError, match="no method with @ScheduledAction"):
        Scheduler(Microservice(scheduled=[Nothing]), transport)
    with pytest.raises(ConfigurationError, match="payload of the schedule test.CloseDay"):
        Scheduler(Microservice(service(every=1, payload='{"days": "x"}')), transport)
    twice = service(every=1)
    with pytest.raises(ConfigurationError, match="two schedules are called"):
        Scheduler(Microservice(replace(twice, schedules=twice.schedules * 2)), transport)
    with pytest.raises(ValueError, match="either cron"):
        ScheduledAction()
    with pytest.raises(ValueError, match="shorter"):
        ScheduledAction(every=timedelta(milliseconds=1))


async def test_a_scheduled_class_gets_its_constructors_arguments_from_the_providers() -> None:
    clock, notes = ManualClock("2026-11-25 00:59"), Notes()

    class Hourly:
        def __init__(self, notes: Notes) -> None:
            self._notes = notes

        @ScheduledAction(every=3600)
        async def run(self, run: ScheduledRun) -> None:
            self._notes.append("run")

    provider = Provider(scope=Scope.APP)
    provider.provide(lambda: notes, provides=Notes)
    async with scheduling(Microservice(scheduled=[Hourly], providers=[provider]), clock):
        await clock.set("2026-11-25 01:00")
        await until(lambda: notes)
    assert notes == ["run"]


async def test_a_run_that_ends_with_the_shutdown_is_run_again_by_the_next_scheduler() -> None:
    clock, kept, notes = ManualClock("2026-11-25 00:59"), Kept(), list[str]()

    class Long:
        @ScheduledAction(every=3600)
        async def run(self, run: ScheduledRun) -> None:
            notes.append("begun")
            if len(notes) == 1:
                await shutdown_race(asyncio.sleep(60))
            notes.append("done")

    for count in (1, 3):
        async with scheduling(Microservice(scheduled=[Long], name="long"), clock, kept):
            await clock.set("2026-11-25 01:00")
            await until(lambda: len(notes) == count)  # noqa: B023
    assert notes == ["begun", "begun", "done"]


async def test_a_worker_may_keep_the_schedules_in_its_own_process() -> None:
    clock, url, handled = ManualClock("2026-11-25 00:59"), f"memory://{uuid4()}", list[Any]()
    microservice = Microservice(
        service(every=3600.0), integrations=[EmbeddedScheduler(clock=clock)], name="small"
    )
    worker = Worker(microservice, transport_for(url), listener=handled.append)
    await worker.start()
    await until(lambda: clock.waited_for)
    await clock.set("2026-11-25 01:00")
    await until(lambda: handled)
    assert await worker.stop()
    assert handled[0].outcome == "handled"


@pytest.mark.parametrize("signals", [1, 2])
async def test_a_scheduler_runs_until_it_is_told_to_stop_and_twice_is_at_once(
    signals: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(termination, "AT_ONCE_SECONDS", 60)
    clock, notes, before = ManualClock("2026-11-25 00:59"), list[str](), getsignal(SIGTERM)
    may_end = asyncio.Event()

    class Hourly:
        @ScheduledAction("0 * * * *")
        async def run(self, run: ScheduledRun) -> None:
            notes.append("begun")
            await may_end.wait()
            notes.append("done")

    transport = transport_for(f"memory://{uuid4()}")
    application = Microservice(scheduled=[Hourly], name="told")
    scheduler = Scheduler(application, transport, clock=clock, shutdown_timeout=60)
    running = asyncio.create_task(scheduler.run(lambda: notes.append("ready")))
    await until(lambda: "ready" in notes and bool(scheduler._runner._done))
    assert getsignal(SIGTERM) is not before
    await clock.set("2026-11-25 01:00")
    await until(lambda: "begun" in notes)
    for _ in range(signals):
        raise_signal(SIGTERM)
    if signals == 1:
        may_end.set()
    drained = await asyncio.wait_for(running, PATIENCE)
    assert notes == ["ready", "begun", *["done"] * drained] and drained is (signals == 1)
    assert getsignal(SIGTERM) is before


async def test_a_worker_that_keeps_the_schedules_stops_only_once_its_runs_have_ended() -> None:
    clock, notes, may_end = ManualClock("2026-11-25 00:59"), list[str](), asyncio.Event()

    class Hourly:
        @ScheduledAction("0 * * * *")
        async def run(self, run: ScheduledRun) -> None:
            notes.append("begun")
            await may_end.wait()
            await asyncio.sleep(0.01)
            notes.append("done")

    kept = EmbeddedScheduler(clock=clock)
    await kept.stop()
    application = Microservice(scheduled=[Hourly], integrations=[kept], name="beside")
    worker = Worker(application, transport_for(f"memory://{uuid4()}"))
    await worker.start()
    await until(lambda: clock.waited_for)
    await clock.set("2026-11-25 01:00")
    await until(lambda: notes)
    may_end.set()
    await worker.stop()
    assert notes == ["begun", "done"]


async def test_a_scheduler_that_is_told_to_stop_while_it_starts_has_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, told = asyncio.Event(), list[str]()

    class Hourly:
        @ScheduledAction("0 * * * *")
        async def run(self, run: ScheduledRun) -> None: ...

    async def start() -> None:
        begun.set()
        await asyncio.Event().wait()

    application = Microservice(scheduled=[Hourly], name="starting")
    scheduler = Scheduler(application, transport_for(f"memory://{uuid4()}"))
    monkeypatch.setattr(scheduler, "start", start)
    running = asyncio.create_task(scheduler.run(lambda: told.append("ready")))
    await asyncio.wait_for(begun.wait(), PATIENCE)
    raise_signal(SIGTERM)
    assert await asyncio.wait_for(running, PATIENCE) is True and told == []
