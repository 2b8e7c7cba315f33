"""The compiler's phases as ARCHITECTURE.md has them: what imports what, and who reads the disk."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

COMPILER = Path(__file__).parents[2] / "compiler/jararaca_compiler"
PHASES = (
    {"documents", "ir", "naming", "project"},
    {"diagnostics", "schemas"},
    {"reading"},
    {"references", "structure"},
    {"lower"},
    {"checking"},
    {"emit"},
    {"pipeline", "incremental", "compat", "lint"},
)
"""From the first to the last; whatever is not here is a command, and may import every one."""
READERS = {
    "commands.codegen",
    "compat.command",
    "compat.revision",
    "compat.sides",
    "emit.site",
    "incremental.cache",
    "init.project",
    "lint.command",
    "pipeline.write",
    "project.config",
    "project.watching",
    "reading.load",
    "reading.metaschemas",
    "reading.remote",
}
"""Who touches the disk: `load` the documents, the others what is theirs."""
TOUCHING = {
    *("open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir", "rmdir"),
    *("iterdir", "rglob", "touch", "scandir", "is_file", "is_dir", "exists"),
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(COMPILER.rglob("*.py")):
        name = ".".join(path.relative_to(COMPILER).with_suffix("").parts)
        yield name.removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    """The first part below `jararaca_compiler` of every import, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("jararaca_compiler"):
            rest = (node.module or "").split(".")[1:]
            yield from rest[:1] or [alias.name for alias in node.names]


def test_a_phase_never_imports_a_later_phase() -> None:
    rank = {name: index for index, names in enumerate(PHASES) for name in names}
    wrong = [
        f"{module} imports {other}"
        for module, tree in modules()
        for other in imported(tree)
        if module.partition(".")[0] in rank
        and rank.get(other, len(PHASES)) > rank[module.partition(".")[0]]
    ]
    assert wrong == []


def test_only_the_named_modules_touch_the_disk() -> None:
    found = {
        module
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _called(node.func) in TOUCHING
    }
    assert found == READERS


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
