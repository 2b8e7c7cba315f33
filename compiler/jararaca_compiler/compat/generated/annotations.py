"""A field's annotation -> the type that a caller sees, apart from what is checked of its values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_NOTES = frozenset({"description", "title", "examples"})


_BOUNDS = {"gt": ("ge", 1), "lt": ("le", -1)}


class _Bare(ast.NodeTransformer):
    """Takes `Annotated` off, and orders what a union or a `Literal` lists."""

    def __init__(self) -> None:
        self.checks: list[ast.expr] = []

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """`Annotated[T, ...]` is `T`, and the rest is a check."""
        inner = node.slice
        if _named(node.value) == "Annotated" and isinstance(inner, ast.Tuple):
            self.checks += inner.elts[1:]
            found: ast.expr = self.visit(inner.elts[0])
            return found
        node.slice = self.visit(inner)
        if _named(node.value) == "Literal" and isinstance(node.slice, ast.Tuple):
            node.slice.elts.sort(key=ast.unparse)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """`B | A` is `A | B`, and what several `Literal` list may stand in one."""
        parts = [self.visit(part) for part in _parts(node)]
        listed = sorted({ast.unparse(value) for part in parts for value in _literals(part)})
        texts = sorted({ast.unparse(part) for part in parts if not list(_literals(part))})
        literal = [f"Literal[{', '.join(listed)}]"] if listed else []
        return ast.parse(" | ".join([*literal, *texts]), mode="eval").body


def read_annotation(node: ast.expr) -> tuple[str, str | None, str]:
    """The type, what the field is called in JSON (None: as in Python), and the checks."""
    bare = _Bare()
    text = ast.unparse(bare.visit(ast.parse(ast.unparse(node), mode="eval").body))
    alias: str | None = None
    checks: list[str] = []
    for check in bare.checks:
        if isinstance(check, ast.Call):
            for keyword in check.keywords:
                if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
                    alias = str(keyword.value.value)
            kept = [k for k in check.keywords if k.arg not in {"alias", *_NOTES}]
            check.keywords = kept if "float" in text else [_whole(k) for k in kept]
            if not check.keywords and not check.args:
                continue
        checks.append(ast.unparse(check))
    return text, alias, ", ".join(sorted(checks))


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _parts(node.left)
        yield from _parts(node.right)
    else:
        yield node


def _literals(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Subscript) and _named(node.value) == "Literal":
        yield from node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def _whole(keyword: ast.keyword) -> ast.keyword:
    """A bound of integers as one that is included: `gt=0` is `ge=1`."""
    value = keyword.value
    if keyword.arg in _BOUNDS and isinstance(value, ast.Constant) and isinstance(value.value, int):
        name, step = _BOUNDS[keyword.arg]
        return ast.keyword(name, ast.Constant(value.value + step))
    return keyword


def _named(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""
