"""An offset as a message, for a queue that keeps one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from jararaca.transport import Delivery, Publication


@dataclass(frozen=True, slots=True)
class Kept:
    """What such a message says: an offset (None: nothing was begun), and strikes of the next one.

    `end` is the offset that is the last to be read, where there is one.
    `number` grows with each that is written. `fence` is a word that its writer knows it by.
    """

    offset: int | None = None
    strikes: int = 0
    number: int = 0
    fence: str = ""
    end: int | None = None

    @property
    def order(self) -> tuple[int, int]:
        """What is further, and of that the newest, is right."""
        return (-2 if self.offset is None else self.offset), self.number


def token(queue: str, kept: Kept) -> Publication:
    """The message that says so."""
    told = {
        "offset": kept.offset,
        "strikes": kept.strikes,
        "number": kept.number,
        "fence": kept.fence,
        "end": kept.end,
    }
    return Publication(queue, json.dumps(told).encode(), exchange="", mandatory=True)


def kept_in(delivery: Delivery) -> Kept:
    """What a message of such a queue says."""
    try:
        told = json.loads(delivery.body)
    except (ValueError, RecursionError):
        return Kept()
    if not isinstance(told, dict):
        return Kept()
    offset, fence, end = told.get("offset"), told.get("fence"), told.get("end")
    return Kept(
        offset if type(offset) is int else None,
        _number(told.get("strikes")),
        _number(told.get("number")),
        fence if isinstance(fence, str) else "",
        end if type(end) is int else None,
    )


def _number(value: Any) -> int:
    return value if type(value) is int and value > 0 else 0
