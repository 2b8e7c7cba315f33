"""What can be changed in a module: one expression at a time, each change with a name of its own."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}
UNTOUCHED = ("annotation", "returns", "decorator_list", "type_params", "bases")
"""Fields whose expressions are no behaviour of the module's functions."""

Change = Callable[[ast.AST], ast.AST]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: where it is, and how it reads; `number` finds it again in the same source."""

    path: str
    place: str
    change: str
    lines: range
    """The lines of the expression, of a statement with a body those of its test."""
    number: int
    at_import: bool
    """Whether it is run when the module is imported, and not within a call."""
    digest: str
    """Of the function or class of the module around it: a verdict holds as long as that is so."""
    within: range = range(0)
    """The lines of the function around it, the innermost one."""

    @property
    def name(self) -> str:
        """What a survivor is called by, whatever is added above it in its file."""
        return f"{self.path} {self.place}: {self.change}"


def mutations(path: str, source: str) -> list[Mutation]:
    """Every change of a module, in the order of its source."""
    tree = ast.parse(source)
    found = []
    digests = {name: _digest(each) for each in tree.body if (name := getattr(each, "name", None))}
    calls = _within_calls(tree)
    around = _functions_around(tree)
    for number, (node, place, change) in enumerate(_changes(tree)):
        text = f"{_text(node)} -> {_text(change(deepcopy(node)))}"
        digest = digests.get(place.partition(".")[0]) or _digest(node)
        within, at_import = around.get(node, range(0)), node not in calls
        found.append(Mutation(path, place, text, _lines(node), number, at_import, digest, within))
    return found


def _within_calls(tree: ast.Module) -> set[ast.AST]:
    """What is run when a function is called; its defaults and decorators are not."""
    bodies = [
        statement
        for each in ast.walk(tree)
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in each.body
    ]
    return {node for statement in bodies for node in ast.walk(statement)}


def _functions_around(tree: ast.Module) -> dict[ast.AST, range]:
    """By node the lines of the innermost function that it is in: `walk` comes to that one last."""
    return {
        node: range(each.lineno, (each.end_lineno or each.lineno) + 1)
        for each in ast.walk(tree)
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(each)
    }


def _lines(node: ast.AST) -> range:
    shown = node.test if isinstance(node, ast.If | ast.While | ast.IfExp) else node
    first = getattr(shown, "lineno", 0)
    return range(first, (getattr(shown, "end_lineno", None) or first) + 1)


def _digest(node: ast.AST) -> str:
    return sha256(ast.unparse(node).encode()).hexdigest()[:16]


def mutated(source: str, number: int) -> ast.Module:
    """The module with one change; its lines are where they were."""
    tree = ast.parse(source)
    node, _, change = list(_changes(tree))[number]
    made = change(deepcopy(node))
    for other in ast.walk(tree):
        for field, value in ast.iter_fields(other):
            if value is node:
                setattr(other, field, made)
            elif isinstance(value, list):
                setattr(other, field, [made if each is node else each for each in value])
    return ast.fix_missing_locations(tree)


def _changes(tree: ast.Module) -> Iterator[tuple[ast.AST, str, Change]]:
    yield from _within(tree, "module")


def _within(node: ast.AST, place: str) -> Iterator[tuple[ast.AST, str, Change]]:
    if _is_silent(node):
        return
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        place = node.name if place == "module" else f"{place}.{node.name}"
    for change in _changes_of(node):
        yield node, place, change
    for field, value in ast.iter_fields(node):
        if field in UNTOUCHED:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _within(child, place)


def _is_silent(node: ast.AST) -> bool:
    """Logs, asserts, docstrings, and what type checkers alone read: no test is to notice these.

    `zip(strict=...)` is an assert, too.
    """
    match node:
        case ast.keyword(arg="strict"):
            return True
        case ast.Assert() | ast.Import() | ast.ImportFrom() | ast.JoinedStr():
            return True
        case ast.Expr(value=ast.Constant()) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="logger")))):
            return True
    return False


def _changes_of(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in SWAPPED:
            yield _compared
        case ast.BoolOp() | ast.BinOp() if type(node.op) in SWAPPED:
            yield _combined
        case ast.UnaryOp(op=ast.Not()):
            yield lambda each: each.operand  # type: ignore[attr-defined]
        case ast.Constant(value=bool()):
            yield lambda each: ast.copy_location(ast.Constant(not each.value), each)  # type: ignore[attr-defined]
        case ast.Constant(value=int() | float()):
            yield lambda each: ast.copy_location(ast.Constant(each.value + 1), each)  # type: ignore[attr-defined]
        case ast.Expr(value=ast.Call() | ast.Await()):
            yield _left_out
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield _returned_nothing
        case ast.Raise(exc=ast.expr()):
            yield _left_out
        case ast.If() | ast.IfExp() | ast.While() if isinstance(
            node.test, ast.Name | ast.Attribute | ast.Call
        ):
            yield _negated


def _compared(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Compare)
    made = SWAPPED[type(node.ops[0])]()
    assert isinstance(made, ast.cmpop)
    node.ops = [made]
    return node


def _combined(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BoolOp | ast.BinOp)
    node.op = SWAPPED[type(node.op)]()  # type: ignore[assignment]
    return node


def _left_out(node: ast.AST) -> ast.AST:
    return ast.copy_location(ast.Pass(), node)


def _returned_nothing(node: ast.AST) -> ast.AST:
    return ast.copy_location(ast.Return(ast.Constant(None)), node)


def _negated(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.If | ast.IfExp | ast.While)
    node.test = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)
    return node


def _text(node: ast.AST) -> str:
    """A change's node on one line: of a statement with a body its test alone."""
    shown = node.test if isinstance(node, ast.If | ast.While | ast.IfExp) else node
    text = " ".join(ast.unparse(shown).split())
    return text if len(text) <= 80 else f"{text[:79]}…"
