"""What `codegen` writes, without notes and without order: two revisions that say the same in it
are the same to every program. Written apart from the comparison that it judges.
"""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections import Counter
from pathlib import Path
from typing import Any

from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.compat.versions import UnreadableError, read_version
from jararaca_compiler.project.config import Config

_ABOUT = ("title", "version", "source", "digest", "format", "path")


def read(folder: Path, root: Any) -> ContractVersion | None:
    """The contract of one document; None where it is none, or `codegen` refuses it."""
    (folder / "document.json").write_text(json.dumps(root), encoding="utf-8")
    try:
        version = read_version([Path("document.json")], folder, Config())
    except UnreadableError:
        return None
    return version if len(version.packages) == len(version.services) else None


def emitted(version: ContractVersion) -> Counter[str]:
    """Each statement of each module, as the bag of its words."""
    return Counter(
        f"{service} {module} {line}"
        for service, package in version.packages.items()
        for module, source in package.items()
        for line in _statements(ast.parse(source), "")
    )


def _statements(node: ast.Module | ast.ClassDef, owner: str) -> list[str]:
    found: list[str] = []
    for part in node.body:
        if isinstance(part, ast.ClassDef):
            name = f"{owner}.{part.name}"
            found += [f"class {name} {_words(base)}" for base in part.bases]
            found += _statements(part, name)
        elif not _is_note(part) and not isinstance(part, ast.Import | ast.ImportFrom):
            found.append(f"{owner} {_words(_quiet(part))}")
    return found


def _quiet(part: ast.stmt) -> ast.stmt:
    """Without the notes inside, and without what is about the document alone."""
    for node in ast.walk(part):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [line for line in node.body if not _is_note(line)]
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "jararaca.Service":
            node.keywords = [word for word in node.keywords if word.arg not in _ABOUT]
    return part


def _is_note(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)


def _words(node: ast.AST) -> str:
    """The words in the order of the alphabet: the order of a union or a table says nothing."""
    tokens = tokenize.generate_tokens(io.StringIO(ast.unparse(node)).readline)
    return " ".join(sorted(t.string for t in tokens if t.string.strip(" ,()[]|\n")))
