"""`x-schedule` on a task -> `ir.Schedule`, or what is wrong with it, at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.lower.addresses.address import PARAMETER
from jararaca_compiler.lower.draft import Context

CatchUp = Literal["latest", "all", "none"]
_KEYS = ("cron", "every", "timezone", "catch-up", "payload")
_SHORTEST = 0.1
_LONGEST = 366 * 86_400
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SHORT = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smhd]))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")
_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def schedule(
    node: Node | None, kind: ir.Kind, topic: str, payload: ir.Payload, context: Context
) -> ir.Schedule | None:
    """The schedule of a message; None where it has none, or one that cannot be."""
    if node is None or node.value is None:
        return None
    node = context.resolver.follow(node)
    before = len(context.diagnostics)
    for problem in _problems(node, kind, topic):
        context.report("bad-schedule", node, reason=problem)
    if len(context.diagnostics) > before:
        return None
    cron, every = node.get("cron"), node.get("every")
    seconds = None if every is None else _seconds(every, context)
    zone = node.get("timezone")
    known = _is_zone(zone, context)
    if cron is not None:
        _check_cron(cron, context)
    found = context.choice(node, "catch-up", get_args(CatchUp)) or "latest"
    body = node.value.get("payload", {})
    _check_payload(node, body, payload, context)
    if len(context.diagnostics) > before or not known:
        return None
    catch_up: CatchUp = "all" if found == "all" else "none" if found == "none" else "latest"
    return ir.Schedule(
        cron=None if cron is None else " ".join(str(cron.value).split()),
        every=seconds,
        timezone="UTC" if zone is None else str(zone.value),
        catch_up=catch_up,
        payload=body,
        span=context.resolver.span(node),
    )


def _problems(node: Node, kind: ir.Kind, topic: str) -> Iterator[str]:
    if not isinstance(node.value, dict):
        yield "it is not a mapping"
        return
    if kind != "task":
        yield f"it asks for work, and its message is of type {kind} (`x-message-type: task`)"
    if PARAMETER.search(topic):
        yield f"the topic `{topic}` has parameters, and nobody is there to give them"
    for key in node.value:
        if key not in _KEYS:
            yield f"`{key}` is none of {', '.join(f'`{each}`' for each in _KEYS)}"
    if (node.get("cron") is None) == (node.get("every") is None):
        yield "write either `cron` or `every`"
    elif node.get("every") is not None and node.get("timezone") is not None:
        yield "`timezone` is for `cron`: an interval is the same everywhere"


def _seconds(node: Node, context: Context) -> float | None:
    """`30s`, `1h30m`, `500ms`, `PT30S`: the seconds; a whole number of them is an int."""
    text = str(node.value).strip()
    iso = _ISO.fullmatch(text)
    if iso is not None and any(iso.groups()):
        parts = [float(number or 0) for number in iso.groups()]
        seconds = sum(n * size for n, size in zip(parts, (86_400, 3_600, 60, 1), strict=True))
    elif _SHORT.fullmatch(text):
        seconds = sum(float(n) * _SECONDS[unit] for n, unit in _PART.findall(text))
    else:
        context.report("bad-schedule", node, reason=f"`{text}` is no interval: write 30s or PT30S")
        return None
    if not _SHORTEST <= seconds <= _LONGEST:
        told = f"`{text}` is not between {_SHORTEST} seconds and 366 days"
        context.report("bad-schedule", node, reason=told)
        return None
    seconds = round(seconds, 6)
    return int(seconds) if seconds == int(seconds) else seconds


def _is_zone(node: Node | None, context: Context) -> bool:
    if node is None:
        return True
    try:
        ZoneInfo(str(node.value))
    except (KeyError, ValueError, OSError):
        context.report("unknown-time-zone", node, timezone=node.value)
        return False
    return True


def _check_cron(node: Node, context: Context) -> None:
    from cronsim import CronSim, CronSimError

    text = str(node.value)
    try:
        if len(text.split()) != 5:
            raise CronSimError(f"five fields are needed, not {len(text.split())}")
        if next(CronSim(text, datetime.now(UTC)), None) is None:
            raise CronSimError("it never matches a date")
    except CronSimError as error:
        problem = str(error)[:1].lower() + str(error)[1:]
        context.report("bad-cron", node, cron=text, reason=problem)


def _check_payload(node: Node, body: Any, payload: ir.Payload, context: Context) -> None:
    """A body that the task's own schema refuses would be refused at each publication."""
    if isinstance(payload.schema, bool):
        return
    from jararaca_compiler.validation.values import first_error, validator_of

    found = first_error(validator_of(payload.schema, context.resolver), body)
    if found is None:
        return
    if "payload" in node.value:
        place = node.at("payload", body)
        context.report("bad-schedule", place, reason=f"the payload is not valid: {found}")
    else:
        context.report("schedule-without-payload", node, reason=found)
