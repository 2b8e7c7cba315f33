"""What a person's file names of the generated messages, and is not there any more."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.source import Span
from jararaca_compiler.emit.stubs.handwritten import Handwritten

_TOP_LEVEL = re.compile(
    r"^(?:class |type |from \.\.\S+ import (?:\(\s+)?\w+ as )?([A-Za-z_]\w*)(?=[(:\[ ,\n])", re.M
)


def names_in(module: str) -> frozenset[str]:
    """The names that a generated module has, from its text."""
    return frozenset(_TOP_LEVEL.findall(module))


def missing_messages(
    file: Handwritten, module: str, known: frozenset[str], path: str
) -> Iterator[Diagnostic]:
    """An error for each class of `module` that the file names and `known` has not."""
    told: set[str] = set()
    for name, line, column in sorted(_named(file, module), key=lambda each: each[1:]):
        if name not in known and name not in told and not name.startswith("_"):
            told.add(name)
            span = Span(path, line, column, line, column + len(name))
            yield diagnose("missing-message", span, name=name, module=module)


def _named(file: Handwritten, module: str) -> Iterator[tuple[str, int, int]]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ImportFrom) and node.module == module and not node.level:
            yield from ((each.name, each.lineno, each.col_offset + 1) for each in node.names)
        elif isinstance(node, ast.Attribute) and file.full_name(node.value) == module:
            end = (node.end_col_offset or 0) - len(node.attr) + 1
            yield node.attr, node.end_lineno or node.lineno, end
