"""What a consumer asks the broker for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Any

from jararaca.transport import Delivery, OnDelivery, StreamStart
from jararaca.transport.limits import EPOCH

START = "x-stream-offset"
"""basic.consume's argument that says where reading a stream begins."""

FILTER, UNFILTERED = "x-stream-filter", "x-stream-match-unfiltered"
"""What says which filter values are wanted, and that messages without one are too (RabbitMQ 3.13;
older ones ignore it)."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is consumed: the queue, how many unsettled at most, and basic.consume's arguments.

    `careful`: it begins with one unsettled at most.
    """

    queue: str
    prefetch: int
    arguments: Mapping[str, Any]
    careful: bool = False

    @property
    def is_of_stream(self) -> bool:
        """Whether a stream is read: nothing is taken from it, and an ack is no more than credit."""
        return START in self.arguments

    def taking(self, careful: bool) -> Subscription:
        """The same, with one unsettled at most where it is careful now."""
        return replace(self, prefetch=1) if careful else self

    @classmethod
    def of(
        cls,
        queue: str,
        prefetch: int,
        priority: int,
        timeout: float | None = None,
        careful: bool = False,
    ) -> Subscription:
        """With `x-priority`, where the priority is not the usual one, and `x-consumer-timeout`."""
        arguments = {"x-priority": priority} if priority else {}
        if timeout is not None:
            arguments["x-consumer-timeout"] = ceil(timeout * 1_000)
        return cls(queue, prefetch, arguments, careful and prefetch > 1)


def reading(
    stream: str,
    prefetch: int,
    on_delivery: OnDelivery,
    start: StreamStart,
    only: Sequence[str] = (),
) -> tuple[Subscription, OnDelivery]:
    """A subscription to a stream, which begins anew behind the last message that came."""
    is_before_all = isinstance(start, datetime) and start < EPOCH
    arguments: dict[str, int | str | datetime | list[str]] = {
        START: "first" if is_before_all else start
    }
    if only:
        arguments |= {FILTER: list(only), UNFILTERED: True}

    async def received(delivery: Delivery) -> None:
        offset = delivery.offset
        if offset is not None:
            arguments[START] = offset + 1
        await on_delivery(delivery)

    return Subscription(stream, prefetch, arguments), received
