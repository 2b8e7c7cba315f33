"""A service's messages and the schemas they share -> `messages.py` and `schemas.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jararaca_compiler import ir
from jararaca_compiler.emit.models.imported import NOTHING, Imported
from jararaca_compiler.emit.models.module import Modules
from jararaca_compiler.references.resolver import Found

__all__ = ["Modules", "class_names", "emit_models"]


def emit_models(
    service: ir.Service, lookup: Callable[[str], Found], imported: Imported = NOTHING
) -> tuple[ir.GeneratedFile, ...]:
    """The modules of a service's classes, their paths relative to its package.

    `schemas.py` is there only where something is shared. `lookup` leads absolute references on.
    `imported` stands in packages of shared messages.
    """
    return Modules(service, lookup, imported).files()


def class_names(service: ir.Service, lookup: Callable[[str], Found]) -> Mapping[str, str]:
    """What the classes of shared schemas are called, by place (`path#pointer`)."""
    return Modules(service, lookup).names
