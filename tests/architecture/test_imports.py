"""The import rules of ARCHITECTURE.md, read from the source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jararaca
import pytest

ROOT = Path(__file__).parents[2]
RUNTIME = sorted((ROOT / "runtime/jararaca").rglob("*.py"))
COMPILER = sorted((ROOT / "compiler/jararaca_compiler").rglob("*.py"))
AMQP = ROOT / "runtime/jararaca/transport/amqp"


class AtRunTime(ast.NodeTransformer):
    """Leaves out what type checkers alone read."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        is_for_checkers = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return None if is_for_checkers else self.generic_visit(node)


def imported(path: Path, *, at_run_time: bool = False) -> set[str]:
    """The first part of every module that a file imports, inside functions too."""
    found: set[str] = set()
    tree: ast.AST = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(AtRunTime().visit(tree) if at_run_time else tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def breaking(paths: list[Path], forbidden: set[str]) -> list[str]:
    return [str(p.relative_to(ROOT)) for p in paths if imported(p) & forbidden]


def test_the_runtime_imports_nothing_of_the_compiler() -> None:
    forbidden = {"jararaca_compiler", "jinja2", "black", "libcst", "yaml"}
    assert breaking(RUNTIME, forbidden) == []


def test_the_compiler_never_imports_the_runtime() -> None:
    assert breaking(COMPILER, {"jararaca"}) == []


def test_aio_pika_stays_inside_the_amqp_transport() -> None:
    outside = [path for path in RUNTIME if not path.is_relative_to(AMQP)]
    assert breaking(outside, {"aiormq", "pamqp"}) == []
    # The type of the channel that `use_amqp()` gives is everybody's.
    loaded = [path for path in outside if "aio_pika" in imported(path, at_run_time=True)]
    assert loaded == []


def test_the_compiler_speaks_amqp_in_its_listening_room_alone() -> None:
    room = ROOT / "compiler/jararaca_compiler/listening"
    outside = [path for path in COMPILER if not path.is_relative_to(room)]
    assert breaking(outside, {"aio_pika", "aiormq", "pamqp"}) == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("generated/*/*.py")), ids=str)
def test_generated_code_names_only_what_the_runtime_exports(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    names = set(re.findall(r"\bjararaca\.([A-Za-z_]\w*)", text.partition('"""\n')[2]))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module == "jararaca":
            names |= {alias.name for alias in node.names}
    assert names <= set(jararaca.__all__)
