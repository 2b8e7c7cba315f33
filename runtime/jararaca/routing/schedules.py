"""Schedules as values: of a task in the document, and of a method (`@ScheduledAction`)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar
from uuid import UUID, uuid5

from jararaca.messages.message import Message

CatchUp = Literal["latest", "all", "none"]
"""What becomes of occurrences that are late, after a downtime for one: of those that are due, only
the latest runs; or all of them, in their order; or none that is more than 15 seconds late."""

OCCURRENCE = UUID("0192f7c0-7d2e-7b55-9c1a-6f6363757272")
ACTION = "__jararaca_scheduled__"
SHORTEST = 0.1

C = TypeVar("C")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A task that is published by the clock: a row that `x-schedule` compiles to.

    Either `cron` (five fields, read in `timezone`, an IANA name) or `every` (seconds) is given;
    `payload` is the task's body as JSON.
    """

    name: str
    message: type[Message]
    cron: str | None = None
    every: float | None = None
    timezone: str = "UTC"
    catch_up: CatchUp = "latest"
    payload: str = "{}"


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """One occurrence, as a scheduled method receives it; `due` is in the schedule's time zone."""

    name: str
    due: datetime

    @property
    def id(self) -> str:
        """The id of a published task: the same for one schedule and time, in every process."""
        return str(uuid5(OCCURRENCE, f"{self.name}@{int(self.due.timestamp() * 1_000_000)}"))


ActionMethod = Callable[[C, ScheduledRun], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """How a method is scheduled; `ScheduledAction` explains the fields."""

    name: str = ""
    cron: str | None = None
    every: float | None = None
    timezone: str = "UTC"
    catch_up: CatchUp = "latest"
    timeout: float | None = None


class ScheduledAction:
    """Has a method run by the clock, in the scheduler's process, inside a unit of work.

    cron: five fields (minute, hour, day of the month, month, day of the week), in `timezone`.
    every: seconds (0.1 or more) or a timedelta, counted from 1970-01-01 UTC. One of the two.
    timezone: an IANA name, such as Europe/Lisbon.
    catch_up: what becomes of late occurrences: "latest", "all" or "none" (see CatchUp).
    timeout: seconds a run may take; then it is cancelled, and has failed.
    name: what it is known by in the backend; `Controller.method` unless given.
    The controller's class is named to the application: `Microservice(..., scheduled=[Nightly])`.
    Runs of one action never overlap, however many schedulers there are. A run that fails is logged
    and is not tried again before its next time. Raises ValueError for both or neither of the two.
    """

    def __init__(
        self,
        cron: str | None = None,
        *,
        every: float | timedelta | None = None,
        timezone: str = "UTC",
        catch_up: CatchUp = "latest",
        timeout: float | None = None,
        name: str | None = None,
    ) -> None:
        if (cron is None) == (every is None):
            raise ValueError("a schedule needs either cron=... or every=...")
        seconds = every.total_seconds() if isinstance(every, timedelta) else every
        if seconds is not None and seconds < SHORTEST:
            raise ValueError(f"every={seconds:g} is shorter than {SHORTEST} s")
        self._spec = ActionSpec(
            name=name or "",
            cron=cron,
            every=seconds,
            timezone=timezone,
            catch_up=catch_up,
            timeout=timeout,
        )

    def __call__(self, method: ActionMethod[C]) -> ActionMethod[C]:
        """Store the spec on the method and give the method back."""
        name = self._spec.name or method.__qualname__.rpartition("<locals>.")[2]
        setattr(method, ACTION, replace(self._spec, name=name))
        return method
