"""The way from a dead letter to the events around it: the `jararaca replay` that is meant."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime

from jararaca.handlers.decorators import spec_of
from jararaca.operations.dead_letter import DeadLetter
from jararaca.routing.table import Route, Service


def replay_command(services: Iterable[Service], letters: Sequence[DeadLetter]) -> str | None:
    """The command that gives their handler all events since the first of the letters failed.

    None where no stream keeps their events, or they are of several handlers. It begins with the
    publication of the letter, so that the letter is among them.
    """
    routes = [route for service in services for route in service.routes]
    found = {_handled_by(each, routes) for each in letters}
    route = found.pop() if len(found) == 1 else None
    begun = [at for each in letters if (at := _begun(each)) is not None]
    if route is None or not begun:
        return None
    since = min(begun).astimezone().isoformat(timespec="seconds")
    name = spec_of(route.handler).name
    others = {each.handler for each in routes if spec_of(each.handler).name == name}
    called = name if len(others) == 1 else f"{route.controller.__qualname__}.{name}"
    told = f"jararaca replay {shlex.quote(called)} --since {since}"
    return told if spec_of(route.handler).batch is None else f"{told} --publish"


def _handled_by(letter: DeadLetter, routes: Iterable[Route]) -> Route | None:
    for route in routes:
        is_named = letter.name in (None, route.message.MESSAGE_NAME)
        if route.queue == letter.queue and route.stream is not None and is_named:
            return route
    return None


def _begun(letter: DeadLetter) -> datetime | None:
    published, failed = letter.delivery.properties.timestamp, letter.first_failure
    known = [each for each in (published, failed) if each is not None]
    return min(known, default=None)
