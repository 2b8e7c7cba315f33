"""What a service's modules import from packages of shared messages, and hand on under its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jararaca_compiler import ir

_LONGEST_LINE = 100
_IMPORT = re.compile(r"^from \.\.\S+ import (?:\(\n    )?\w+ as \w+(?:,\n\))?\n", re.M)


SharedSchemas = Mapping[str, tuple[str, str]]
"""By a schema's place (`path#pointer`) the package of shared messages with its class, and that."""


@dataclass(frozen=True, slots=True)
class Imported:
    """By a message's name the package of its class, and all schemas that packages have."""

    messages: Mapping[str, str] = field(default_factory=dict)
    schemas: SharedSchemas = field(default_factory=dict)

    @classmethod
    def of(cls, service: ir.Service, schemas: SharedSchemas) -> Imported:
        """What a service's own modules do not have."""
        shared = {m.name: m.shared for m in service.messages if m.shared is not None}
        return cls(shared, schemas)


NOTHING = Imported()


def import_text(package: str, module: str, name: str, known_as: str) -> str:
    """An import that hands a name on: type checkers take it for the module's own."""
    start, what = f"from ..{package}.{module} import ", f"{name} as {known_as}"
    if len(start) + len(what) <= _LONGEST_LINE:
        return f"{start}{what}\n"
    return f"{start}(\n    {what},\n)\n"


def in_order(imports: Iterable[tuple[str, str, str, str]]) -> str:
    """Imports as linters sort them: by module, then constants, classes and the rest by name."""
    return "".join(import_text(*each) for each in sorted(set(imports), key=_standing))


def handed_on(source: str) -> str:
    """The imports of this kind in a module of ours, as they stand."""
    return "".join(_IMPORT.findall(source))


def _standing(each: tuple[str, str, str, str]) -> tuple[str, str, int, str]:
    package, module, name, _ = each
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return package, module, kind, name
