"""What the converter of a foreign schema is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from jararaca_compiler.documents.node import Node


@dataclass(slots=True)
class ConversionContext:
    """What a converter needs: what a `$ref` leads to, other files, and a place to complain."""

    follow: Callable[[Node], Node]
    file: Callable[[str, str], Node | None]
    faults: list[tuple[Node, str]] = field(default_factory=list)

    def fault(self, node: Node, reason: str) -> None:
        """Something about the schema is wrong, at a node."""
        self.faults.append((node, reason))
