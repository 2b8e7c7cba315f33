"""The lease of the scheduler that leads: kept while the backend is away, and given up in time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from jararaca import ConfigurationError, Microservice, ScheduledAction, ScheduledRun, Scheduler
from jararaca.application.termination import Termination
from jararaca.errors import BackendError, BrokerUnreachableError
from jararaca.scheduling import scheduler as module
from jararaca.scheduling.store.backends import schedule_store_for
from jararaca.scheduling.store.memory import ScheduleStoreInMemory
from jararaca.scheduling.timing import timing_of
from jararaca.transport.connect import transport_for

from tests.support.clocks import ManualClock
from tests.support.virtual_time import run
from tests.unit.test_scheduler import service

PATIENCE = 10
LEASE = 0.5


class Store(ScheduleStoreInMemory):
    """A backend that is away, or in which another one leads, as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.leader: int | None = 1
        self.asked = 0
        self.saved: list[str] = []

    async def lead(self) -> int | None:
        self.asked += 1
        if self.away:
            raise BackendError("the backend is away")
        return self.leader

    async def save(self, leadership: int, name: str, text: str) -> bool:
        self.saved.append(text)
        return await super().save(leadership, name, text)


class Hourly:
    @ScheduledAction(every=3600, name="hourly")
    async def run(self, run: ScheduledRun) -> None: ...


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    for name, seconds in (("LEASE", LEASE), ("MARGIN", 0.1), ("RENEW", 0.02), ("WAIT", 0.02)):
        monkeypatch.setattr(module, f"{name}_SECONDS", seconds)
    monkeypatch.setattr(module, "PAUSE", 0.1)
    return Store()


def scheduler_of(store: Store) -> Scheduler:
    clock = ManualClock("2026-11-25 00:30")
    microservice = Microservice(scheduled=[Hourly], name="test")
    transport = transport_for(f"memory://{uuid4()}")
    made = Scheduler(microservice, transport, clock=clock, shutdown_timeout=1)
    made._store = made._runner._store = store
    return made


