"""Calls, tuples and mappings as black lays them out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from jararaca_compiler.emit.python.formatting import WIDTH, string


def call(name: str, arguments: Iterable[tuple[str, str]], indent: int) -> str:
    """A call with an argument a line; each argument is already laid out for `indent` + 4."""
    pad = " " * (indent + 4)
    lines = "".join(f"{pad}{key}={value},\n" for key, value in arguments)
    return f"{name}(\n{lines}{' ' * indent})"


def short_call(name: str, arguments: Sequence[str], indent: int) -> str:
    """A call in one line where it fits (its comma included), else with an argument a line."""
    line = f"{name}({', '.join(arguments)})"
    if indent + len(line) + 1 <= WIDTH:
        return line
    pad = " " * (indent + 4)
    return f"{name}(\n" + "".join(f"{pad}{item},\n" for item in arguments) + " " * indent + ")"


def items(values: Sequence[str], indent: int, used: int) -> str:
    """A tuple; `used` columns are before it in its line, one comma follows."""
    line = f"({values[0]},)" if len(values) == 1 else f"({', '.join(values)})"
    if not values or used + len(line) + 1 <= WIDTH:
        return line
    return rows(values, indent)


def rows(values: Sequence[str], indent: int, used: int = 0) -> str:
    """A tuple with an item a line; black puts a single short one behind the `used` columns."""
    if not values:
        return "()"
    if len(values) == 1 and "\n" not in values[0] and used + len(values[0]) + 4 <= WIDTH:
        return f"({values[0]},)"
    pad = " " * (indent + 4)
    return "(\n" + "".join(f"{pad}{value},\n" for value in values) + " " * indent + ")"


def mapping(
    values: Sequence[tuple[str, Any]], indent: int, used: int, *, unpacked: str = ""
) -> str:
    """A dictionary of scalars; `used` columns are before it in its line, one comma follows.

    `unpacked` names a dictionary whose values come first.
    """
    parts = [f"**{unpacked}"] if unpacked else []
    parts += [f"{string(key)}: {scalar(value)}" for key, value in values]
    line = "{" + ", ".join(parts) + "}"
    if used + len(line) + 1 <= WIDTH:
        return line
    pad = " " * (indent + 4)
    return "{\n" + "".join(f"{pad}{part},\n" for part in parts) + " " * indent + "}"


def scalar(value: Any) -> str:
    """A literal of a text, number, truth value or None."""
    return string(value) if isinstance(value, str) else repr(value)
