"""What a consumer asks the broker for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is consumed: the queue, how many unsettled at most, and basic.consume's arguments.

    `careful`: it begins with one unsettled at most.
    """

    queue: str
    prefetch: int
    arguments: Mapping[str, Any]
    careful: bool = False

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
