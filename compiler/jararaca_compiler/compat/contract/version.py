"""One of the two contracts that are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from jararaca_compiler import ir
from jararaca_compiler.compat.generated.package import Package
from jararaca_compiler.compat.proof.schema import Lookup
from jararaca_compiler.documents.source import Span

Locate = Callable[[str, str], Span]


@dataclass(frozen=True, slots=True, eq=False)
class ContractVersion:
    """`lookup` follows references, `locate` finds a place's span.

    `revision` is git's name of it, empty for what lies on disk; `packages` is what each service
    compiles to, by its name.
    """

    services: tuple[ir.Service, ...]
    lookup: Lookup
    locate: Locate
    revision: str = ""
    packages: Mapping[str, Package] = field(default_factory=dict)

    def place(self, span: Span) -> Span:
        """The span as a person writes it: `main:shop.yaml`, like git, for a revision's file."""
        return replace(span, path=f"{self.revision}:{span.path}") if self.revision else span
