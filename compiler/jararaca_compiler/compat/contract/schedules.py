"""When the clock publishes a message: schedules that came, went or changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change

_OTHERWISE = "Consumers get it at different times, or with different values."
_KEYS = ("cron", "every", "timezone", "catch_up", "payload")


def schedules(old: ir.Message, new: ir.Message, made: Callable[..., Change]) -> Iterator[Change]:
    """What changed; `made(code, breaks, **values)` makes the changes of the message."""
    was, now = old.schedule, new.schedule
    if was is None and now is not None:
        yield made("schedule-added", (), new=_when(now))
    elif was is not None and now is None:
        yield made("schedule-removed", ("consumers",), old=_when(was))
    elif was is not None and now is not None:
        for key in _KEYS:
            before, after = getattr(was, key), getattr(now, key)
            if before != after:
                values = {"key": key, "old": _shown(before), "new": _shown(after)}
                yield made("schedule-changed", ("consumers",), why=_OTHERWISE, **values)


def _when(schedule: ir.Schedule) -> str:
    if schedule.cron is not None:
        return f"`{schedule.cron}` in {schedule.timezone}"
    return f"every {schedule.every:g} s"


def _shown(value: Any) -> str:
    return "not set" if value is None else f"`{json.dumps(value, ensure_ascii=False, default=str)}`"
