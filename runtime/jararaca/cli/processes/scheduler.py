"""One scheduler process: its settings, its output and its exit status."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jararaca.application.loading import load_application
from jararaca.application.microservice import Microservice
from jararaca.cli.console import count, paint, say, say_json, table
from jararaca.messagebus.event_loop import run_to_end
from jararaca.observability.logs import LogFormat, start_logging
from jararaca.scheduling.jobs import Job, jobs_of
from jararaca.scheduling.scheduler import Scheduler
from jararaca.transport.connect import transport_for
from jararaca.transport.url import safe_url

HEADINGS = ("schedule", "when", "late ones", "what", "next")
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
SHOWN_UNITS = 2


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """The settings of `jararaca scheduler`."""

    app: str | None
    broker_url: str
    backend_url: str | None
    shutdown_timeout: float
    declare: bool
    log_format: LogFormat


def show(app: str | None, as_json: bool) -> None:
    """Print what is scheduled, and when each is next; no broker is needed."""
    jobs, now = jobs_of(load_application(app), _unbound), datetime.now(UTC)
    if as_json:
        say_json([record(job, now) for job in jobs])
    else:
        say(schedules(jobs, now))


def run(settings: ScheduleSettings) -> int:
    """Run a scheduler until it is stopped; the exit status."""
    start_logging(settings.log_format)
    drained = run_to_end(_serve(load_application(settings.app), settings))
    return 0 if drained else 1


async def _serve(microservice: Microservice, settings: ScheduleSettings) -> bool:
    scheduler = Scheduler(
        microservice,
        transport_for(settings.broker_url),
        backend_url=settings.backend_url,
        shutdown_timeout=settings.shutdown_timeout,
        declare=settings.declare,
    )
    facts = [["service", microservice.name], ["broker", safe_url(settings.broker_url)]]
    if settings.backend_url:
        facts.append(["backend", safe_url(settings.backend_url)])
    facts.append(["record", scheduler.place])
    say(table([[paint(name, "dim"), text] for name, text in facts]) + "\n")
    say(schedules(scheduler.jobs, scheduler.clock.now()) + "\n")
    line = f"{paint('ready', 'good')}: {count(len(scheduler.jobs), 'schedule')}"
    drained = await scheduler.run(ready=lambda: say(line))
    say("stopped" if drained else "stopped before every run had finished")
    return drained


def _unbound(controller: object, method: Callable[..., Awaitable[None]]) -> Any:
    """Nothing is run: no controller is made."""
    return method


def schedules(jobs: Sequence[Job], now: datetime) -> str:
    """The table of what is scheduled."""
    return table([_cells(job, now) for job in jobs], HEADINGS)


def record(job: Job, now: datetime) -> dict[str, Any]:
    """One schedule, for scripts."""
    coming = job.timing.after(now)
    return {
        "name": job.name,
        "when": job.timing.text,
        "timezone": job.zone.key,
        "catch_up": job.catch_up,
        "what": job.what,
        "next": coming.astimezone(job.zone).isoformat() if coming else None,
    }


def _cells(job: Job, now: datetime) -> list[str]:
    return [job.name, job.timing.text, job.catch_up, job.what, _next(job, now)]


def _next(job: Job, now: datetime) -> str:
    """`2026-11-26 03:00 WET, in 2 h 5 min`."""
    coming = job.timing.after(now)
    if coming is None:
        return paint("never", "warn")
    seconds = (coming - now).total_seconds()
    layout = "%Y-%m-%d %H:%M:%S %Z" if coming.second else "%Y-%m-%d %H:%M %Z"
    return f"{coming.astimezone(job.zone).strftime(layout)}, in {duration(seconds)}"


def duration(seconds: float) -> str:
    """Its two largest units: `2 d 3 h`, `45 s`; less than a second is 0 s."""
    left, parts = int(seconds), []
    for size, unit in UNITS:
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:SHOWN_UNITS]) or "0 s"
