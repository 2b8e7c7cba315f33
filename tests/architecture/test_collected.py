"""Tests are called alike in each process: `pytest -n` refuses to run a single one otherwise."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CHANGING = frozenset({"getpid", "monotonic", "now", "random", "time_ns", "today", "uuid4"})


def changing_parameters(source: str) -> list[int]:
    """The lines of parameters that are another value in each process."""
    return [
        call.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for decorator in node.decorator_list
        for call in ast.walk(decorator)
        if isinstance(call, ast.Call) and _is_changing(call)
    ]


def _is_changing(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return name in CHANGING or (name == "time" and not call.args)


def test_no_parameter_is_another_in_each_process() -> None:
    files = sorted(TESTS.rglob("test_*.py"))
    found = [f"{f}:{line}" for f in files for line in changing_parameters(f.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize("made", ["datetime.now(UTC)", "str(uuid4())", "[time.time() - 3]"])
def test_such_a_parameter_is_found(made: str) -> None:
    source = f"@pytest.mark.parametrize('one', [{made}])\ndef test_it(one): ...\n"
    assert changing_parameters(source) == [1]
