"""The facts of a package that was imported: its classes, routing table and topology."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from jararaca_compiler.verification.facts import (
    ANSWERS,
    PUBLISH,
    REQUEST,
    TYPED,
    Facts,
    of_topology,
    route_name,
)
from jararaca_compiler.verification.methods import answers, arguments, typed_parameters


def of_imported(service: Any, messages: Any, said: Facts) -> dict[str, dict[str, Any]]:
    """The facts of an imported package, about what was said and whatever else is there."""
    classes = [thing for thing in said if thing.startswith("class ")]
    there = {thing: getattr(messages, thing[7:-1], None) for thing in classes}
    names = {id(cls): thing[7:-1] for thing, cls in there.items()}
    found = {
        thing: {name: _fact(cls, name) for name in said[thing]}
        for thing, cls in there.items()
        if cls is not None
    }

    def named(cls: Any) -> str:
        return names.get(id(cls), str(cls.__qualname__))

    found |= _routes(service, said, named)
    found |= of_topology(service.topology)
    for schedule in service.schedules:
        found[f"schedule `{schedule.name}`"] = _schedule(schedule, named(schedule.message))
    found["service"] = {
        "name": service.name,
        "title": service.title,
        "version": service.version,
        **{
            name: sorted(map(named, getattr(service, name)))
            for name in ("messages", "sockets", "from_clients")
        },
    }
    return found


def _fact(cls: Any, name: str) -> Any:
    """A setting of a class, or what one of its methods does."""
    try:
        if name in (PUBLISH, REQUEST):
            return _plain(arguments(cls, name))
        if name == ANSWERS:
            return answers(cls)
        return _plain(typed_parameters(cls) if name == TYPED else getattr(cls, name))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _routes(service: Any, said: Facts, named: Callable[[Any], str]) -> dict[str, dict[str, Any]]:
    found = {}
    for route in service.routes:
        message = named(route.message)
        thing = route_name(route.operation, message)
        expected = str(said.get(thing, {}).get("handler"))
        is_so = getattr(route.controller, expected, None) == route.handler
        handler = expected if is_so else str(getattr(route.handler, "__name__", "?"))
        found[thing] = {
            "handler": handler,
            "queue": route.queue,
            "binding_keys": _plain(route.binding_keys),
            "parameters": _plain(route.parameters),
            "allowed": _plain(route.allowed),
            "locations": _plain(route.locations),
            "marks": _plain(route.marks),
            "others": _plain(route.others),
            "stream": route.stream,
            "filter_by": route.filter_by,
        }
    return found


def _schedule(schedule: Any, message: str) -> dict[str, Any]:
    return {
        "message": message,
        "cron": schedule.cron,
        "every": schedule.every,
        "timezone": schedule.timezone,
        "catch_up": schedule.catch_up,
        "payload": json.loads(schedule.payload),
    }


def _plain(value: Any) -> Any:
    """A setting as JSON would have it."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
