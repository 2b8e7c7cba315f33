"""A stream of the in-process broker: a log that many read, each from where it likes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from jararaca.contract import headers
from jararaca.contract.topology import Queue
from jararaca.errors import BrokerError
from jararaca.transport import StreamStart, provenance
from jararaca.transport.memory.queue import TURN, Stored, Subscription

SECONDS = {"s": 1, "m": 60, "h": 3_600, "D": 86_400, "M": 30 * 86_400, "Y": 365 * 86_400}
"""Of RabbitMQ's units of `x-max-age`."""


@dataclass(eq=False, slots=True, kw_only=True)
class Reading(Subscription):
    """A reader: the offset of the message that it gets next, and which filter values it wants."""

    next: int
    only: frozenset[str] = frozenset()

    def wants(self, stored: Stored) -> bool:
        """Whether its filter lets a message through: all, where there is none."""
        value = stored.headers.get(headers.FILTER_VALUE)
        return not self.only or value is None or value in self.only

    def _headers(self, stored: Stored) -> Mapping[str, Any]:
        return {**stored.headers, provenance.STREAM_OFFSET: stored.offset}


class MemoryStream:
    """Messages in the order of their arrival; `x-max-length-bytes` and `x-max-age` let them go."""

    def __init__(self, spec: Queue, now: Callable[[], float] = time.time) -> None:
        self.spec = spec
        self.consumers: list[Subscription] = []
        self._now = now
        self._log: deque[tuple[float, Stored]] = deque()
        self._first = 0
        self._bytes = 0
        age = str(spec.arguments.get("x-max-age", ""))
        self._longest = float(age[:-1]) * SECONDS[age[-1]] if age else None
        self._most = spec.arguments.get("x-max-length-bytes")

    full = False

    def __len__(self) -> int:
        return len(self._log)

    def put(self, stored: Stored) -> None:
        """Keep a new message, and hand it to those who read."""
        with TURN:
            self._log.append((self._now(), stored.at(self._first + len(self._log))))
            self._bytes += len(stored.body)
            self._let_go()
            self.pump()

    def begin(self, start: StreamStart) -> int:
        """The offset of the first message for one who begins to read there."""
        with TURN:
            end = self._first + len(self._log)
            match start:
                case "first":
                    return self._first
                case "last":
                    return max(self._first, end - 1)
                case "next":
                    return end
                case datetime():
                    since = start.timestamp()
                    earlier = sum(1 for at, _ in self._log if at < since)
                    return self._first + earlier
            return start

    def pump(self) -> None:
        """Hand each reader what it has not had, as far as its prefetch goes."""
        with TURN:
            for reader in self.consumers:
                assert isinstance(reader, Reading)
                reader.next = max(reader.next, self._first)
                self._hand_over(reader)

    def _hand_over(self, reader: Reading) -> None:
        start = reader.next - self._first
        for _, stored in [*islice(self._log, start, None)] if reader.free else ():
            if not reader.free:
                return
            reader.next += 1
            if reader.wants(stored):
                reader.receive((0, stored.offset), stored)

    def put_back(self, place: tuple[int, int], stored: Stored, *, failed: bool) -> None:
        """What was read is still here."""

    def take(self) -> None:
        """Raises BrokerError, as RabbitMQ does."""
        raise BrokerError(
            f"{self.spec.name} is a stream: it is read, and nothing is fetched from it"
        )

    def _let_go(self) -> None:
        """Forget what is too old or too much; the last message stays."""
        while len(self._log) > 1:
            at, oldest = self._log[0]
            is_old = self._longest is not None and at < self._now() - self._longest
            if not is_old and (self._most is None or self._bytes <= int(self._most)):
                return
            self._log.popleft()
            self._first += 1
            self._bytes -= len(oldest.body)
