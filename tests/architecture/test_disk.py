"""Which modules of the compiler touch the disk."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

COMPILER = Path(__file__).parents[2] / "compiler/jararaca_compiler"
READERS = {
    "commands.codegen",
    "commands.diff",
    "commands.observing.lines",
    "commands.observing.record_file",
    "commands.discovering.run",
    "compat.revision",
    "compat.versions",
    "emit.site",
    "exporting.generator",
    "importing.schema_files.json_samples",
    "importing.schema_files.openapi",
    "importing.schema_files.files",
    "importing.sources",
    "importing.schema_files.xml_schema",
    "incremental.cache",
    "incremental.signature",  # The account's own key.
    "incremental.tool",  # Its own files.
    "init.scaffold",
    "linking.cache.files",
    "linking.cache.storage",
    "linking.neighbours.reading",
    "linking.registry.branch",
    "linking.registry.folder",
    "linking.registry.storage",
    "linking.registry.place",
    "pipeline.packages",
    "pipeline.write",
    "project.file_watch",
    "project.guides",
    "project.repository",
    "reading.git_archive",
    "reading.installed",
    "reading.load",
    "references.by_identifier",  # Files that may have an identifier.
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
