"""Controllers that no compiled route names: the routing table that they amount to, made at start.

The compiler makes it, by the phases that documents go through; the runtime finds the compiler by
an entry point and does not import it.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Any

from jararaca_shared.distribution import install

from jararaca.application.code_first.written_table import written_table
from jararaca.errors import ConfigurationError
from jararaca.routing.table import Route, Service

ENTRY_POINT = "jararaca.code"
"""The entry point of what compiles controllers: the compiler's."""


def compiled_from_code(
    controllers: Sequence[type[Any]], name: str, routes: Sequence[Route]
) -> Service:
    """The service that controllers amount to; `routes` are those that documents are compiled to.

    It is what `jararaca codegen --from-code` has written, where it has; else it is compiled.
    Raises ConfigurationError where the compiler is missing, or says that something is wrong.
    """
    service = written_table(controllers, name) or _compiled(controllers, name)
    _refuse_second_handlers(service, routes)
    return service


def _compiled(controllers: Sequence[type[Any]], name: str) -> Service:
    found = list(entry_points(group=ENTRY_POINT))
    names = ", ".join(each.__qualname__ for each in controllers)
    if not found:
        raise ConfigurationError(
            f"no compiled route names {names}: run `jararaca codegen`, or have the table made at "
            f"start, which needs the compiler: {install('compiler')}"
        )
    compiled = found[0].load()(controllers, name)
    if compiled.problems:
        raise ConfigurationError(f"{names} cannot be compiled:\n{compiled.problems}")
    namespace: dict[str, Any] = dict(compiled.local)
    exec(compile(compiled.source, f"<routing table of {names}>", "exec"), namespace)
    service: Service = namespace["SERVICE"]
    return service


def _refuse_second_handlers(service: Service, routes: Sequence[Route]) -> None:
    """A task is done once: a document and the code cannot both have a handler for it."""
    queues = {route.queue: route for route in routes}
    for route in service.routes:
        other = queues.get(route.queue)
        if other is not None:
            raise ConfigurationError(
                f"{_shown(route)} and {_shown(other)} both handle {route.message.MESSAGE_NAME} "
                f"from the queue {route.queue}, but a task is handled once: keep one of them"
            )


def _shown(route: Route) -> str:
    return f"{route.controller.__qualname__}.{route.handler.__name__}"
