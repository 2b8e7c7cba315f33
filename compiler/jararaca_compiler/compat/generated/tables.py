"""The module of routes as units: each route, each thing that is declared, each schedule."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from jararaca_compiler.compat.generated.unit import Key, Kind, Unit

_DEAD_LETTERS = ".dead-letters"
_DECLARED = frozenset({"Exchange", "Queue", "QueueBinding"})


def units_of(source: str) -> Iterator[tuple[Key, Unit]]:
    """The units of `routes.py`, without what follows from the service's name alone."""
    module = ast.parse(source)
    carried = _carried(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from _call(node, node.func.attr, carried)


def _carried(module: ast.Module) -> dict[str, str]:
    """What routes refer to as what their channel carries, by how they write it."""
    return {
        f"CARRIED[{ast.unparse(key)}]": ast.unparse(names)
        for node in module.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
        for key, names in zip(node.value.keys, node.value.values, strict=True)
        if key is not None
    }


def _call(node: ast.Call, name: str, carried: Mapping[str, str]) -> Iterator[tuple[Key, Unit]]:
    named = {word.arg: word.value for word in node.keywords if word.arg is not None}
    if name == "route":
        yield from _route(named, carried)
    elif name == "Schedule":
        message = ast.unparse(named["message"])
        for key, value in named.items():
            if key != "name":
                yield _unit("clock", message, key, ast.unparse(value), message)
    elif name in _DECLARED:
        texts = [_text(argument) for argument in node.args]
        owner = texts[min(1, len(texts) - 1)].removesuffix(_DEAD_LETTERS)
        yield _unit("topology", owner, " ".join([name, *texts]), ast.unparse(node), owner, *texts)


def _route(named: Mapping[str, ast.expr], carried: Mapping[str, str]) -> Iterator[tuple[Key, Unit]]:
    message = ast.unparse(named["message"])
    operation, queue = _text(named["operation"]), _text(named["queue"])
    owner = f"{operation} of {message}"
    for key, value in named.items():
        text = ast.unparse(value)
        text = carried.get(text, text)
        if key == "handler":
            text = text.rpartition(".")[2]
        if key != "controller":
            yield _unit("route", owner, key, text, operation, queue, message)


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)


def _unit(kind: Kind, owner: str, name: str, text: str, *words: str) -> tuple[Key, Unit]:
    return Key(kind, owner, name), Unit(text, frozenset(words))
