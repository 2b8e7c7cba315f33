"""When a schedule is due: the instants of an interval, and what is to run of those that passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from jararaca_shared.distribution import install

from jararaca.errors import ConfigurationError
from jararaca.routing.schedules import CatchUp

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

GRACE = timedelta(seconds=15)
"""How late an occurrence may run that is not caught up on: longer than a change of the leader."""


class Timing(Protocol):
    """The instants of a schedule, all in UTC; the same ones whenever they are asked for."""

    @property
    def text(self) -> str:
        """For people: `every 30 s`, `0 3 * * *`."""

    def after(self, instant: datetime) -> datetime | None:
        """The first one after an instant; None where none comes any more."""

    def latest(self, after: datetime, until: datetime) -> datetime | None:
        """The last one after the one instant that is not after the other."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Every so often since 1970-01-01 UTC: the instants are known without any memory."""

    step: timedelta

    @property
    def text(self) -> str:
        """`every 30 s`."""
        return f"every {self.step.total_seconds():g} s"

    def after(self, instant: datetime) -> datetime | None:
        """The first one after an instant."""
        return EPOCH + ((instant - EPOCH) // self.step + 1) * self.step

    def latest(self, after: datetime, until: datetime) -> datetime | None:
        """The last one after `after` that is not after `until`."""
        found = EPOCH + (until - EPOCH) // self.step * self.step
        return found if found > after else None


def due(timing: Timing, catch_up: CatchUp, done: datetime, now: datetime) -> datetime | None:
    """The next instant to run, past or to come, where all up to `done` are dealt with.

    None where none comes any more.
    """
    first = timing.after(done)
    if first is None or first > now or catch_up == "all":
        return first
    if catch_up == "latest":
        return timing.latest(done, now)
    return first if now - first <= GRACE else timing.after(now - GRACE)


def timing_of(name: str, cron: str | None, every: float | None, timezone: str) -> Timing:
    """The timing that a schedule asks for. Raises ConfigurationError."""
    if every is not None:
        return Interval(timedelta(seconds=every))
    try:
        from jararaca.scheduling.cron import CronTimes
    except ImportError as error:
        raise ConfigurationError(
            f"{name}: a cron expression needs the extra: {install('scheduler')}"
        ) from error
    return CronTimes(name, cron or "", zone_of(name, timezone))


def zone_of(name: str, timezone: str) -> ZoneInfo:
    """The time zone of that IANA name. Raises ConfigurationError."""
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"{name}: the time zone {timezone!r} is unknown on this machine (if it has no time "
            "zones at all: pip install tzdata)"
        ) from error
