"""Cron expressions: cronsim finds the times on the wall, the time zone makes instants of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from jararaca.errors import ConfigurationError

FIELDS = 5
MINUTE = timedelta(minutes=1)
FIRST_LOOK = timedelta(hours=1)
LONGER_LOOK = 24


class CronTimes:
    """The instants of a cron expression in a time zone, by Debian's rules for summer time.

    A time that the clock skips is due right after the gap; one that comes twice is due the first
    time. Expressions whose minute or hour begins with `*` follow the real time instead: they are
    due in each hour that passes, and in none that does not.
    Raises ConfigurationError for an expression that is none, or that never comes.
    """

    def __init__(self, name: str, expression: str, zone: ZoneInfo) -> None:
        self._expression = expression
        self._zone = zone
        fields = expression.split()
        if len(fields) != FIELDS:
            raise ConfigurationError(
                f"{name}: {expression!r} does not have the five fields of cron"
            )
        self._follows_real_time = fields[0].startswith("*") or fields[1].startswith("*")
        try:
            found = self.after(datetime.now(UTC))
        except CronSimError as error:
            raise ConfigurationError(
                f"{name}: {expression!r} is not a cron expression: {error}"
            ) from error
        if found is None:
            raise ConfigurationError(f"{name}: {expression!r} never comes due")

    @property
    def text(self) -> str:
        """The expression and its time zone."""
        return f"{self._expression} {self._zone.key}"

    def after(self, instant: datetime) -> datetime | None:
        """The first one after an instant."""
        return next(self._following(instant), None)

    def latest(self, after: datetime, until: datetime) -> datetime | None:
        """The last one after `after` that is not after `until`, looked for further and further
        back."""
        look = FIRST_LOOK
        while True:
            start = max(after, until - look)
            found: datetime | None = None
            for instant in self._following(start):
                if instant > until:
                    break
                found = instant
            if found is not None or start == after:
                return found
            look *= LONGER_LOOK

    def _following(self, instant: datetime) -> Iterator[datetime]:
        """Those after an instant in their order, each once.

        The second pass of an hour that comes twice is kept back until the first one is over.
        """
        last, second_pass = instant, deque[datetime]()
        for wall in CronSim(self._expression, self._begin(instant)):
            for found in self._instants(wall):
                while second_pass and second_pass[0] <= found:
                    if second_pass[0] > last:
                        yield (last := second_pass[0])
                    second_pass.popleft()
                if found > last:
                    yield (last := found)
            if self._follows_real_time and self._is_twice(wall):
                second_pass.append(self._instant(wall, fold=1))
        yield from (found for found in second_pass if found > last)

    def _begin(self, instant: datetime) -> datetime:
        """The wall clock's time to begin at; in a first pass, what the second one begins with."""
        local = instant.astimezone(self._zone)
        wall = local.replace(tzinfo=None, fold=0)
        if local.fold == 0 and self._is_twice(wall):
            wall -= self._instant(wall, fold=1) - self._instant(wall, fold=0)
        return wall

    def _instants(self, wall: datetime) -> Iterator[datetime]:
        """The instant of a time on the wall: none, or the gap's end, where it does not exist."""
        if not self._follows_real_time:
            while not self._exists(wall):
                wall += MINUTE
        if self._exists(wall):
            yield self._instant(wall, fold=0)

    def _instant(self, wall: datetime, fold: int) -> datetime:
        return wall.replace(tzinfo=self._zone, fold=fold).astimezone(UTC)

    def _exists(self, wall: datetime) -> bool:
        there = self._instant(wall, fold=0).astimezone(self._zone)
        return there.replace(tzinfo=None, fold=0) == wall

    def _is_twice(self, wall: datetime) -> bool:
        return self._exists(wall) and self._instant(wall, 0) < self._instant(wall, 1)
