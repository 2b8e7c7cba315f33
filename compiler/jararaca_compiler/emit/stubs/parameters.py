"""Which topics' parameters are new since the last run, told at the handlers that get them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.source import Span
from jararaca_compiler.emit.routes import received_parameters
from jararaca_compiler.emit.stubs.handwritten import Handwritten, NotPythonError


def new_parameters(
    service: ir.Service, routes: str | None, path: str, handlers: str | None
) -> tuple[Diagnostic, ...]:
    """A diagnostic at each handler whose topic has parameters that `routes.py` did not know.

    `routes` is that file's text as the last run wrote it, `handlers` the text of the file at
    `path` now; None where there is none. A stub that this run adds is not in it.
    """
    known = {} if routes is None else _known(routes)
    if not known or handlers is None:
        return ()
    try:
        controller = Handwritten(handlers).controllers.get(service.controller)
    except NotPythonError:
        return ()
    methods = {} if controller is None else controller.methods
    found: list[Diagnostic] = []
    for name, topic, parameters in _handlers(service):
        added = [each for each in parameters if each not in known.get(name, parameters)]
        if added and name in methods:
            line, column, end = methods[name].name_at
            span = Span(path, line, column, line, end)
            told = ", ".join(f"`{each}`" for each in added)
            read = f"Read it with `message.parameters[{added[0]!r}]`, if the handler needs it."
            found.append(
                diagnose(
                    "new-parameter", span, help=read, handler=name, topic=topic, parameters=told
                )
            )
    return tuple(found)


def _handlers(service: ir.Service) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(method, topic, names of the topic's parameters) of every handler."""
    channels = {channel.key: channel for channel in service.channels}
    for operation in service.operations:
        channel = channels[operation.channel]
        names = tuple(each.name for each in received_parameters(service, channel))
        for handler in operation.handlers:
            yield handler.method, channel.address or channel.key, names


def _known(routes: str) -> dict[str, set[str]]:
    """By method the parameters in the rows of a `routes.py`; nothing where it is not one."""
    try:
        tree = ast.parse(routes)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            values = {each.arg: each.value for each in node.keywords}
            handler = values.get("handler")
            if isinstance(handler, ast.Attribute):
                found[handler.attr] = set(_names(values.get("parameters")))
    return found


def _names(parameters: ast.expr | None) -> Iterator[str]:
    for row in parameters.elts if isinstance(parameters, ast.Tuple) else ():
        first = row.elts[0] if isinstance(row, ast.Tuple) and row.elts else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value
