"""What the routing table calls the classes and handlers that it names, and where they come from."""

from __future__ import annotations

from typing import Protocol

from jararaca_compiler import ir


class TableNames(Protocol):
    """Expressions of the table's module; `path` is the one for the module's own file."""

    @property
    def path(self) -> str:
        """Where the published document and the examples lie beside, or `None`."""

    def imports(self, service: ir.Service) -> str:
        """The import statements, each block after an empty line."""

    def message(self, message: ir.Message) -> str:
        """The class of a message."""

    def handler(self, service: ir.Service, operation: str, handler: ir.Handler) -> tuple[str, str]:
        """The controller that handles, and its method."""


class GeneratedNames:
    """The generated `messages` beside the table, and the controller in a person's module."""

    path = "__file__"

    def __init__(self, handlers_module: str) -> None:
        self._handlers_module = handlers_module

    def imports(self, service: ir.Service) -> str:
        """The handlers, where there are some, and the messages."""
        text = ""
        if any(operation.handlers for operation in service.operations):
            package, _, module = self._handlers_module.rpartition(".")
            start = f"from {package} import" if package else "import"
            text += f"\n{start} {module} as handlers\n"
        if service.messages:
            text += "\nfrom . import messages\n"
        return text

    def message(self, message: ir.Message) -> str:
        """A class of the generated module."""
        return f"messages.{message.class_name}"

    def handler(self, service: ir.Service, operation: str, handler: ir.Handler) -> tuple[str, str]:
        """The service's one controller."""
        controller = f"handlers.{service.controller}"
        return controller, f"{controller}.{handler.method}"
