"""What an application has scheduled, bound once at the start: its tasks and its methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from jararaca.application.microservice import Microservice
from jararaca.errors import ConfigurationError, DecodeError
from jararaca.messages.base_message import from_json
from jararaca.messages.message import use_publisher
from jararaca.routing.schedules import ACTION, ActionSpec, CatchUp, Schedule, ScheduledRun
from jararaca.scheduling.timing import Timing, timing_of, zone_of


@dataclass(frozen=True, slots=True)
class Job:
    """One schedule, ready to run; `what` says for people what it does."""

    name: str
    what: str
    timing: Timing
    zone: ZoneInfo
    catch_up: CatchUp
    call: Callable[[ScheduledRun], Awaitable[None]]
    timeout: float | None = None


def is_scheduled(microservice: Microservice) -> bool:
    """Whether there is anything for a scheduler to do."""
    return bool(microservice.scheduled) or any(each.schedules for each in microservice.services)


Bind = Callable[[type[Any], Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]


def jobs_of(microservice: Microservice, bind: Bind) -> tuple[Job, ...]:
    """All that is scheduled, tasks first; `bind` puts a method on its controller.

    Raises ConfigurationError, for none too.
    """
    jobs = [_task(each) for service in microservice.services for each in service.schedules]
    jobs += [job for kind in microservice.scheduled for job in _actions(kind, bind)]
    names = [job.name for job in jobs]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"two schedules are called {name}: give one another name")
    if not is_scheduled(microservice):
        raise ConfigurationError(
            "nothing is scheduled: give a task an `x-schedule` in its document, or name a class "
            "with @ScheduledAction methods, Microservice(..., scheduled=[Nightly])"
        )
    return tuple(jobs)


def _task(schedule: Schedule) -> Job:
    try:
        message = from_json(schedule.message, schedule.payload.encode())
    except DecodeError as error:
        raise ConfigurationError(f"the payload of the schedule {schedule.name}: {error}") from error

    async def publish(run: ScheduledRun) -> None:
        await use_publisher().publish(message, message_id=run.id)

    what = f"publishes {schedule.message.MESSAGE_TOPIC}"
    return _job(schedule, what, publish)


def _actions(kind: type[Any], bind: Bind) -> Iterator[Job]:
    methods = {name: getattr(kind, name) for name in dir(kind) if not name.startswith("__")}
    found = {
        name: spec
        for name, method in methods.items()
        if isinstance(spec := getattr(method, ACTION, None), ActionSpec)
    }
    if not found:
        raise ConfigurationError(f"{kind.__qualname__} has no method with @ScheduledAction")
    for name, spec in found.items():
        what = f"runs {kind.__qualname__}.{name}"
        yield _job(spec, what, bind(kind, methods[name]), spec.timeout)


def _job(
    schedule: Schedule | ActionSpec,
    what: str,
    call: Callable[[ScheduledRun], Awaitable[None]],
    timeout: float | None = None,
) -> Job:
    name, zone = schedule.name, zone_of(schedule.name, schedule.timezone)
    timing = timing_of(name, schedule.cron, schedule.every, schedule.timezone)
    return Job(name, what, timing, zone, schedule.catch_up, call, timeout)
