"""A person's handlers of several messages: which rows of the routing table lead to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jararaca_compiler import ir
from jararaca_compiler.emit.stubs.handwritten import Handwritten, Method, NotPythonError


def with_own_unions(service: ir.Service, handlers: str | None) -> ir.Service:
    """The service, in which messages go to the methods that a person has written for several.

    `handlers` is the text of the handlers file. A message goes to the method of its own where that
    is written; else to the first that takes several, it among them. All others stay as they are.
    """
    methods = _methods(service, handlers)
    if not any(len(method.taken) > 1 for method in methods.values()):
        return service
    classes = {message.name: message.class_name for message in service.messages}
    operations = tuple(
        replace(
            operation,
            handlers=tuple(
                replace(handler, method=_method_of(handler, classes[handler.message], methods))
                for handler in operation.handlers
            ),
        )
        for operation in service.operations
    )
    return replace(service, operations=operations)


def _methods(service: ir.Service, handlers: str | None) -> Mapping[str, Method]:
    if handlers is None:
        return {}
    try:
        controller = Handwritten(handlers).controllers.get(service.controller)
    except NotPythonError:
        return {}
    return {} if controller is None else controller.methods


def _method_of(handler: ir.Handler, class_name: str, methods: Mapping[str, Method]) -> str:
    own = methods.get(handler.method)
    if own is not None and (len(own.taken) < 2 or class_name in own.taken):
        return handler.method
    several = (
        name
        for name, method in methods.items()
        if len(method.taken) > 1 and class_name in method.taken
    )
    return next(several, handler.method)
