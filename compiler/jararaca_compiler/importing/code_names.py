"""What a routing table calls classes that stand in a person's own modules."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.importing.discovery import DiscoveredCode, camel


class CodeNames:
    """Classes by module and qualified name; `local` are those that no module holds by a name."""

    def __init__(self, found: DiscoveredCode, path: str) -> None:
        self.path = path
        self.local: dict[str, type[Any]] = {}
        self._classes = found.classes
        self._methods = {camel(name): method for name, method in found.methods.items()}
        self._expressions = {
            kind: self._expression(kind)
            for kind in dict.fromkeys(
                [*found.classes.values(), *(each.controller for each in found.methods.values())]
            )
        }

    def imports(self, service: ir.Service) -> str:
        """The modules of all classes, sorted."""
        modules = sorted({kind.__module__ for kind in self._named()})
        return "".join(["\n", *(f"import {module}\n" for module in modules)]) if modules else ""

    def message(self, message: ir.Message) -> str:
        """A class by the name that it has on the wire."""
        return self._expressions[self._classes[message.wire_name]]

    def handler(self, service: ir.Service, operation: str, handler: ir.Handler) -> tuple[str, str]:
        """The method that an operation was made of."""
        method = self._methods[operation]
        controller = self._expressions[method.controller]
        return controller, f"{controller}.{method.name}"

    def _named(self) -> Iterable[type[Any]]:
        local = set(self.local.values())
        return (kind for kind in self._expressions if kind not in local)

    def _expression(self, kind: type[Any]) -> str:
        if _is_importable(kind):
            return f"{kind.__module__}.{kind.__qualname__}"
        written = re.sub(r"\W", "_", kind.__name__)
        name = f"{written}_{len(self.local)}"
        self.local[name] = kind
        return name


def _is_importable(kind: type[Any]) -> bool:
    """Whether the module holds the class by its qualified name.

    One in a function it does not; nor a generic that was filled in, by a name that Python can read.
    """
    if not all(name.isidentifier() for name in kind.__qualname__.split(".")):
        return False
    try:
        found: object = sys.modules[kind.__module__]
        for name in kind.__qualname__.split("."):
            found = getattr(found, name)
    except (KeyError, AttributeError):
        return False
    return found is kind
