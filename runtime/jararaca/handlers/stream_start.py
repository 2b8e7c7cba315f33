"""Where a handler with `stream=` begins to read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


@dataclass(frozen=True, slots=True)
class From:
    """Where to begin a stream that the handler has never read: see its class methods.

    Once it has handled something it goes on behind that, wherever it was to begin: the offset is
    stored under `name`, or under the name of the handler's queue.
    """

    offset: int | None = None
    """From the first where it is 0; the so-manieth before the end where it is negative."""
    at: datetime | timedelta | None = None
    name: str | None = None
    values: tuple[str, ...] = ()
    """Of what the stream is filtered by; none: all events."""

    @classmethod
    def first(cls) -> From:
        """With the oldest event that is still there."""
        return cls(offset=0)

    @classmethod
    def last(cls, count: int = 1) -> From:
        """With the last `count` events. Raises ValueError for less than 1."""
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise ValueError(f"From.last(n) takes how many events, 1 or more, got {count!r}")
        return cls(offset=-count)

    @classmethod
    def time(cls, at: datetime | timedelta) -> From:
        """With what was published from then on, or since so long ago.

        Raises ValueError for a time without a zone, and for a negative timedelta.
        """
        if isinstance(at, timedelta):
            if at < timedelta():
                raise ValueError("From.time(timedelta) is how long ago: it cannot be negative")
        elif not isinstance(at, datetime) or at.utcoffset() is None:
            raise ValueError(
                "From.time() takes a datetime with a time zone, such as "
                f"datetime(2026, 11, 1, tzinfo=UTC), or a timedelta, got {at!r}"
            )
        return cls(at=at)

    @classmethod
    def stored(cls, name: str) -> From:
        """Behind what was handled under this name, whichever handler did; else with the oldest.

        Raises ValueError for what is no name.
        """
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise ValueError(
                "the name of a stored offset is 1 to 200 letters, digits, dots, hyphens and "
                f"underscores, and begins with a letter or digit, got {name!r}"
            )
        return cls(offset=0, name=name)

    def only(self, *values: str) -> From:
        """Only events that have one of these values where the document's `filter-by` says.

        RabbitMQ leaves most others out (3.13 and newer). Raises ValueError for none, and no texts.
        """
        if not values or not all(isinstance(each, str) for each in values):
            raise ValueError(f"From.only() takes the values as texts, got {values!r}")
        return replace(self, values=values)

    def since(self, now: datetime) -> datetime | None:
        """The time that it names; None where it names an offset."""
        if isinstance(self.at, timedelta):
            return now - self.at
        return None if self.at is None else self.at.astimezone(UTC)
