"""A service -> what is compared of the code that it compiles to."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jararaca_compiler import ir
from jararaca_compiler.compat.generated import classes, tables
from jararaca_compiler.compat.generated.unit import Units
from jararaca_compiler.emit.models import emit_models
from jararaca_compiler.emit.routes import emit_routes
from jararaca_compiler.emit.table_names import GeneratedNames
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.references.resolver import Found, Resolver
from jararaca_compiler.semantics.check import check

Package = dict[str, str]
"""The text of each module by its name."""


def package(service: ir.Service, lookup: Callable[[str], Found]) -> Package:
    """The modules with classes and tables, as `jararaca codegen` writes them."""
    models, _ = emit_models(service, lookup)
    files = (*models, emit_routes(service, GeneratedNames("handlers"), lookup))
    return {file.path: file.source for file in files}


def packages(
    services: Iterable[ir.Service], documents: Documents, resolver: Resolver
) -> dict[str, Package]:
    """The package of each service that `jararaca codegen` would write, by the service's name."""
    return {
        service.name: package(service, resolver.lookup)
        for service in services
        if not any(found.severity == "error" for found in check(service, documents))
    }


def units(made: Package) -> Units:
    """All that the package says."""
    found = dict(tables.units_of(made["routes.py"]))
    found |= dict(classes.units_of(made["messages.py"]))
    return found | dict(classes.units_of(made.get("schemas.py", ""), "schemas."))
