"""A person's handlers file as it stands: its imports, controllers, handlers, and their places."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Place = tuple[int, int, int]
"""A line, and the columns where something begins and ends, from 1."""
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


class NotPythonError(Exception):
    """The file cannot be parsed; `line` and `column` count from 1."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(reason)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Method:
    """A method; `messages` are the classes that its @MessageHandler names, none without one.

    `named` are the classes that the decorator and the annotation name, with their places.
    """

    name_at: Place
    messages: tuple[str, ...]
    named: tuple[tuple[str, Place], ...]

    @property
    def taken(self) -> tuple[str, ...]:
        """The classes of a handler, those that only its annotation names included."""
        return tuple(dict.fromkeys(name for name, _ in self.named)) if self.messages else ()


@dataclass(frozen=True, slots=True)
class Controller:
    """A class: `body` begins with its first statement, and `end` is its last line, from 1.

    `inline` tells a class in one line: `class Nothing: pass`.
    """

    methods: dict[str, Method]
    indent: str
    end: int
    body: ast.stmt
    inline: bool


class Handwritten:
    """Reads a file without changing it. Raises NotPythonError."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = [line for line in _LINES.findall(text) if line]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.tree = ast.parse(text.removeprefix("\ufeff"))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise _not_python(error) from None
        self.aliases: dict[str, str] = {}
        for statement in _at_module_level(self.tree.body):
            self.aliases |= _bound(statement)
        self.controllers = {
            node.name: self._controller(node)
            for node in self.tree.body
            if isinstance(node, ast.ClassDef)
        }

    def _controller(self, node: ast.ClassDef) -> Controller:
        first = node.body[0]
        begin = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
        line = self.lines[begin - 1]
        lead = line[: len(line) - len(line.lstrip())]
        header = max(
            [
                node.lineno,
                *(base.end_lineno or 0 for base in node.bases),
                *(keyword.end_lineno or 0 for keyword in node.keywords),
            ]
        )
        inline = begin <= header or not lead
        methods = {
            item.name: self._method(item)
            for item in node.body
            if isinstance(item, ast.AsyncFunctionDef | ast.FunctionDef)
        }
        indent = "    " if inline else lead
        return Controller(methods, indent, self._end(node, indent), first, inline)

    def _end(self, node: ast.ClassDef, indent: str) -> int:
        """The last line of a class, comments behind its last statement included."""
        end = last = node.end_lineno or node.lineno
        while last < len(self.lines):
            line = self.lines[last]
            last += 1
            if line.startswith(indent) and line.lstrip().startswith("#"):
                end = last
            elif line.strip():
                break
        return end

    def _method(self, node: ast.AsyncFunctionDef | ast.FunctionDef) -> Method:
        decorating = [
            each
            for decorator in node.decorator_list
            if isinstance(decorator, ast.Call) and self.full_name(decorator.func) == _HANDLER
            for each in self._classes(_arguments(decorator))
        ]
        annotated = [
            each
            for argument in node.args.args[1:2]
            for each in self._classes(_type_arguments(argument.annotation))
        ]
        line = self.lines[node.lineno - 1]
        column = line.find(node.name, node.col_offset) + 1
        at = (node.lineno, column, column + len(node.name))
        messages = tuple(dict.fromkeys(name for name, _ in decorating))
        return Method(at, messages, (*decorating, *annotated))

    def _classes(self, nodes: Iterable[ast.expr]) -> Iterator[tuple[str, Place]]:
        for node in nodes:
            if name := self._class(node):
                yield name, self.place(node)

    def _class(self, node: ast.expr) -> str | None:
        """The class that `messages.OrderPlaced` or an imported name stands for."""
        name = self.full_name(node)
        return name.rpartition(".")[2] if name else None

    def full_name(self, node: ast.expr) -> str | None:
        """The dotted name of an expression, its imported part as it is called where it lives."""
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.full_name(node.value)
            return None if base is None else f"{base}.{node.attr}"
        return None

    def place(self, node: ast.expr) -> Place:
        """Where an expression stands; ast counts bytes of UTF-8, people count characters."""
        line = self.lines[node.lineno - 1].removeprefix("\ufeff").encode()
        begin = len(line[: node.col_offset].decode("utf-8", "ignore")) + 1
        same = node.end_lineno == node.lineno and node.end_col_offset is not None
        end = len(line[: node.end_col_offset].decode("utf-8", "ignore")) + 1 if same else begin + 1
        return node.lineno, begin, end


_HANDLER = "jararaca.MessageHandler"


def _not_python(error: Exception) -> NotPythonError:
    if isinstance(error, SyntaxError):
        return NotPythonError(error.msg, error.lineno or 1, max(error.offset or 1, 1))
    return NotPythonError(str(error) or "nested too deep", 1, 1)


def _at_module_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those under `if` and `try` included."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.Try):
            yield from _at_module_level([*statement.body, *statement.orelse])


def _bound(statement: ast.stmt) -> dict[str, str]:
    """The names that a statement binds, and what they stand for."""
    if isinstance(statement, ast.ImportFrom) and not statement.level:
        return {a.asname or a.name: f"{statement.module}.{a.name}" for a in statement.names}
    if isinstance(statement, ast.ImportFrom):
        return {a.asname or a.name: f".{statement.module or ''}.{a.name}" for a in statement.names}
    if isinstance(statement, ast.Import):
        return {
            a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0]
            for a in statement.names
        }
    if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {statement.name: f"<here>.{statement.name}"}
    if isinstance(statement, ast.Assign):
        names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        return {name: f"<here>.{name}" for name in names}
    return {}


def _arguments(call: ast.Call) -> list[ast.expr]:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "message"]
    return [*call.args, *named]


def _type_arguments(annotation: ast.expr | None) -> Iterator[ast.expr]:
    """`A` and `B` of `MessageOf[A | B]` and of `MessageOf[Union[A, B]]`."""
    if isinstance(annotation, ast.Subscript):
        yield from _members(annotation.slice)


def _members(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _members(node.left)
        yield from _members(node.right)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        yield from node.slice.elts
    else:
        yield node
