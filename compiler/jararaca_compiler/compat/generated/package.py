"""A service -> what is compared of the code that it compiles to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from jararaca_compiler import ir
from jararaca_compiler.compat.generated import classes, tables
from jararaca_compiler.compat.generated.enumerations import with_values
from jararaca_compiler.compat.generated.unit import Units
from jararaca_compiler.emit.models import emit_models
from jararaca_compiler.emit.routes import emit_routes
from jararaca_compiler.emit.table_names import GeneratedNames
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.references.resolver import Found, Resolver
from jararaca_compiler.semantics.check import check

Uses = frozenset[tuple[str, str]]
"""Classes with the names of fields that have them."""
_STATEMENT = re.compile(r"^(?=\S)(?![)\]}])", re.M)
_FIELD = re.compile(r"^ +(\w+): (.*)$", re.M)
_TABLES = "routes.py"
_CLASS = re.compile(r"\b[A-Z]\w*")
Package = dict[str, str]
"""The text of each module by its name."""


def package(service: ir.Service, lookup: Callable[[str], Found]) -> Package:
    """The modules with classes and tables, as `jararaca codegen` writes them."""
    models = emit_models(service, lookup)
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


def units(made: Package, other: Package) -> tuple[Units, Uses]:
    """All that the package says and the other does not, and which fields have which class."""
    left, uses = _without_common(made, other)
    found = dict(tables.units_of(left[_TABLES]))
    found |= dict(classes.units_of(left["messages.py"]))
    found |= dict(classes.units_of(left.get("schemas.py", ""), "schemas."))
    return dict(with_values(found, made.values())), uses


def _without_common(made: Package, other: Package) -> tuple[Package, Uses]:
    """The modules without the statements that are the same in both: most of them, as a rule."""
    left: Package = {}
    uses: set[tuple[str, str]] = set()
    for path, source in made.items():
        if path == _TABLES and source != other.get(path):
            left[path] = source  # Its statements refer to one another.
            continue
        theirs = set(_STATEMENT.split(other.get(path, "")))
        kept = []
        for statement in _STATEMENT.split(source):
            if statement not in theirs:
                kept.append(statement)
            else:
                uses |= {
                    (c, f) for f, rest in _FIELD.findall(statement) for c in _CLASS.findall(rest)
                }
        left[path] = "".join(kept)
    return left, frozenset(uses)


def _uses(statement: str) -> set[tuple[str, str]]:
    fields = _FIELD.findall(statement)
    return {(name, field) for field, rest in fields for name in _CLASS.findall(rest)}
