"""A module of classes as units: their bases, fields, settings and methods, without the notes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from jararaca_compiler.compat.generated.annotations import read_annotation
from jararaca_compiler.compat.generated.unit import Key, Kind, Unit

_CHECKS = frozenset({"JSON_SCHEMA", "model_config", "OBJECTS_ONLY"})
_ROOT = "root"
_EXTRA = "__pydantic_extra__"
Found = Iterator[tuple[Key, Unit]]


class _Ordered(ast.NodeTransformer):
    """Orders the keys of objects: they say nothing."""

    def visit_Dict(self, node: ast.Dict) -> ast.Dict:
        """The same entries by name; what is in them first."""
        self.generic_visit(node)
        entries = [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key]
        entries.sort(key=lambda entry: ast.unparse(entry[0]))
        node.keys, node.values = [key for key, _ in entries], [value for _, value in entries]
        return node


def units_of(source: str, prefix: str = "") -> Found:
    """The units of every class; `prefix` stands before the names of the outermost."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            yield from _class(node, prefix)
        elif isinstance(node, ast.Assign):
            yield from _alias(node, prefix)


def _alias(node: ast.Assign, prefix: str) -> Found:
    """A name for a type, `X = TypeAliasType("X", ...)`: what a class with a root would say."""
    name, value = ast.unparse(node.targets[0]), node.value
    meant = value.args[-1] if isinstance(value, ast.Call) and value.args else value
    text, _, checks = read_annotation(meant)
    yield _unit("type", f"{prefix}{name}", _ROOT, text, _ROOT, name)
    if checks:
        yield _unit("check", f"{prefix}{name}", _ROOT, checks, _ROOT, name)


def _class(node: ast.ClassDef, prefix: str) -> Found:
    owner = f"{prefix}{node.name}"
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    yield _unit("class", owner, "", bases, node.name)
    for part in node.body:
        if isinstance(part, ast.ClassDef):
            yield from _class(part, f"{owner}.")
        elif isinstance(part, ast.AnnAssign):
            yield from _field(part, owner)
        elif isinstance(part, ast.Assign):
            name = ast.unparse(part.targets[0])
            text = ast.unparse(part.value)
            yield _unit(_kind(name), owner, name, text, node.name, name, text)
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _method(part, owner)


def _kind(name: str) -> Kind:
    """What an assignment in a class is; the members of an enumeration are part of its type."""
    if name in _CHECKS:
        return "check"
    return "setting" if name.startswith("MESSAGE_") else "type"


def _field(node: ast.AnnAssign, owner: str) -> Found:
    name = ast.unparse(node.target)
    if node.value is not None and _kind(name) == "setting":
        value = ast.unparse(node.value)
        yield _unit("setting", owner, name, value, name, value)
        return
    text, alias, checks = read_annotation(node.annotation)
    words = (name, alias or name, "*" if name == _EXTRA else name)
    yield _unit("type", owner, name, text, *words)
    yield _unit("wire", owner, name, alias or name, *words)
    if checks:
        yield _unit("check", owner, name, checks, *words)
    if node.value is not None:
        yield _unit("default", owner, name, ast.unparse(_Ordered().visit(node.value)), *words)


def _method(node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str) -> tuple[Key, Unit]:
    node.body = [part for part in node.body if not _is_note(part)] or [ast.Pass()]
    taken = (*node.args.args, *node.args.kwonlyargs)
    words = (argument.arg for argument in taken if argument.arg != "self")
    for argument in taken:
        if argument.annotation is not None:
            text = read_annotation(argument.annotation)[0]
            argument.annotation = ast.parse(text, mode="eval").body
    return _unit("method", owner, node.name, ast.unparse(node), node.name, *words)


def _is_note(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _unit(kind: Kind, owner: str, name: str, text: str, *words: str) -> tuple[Key, Unit]:
    return Key(kind, owner, name), Unit(text, frozenset(words))
