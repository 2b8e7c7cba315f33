"""The routing table that `jararaca codegen --from-code` has written for controllers by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from jararaca_shared.settings import (
    OUTPUT,
    SettingsError,
    for_service,
    import_parts,
    import_root,
    project_folder,
    read_settings,
)

from jararaca.contract.topics import binding_key
from jararaca.errors import ConfigurationError
from jararaca.handlers.decorators import handlers_of, spec_of
from jararaca.routing.agreement import refuse_other_format
from jararaca.routing.table import Route, Service

Row = tuple[type[Any], str, type[Any], str]


def written_table(controllers: Sequence[type[Any]], name: str) -> Service | None:
    """The table of these controllers; None where none was written.

    Raises ConfigurationError for one that does not say what the code says now.
    """
    module = _module(name)
    if module is None:
        return None
    service: Service = import_module(module).SERVICE
    refuse_other_format(service)
    if {_row(route) for route in service.routes} != set(_rows(controllers)):
        raise ConfigurationError(
            f"{module} is not what the controllers say now: run `jararaca codegen --from-code "
            f"{service.source}` again, or delete the package"
        )
    return service


def _module(name: str) -> str | None:
    """The routes module of a package that was made from code, by its first lines."""
    try:
        folder = project_folder(Path.cwd())
        settings = read_settings(folder)
    except SettingsError as error:
        raise ConfigurationError(str(error)) from error
    output = for_service(str(settings.get("output", OUTPUT)), name)
    place = folder / output / name / "routes.py"
    try:
        with place.open(encoding="utf-8") as file:
            head = [next(file, ""), next(file, "")]
    except OSError:
        return None
    if not head[1].startswith("# Source: ") or ":" not in head[1].removeprefix("# Source: "):
        return None
    root = import_root(output, settings.get("import-root"))
    return ".".join((*import_parts(output, root), name, "routes"))


def _row(route: Route) -> Row:
    key = route.binding_keys[0] if route.binding_keys else ""
    return route.controller, route.handler.__name__, route.message, key


def _rows(controllers: Sequence[type[Any]]) -> Iterator[Row]:
    for controller in controllers:
        for method in handlers_of(controller):
            for message in spec_of(method).messages:
                yield controller, method.__name__, message, binding_key(message.MESSAGE_TOPIC)
