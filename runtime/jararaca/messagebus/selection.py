"""Which handlers a worker runs: all, or those of the names and groups that it was given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jararaca.errors import ConfigurationError
from jararaca.handlers.handler_spec import HandlerSpec
from jararaca.routing.table import Route


def selected(
    specs: Sequence[tuple[Route, HandlerSpec]], handlers: Sequence[str], groups: Sequence[str]
) -> list[tuple[Route, HandlerSpec]]:
    """The routes with their handlers' options. Raises ConfigurationError for an unknown name."""
    _known("handler", handlers, {spec.name for _, spec in specs})
    _known("group", groups, {spec.group for _, spec in specs if spec.group})
    chosen = [
        (route, spec)
        for route, spec in specs
        if (not handlers and not groups) or spec.name in handlers or spec.group in groups
    ]
    queues = {route.queue for route, _ in chosen}
    picked = {id(route) for route, _ in chosen}
    for route, spec in specs:
        if route.queue in queues and id(route) not in picked:
            raise ConfigurationError(
                f"handler {spec.name} shares the queue {route.queue} with a selected one: "
                "select both, or neither"
            )
    return chosen


def _known(what: str, asked: Iterable[str], known: set[str]) -> None:
    for name in asked:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise ConfigurationError(f"there is no {what} {name!r}; known: {listed}")