def noted(made: Scheduler, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The leaderships that it begins."""
    begun, begin = list[int](), made._runner.begin

    def note(leadership: int) -> Any:
        begun.append(leadership)
        return begin(leadership)

    monkeypatch.setattr(made._runner, "begin", note)
    return begun


async def asked_again(store: Store, times: int) -> None:
    until = store.asked + times
    async with asyncio.timeout(PATIENCE):
        while store.asked < until:
            await asyncio.sleep(0.005)


async def test_one_that_leads_goes_on_with_the_same_leadership(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = scheduler_of(store)
    begun = noted(made, monkeypatch)
    await made.start()
    await asked_again(store, 5)
    assert begun == [1] and list(made._host.scheduled_until) == ["hourly"]
    assert await made.stop()
    assert not made._host.scheduled_until, "another one's runs are not known here"
    assert not made._transport.ready, "its connection is closed"


async def test_a_backend_that_is_away_for_a_moment_costs_no_leadership(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = scheduler_of(store)
    begun = noted(made, monkeypatch)
    await made.start()
    await asked_again(store, 2)
    store.away = True
    await asked_again(store, 2)
    store.away = False
    await asked_again(store, 5)
    assert begun == [1] and made._holds()
    await made.stop()


async def test_a_lease_that_cannot_be_renewed_is_given_up_before_it_ends(store: Store) -> None:
    made, loop = scheduler_of(store), asyncio.get_running_loop()
    store.away = True
    made._held_at = loop.time()
    until = made._held_at + LEASE - 0.1
    assert not await made._renewed(1)
    assert loop.time() <= until and store.asked > 1


async def test_another_leader_is_told_once_and_waited_for(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "jararaca.scheduler")
    made = scheduler_of(store)
    begun = noted(made, monkeypatch)
    store.leader = None
    await made.start()
    await asked_again(store, 4)
    assert caplog.text.count("another scheduler leads: waiting") == 1 and begun == []
    store.leader = 7
    await asked_again(store, 3)
    assert begun == [7]
    store.leader = 8
    await asked_again(store, 5)
    assert begun == [7, 8]
    assert "another scheduler leads now" in caplog.text
    await made.stop()


async def test_what_this_process_did_and_could_not_record_is_recorded_at_the_next_leadership(
    store: Store,
) -> None:
    runner = scheduler_of(store)._runner
    await runner.recall(1)
    assert len(store.saved) == 1, "a new schedule begins now"
    await runner.recall(1)
    assert len(store.saved) == 1, "nothing has changed"
    runner._done["hourly"] = datetime(2026, 11, 25, 2, tzinfo=UTC)
    await runner.recall(2)
    assert store.saved[-1].startswith("2026-11-25T02:00:00+00:00 ") and len(store.saved) == 2
    runner._done["hourly"] = datetime(2026, 11, 25, 1, tzinfo=UTC)
    await runner.recall(3)
    assert runner._done["hourly"] == datetime(2026, 11, 25, 2, tzinfo=UTC), "another did it"


async def test_a_scheduler_that_cannot_start_leaves_nothing_open(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = scheduler_of(store)
    closed: list[str] = []

    async def refused(topology: Any, *, passive: bool = False) -> None:
        raise BrokerUnreachableError("gone")

    async def close() -> None:
        closed.append("store")

    monkeypatch.setattr(made._transport, "declare", refused)
    monkeypatch.setattr(store, "close", close)
    made._microservice = Microservice(service())
    with pytest.raises(BrokerUnreachableError):
        await made.start()
    assert closed == ["store"] and not made._transport.ready and made._leading is None


async def test_one_that_is_inside_of_a_worker_asks_for_nothing_before_that_has_started(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STARTING_SECONDS", 0.01)
    made = scheduler_of(store)
    made._host._started = False
    leading = asyncio.create_task(made._lead_or_wait())
    await asyncio.sleep(0.05)
    assert store.asked == 0
    made._host._started = True
    await asked_again(store, 1)
    made._host.stopping.set()
    await leading
    made._host._started = False
    await asyncio.wait_for(made._lead_or_wait(), PATIENCE)


def test_a_scheduler_says_where_it_records(store: Store) -> None:
    assert scheduler_of(store).place == ScheduleStoreInMemory.place


@pytest.mark.parametrize("drained", [True, False])
async def test_a_process_leaves_with_status_one_if_a_run_did_not_end(
    store: Store, drained: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[int] = []

    class Told(Termination):
        @contextmanager
        def watched(self) -> Iterator[None]:
            made.told = self
            yield

        def leave(self, left_over: Callable[[], bool], status: int) -> None:
            left.append(status)

    monkeypatch.setattr(module, "Termination", Told)
    made: Any = scheduler_of(store)
    made.drained = drained
    assert await made.run(lambda: made.told.stop.set()) is drained
    assert left == [0 if drained else 1]


def test_a_cron_expression_without_its_extra_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jararaca.scheduling.cron", None)
    with pytest.raises(ConfigurationError, match=r"hourly: a cron expression needs the extra"):
        timing_of("hourly", "0 * * * *", None, "UTC")


def test_the_backends_url_says_where_schedules_are_kept() -> None:
    assert isinstance(schedule_store_for(None, "shop"), ScheduleStoreInMemory)
    kept = schedule_store_for("redis://127.0.0.1:1/0", "shop")
    assert kept.place == "Redis"


@pytest.mark.parametrize(("age", "holds"), [(0, True), (0.3, True), (0.45, False), (0.55, False)])
async def test_a_lease_counts_as_over_a_moment_before_it_is(
    store: Store, age: float, holds: bool
) -> None:
    """So that nothing begins of which the record would be refused."""
    made = scheduler_of(store)
    made._held_at = asyncio.get_running_loop().time() - age
    assert made._holds() is holds


@pytest.mark.parametrize("seconds", [0.2, 0.75])
def test_a_drain_takes_as_long_as_it_is_given_and_no_longer(seconds: float) -> None:
    began = asyncio.Event()

    class Long:
        @ScheduledAction(every=3600)
        async def run(self, run: ScheduledRun) -> None:
            began.set()
            await asyncio.sleep(3600)

    async def main() -> float:
        clock, loop = ManualClock("2026-11-25 00:59"), asyncio.get_running_loop()
        transport = transport_for(f"memory://{uuid4()}")
        application = Microservice(scheduled=[Long], name="long")
        made = Scheduler(application, transport, clock=clock, shutdown_timeout=seconds)
        await made.start()
        while not clock.waited_for:
            await asyncio.sleep(0.01)
        await clock.set("2026-11-25 01:00")
        await began.wait()
        asked = loop.time()
        assert not await made.stop()
        return loop.time() - asked

    assert run(main()) == pytest.approx(seconds)


async def test_another_one_may_lead_only_once_the_runs_have_ended(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = asyncio.Event(), list[str]()

    class Long:
        @ScheduledAction(every=3600, name="hourly")
        async def run(self, run: ScheduledRun) -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0.01)
                ended.append("run")

    async def resign() -> None:
        ended.append("lease")

    monkeypatch.setattr(store, "resign", resign)
    clock = ManualClock("2026-11-25 00:30")
    application = Microservice(scheduled=[Long], name="test")
    transport = transport_for(f"memory://{uuid4()}")
    made = Scheduler(application, transport, clock=clock, shutdown_timeout=0.01)
    made._store = made._runner._store = store
    await made.start()
    await asked_again(store, 2)
    await clock.set("2026-11-25 01:00")
    await asyncio.wait_for(begun.wait(), PATIENCE)
    assert not await made.stop()
    assert ended == ["run", "lease"]


def test_a_backend_that_is_away_at_the_start_is_asked_later_and_later() -> None:
    class Away(ScheduleStoreInMemory):
        def __init__(self) -> None:
            super().__init__()
            self.times: list[float] = []

        async def lead(self) -> int | None:
            self.times.append(asyncio.get_running_loop().time())
            if len(self.times) < 8:
                raise BackendError("the backend is away")
            return await super().lead()

    async def main() -> list[float]:
        store = Away()
        made = Scheduler(
            Microservice(scheduled=[Hourly], name="test"),
            transport_for(f"memory://{uuid4()}"),
            clock=ManualClock("2026-11-25 00:30"),
        )
        made._store = made._runner._store = store
        await made.start()
        while len(store.times) < 8:
            await asyncio.sleep(0.25)
        await made.stop()
        first = store.times[0]
        return [each - first for each in store.times[:8]]

    assert run(main()) == pytest.approx([0, 0.5, 1.5, 3.5, 7.5, 15.5, 25.5, 35.5])


@pytest.mark.parametrize("away", ["the broker", "the record"])
def test_what_is_away_is_tried_later_and_later_for_one_and_the_same_run(away: str) -> None:
    times: list[float] = []

    def tried(what: str, error: Exception) -> None:
        if what == away:
            times.append(asyncio.get_running_loop().time())
            if len(times) < 9:
                raise error

    class Record(ScheduleStoreInMemory):
        async def save(self, leadership: int, name: str, text: str) -> bool:
            if runs:
                tried("the record", BackendError("away"))
            return await super().save(leadership, name, text)

    class Noted:
        @ScheduledAction(every=3600, name="noted")
        async def run(self, run: ScheduledRun) -> None:
            runs.append(run.id)
            tried("the broker", BrokerUnreachableError("away"))

    runs: list[str] = []

    async def main() -> None:
        clock = ManualClock("2026-11-25 00:59")
        transport = transport_for(f"memory://{uuid4()}")
        made = Scheduler(Microservice(scheduled=[Noted], name="test"), transport, clock=clock)
        made._store = made._runner._store = Record()
        await made.start()
        while not clock.waited_for:
            await asyncio.sleep(0.01)
        await clock.set("2026-11-25 01:00")
        while len(times) < 9:
            await asyncio.sleep(0.25)
        await made.stop()

    run(main())
    assert len({*runs}) == 1 and len(runs) == (9 if away == "the broker" else 1)
    after = [each - times[0] for each in times]
    assert after == pytest.approx([0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5, 91.5])
