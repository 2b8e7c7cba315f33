"""Which module of an import root imports which: inside functions and for type checkers too."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

Graph = Mapping[str, frozenset[str]]
"""For each file, by its path below the root, the files that it imports."""


def import_graph(root: Path) -> Graph:
    """The graph of the package in the folder `root`."""
    paths = {_name(path, root): path for path in sorted(root.rglob("*.py"))}
    files = {name: path.relative_to(root).as_posix() for name, path in paths.items()}
    return {
        files[name]: frozenset(files[n] for n in _imported(path, name, files) if n != name)
        for name, path in paths.items()
    }


def circles(graph: Graph) -> list[str]:
    """One circle for each group of files that import one another, as `a.py -> b.py -> a.py`."""
    waiting = {file: set(targets) for file, targets in graph.items()}
    found: list[str] = []
    while waiting:
        free = [file for file, targets in waiting.items() if not targets & waiting.keys()]
        for file in free:
            del waiting[file]
        if not free:
            circle = _circle(waiting)
            found.append(" -> ".join([*circle, circle[0]]))
            for file in circle:
                del waiting[file]
    return found


def room(file: str) -> str:
    """The folder of the root that a file is in; the module itself on the ground floor."""
    head, _, rest = file.partition("/")
    return head if rest else head.removesuffix(".py")


def _circle(waiting: Mapping[str, set[str]]) -> list[str]:
    """A circle of a graph in which every file imports another one of it."""
    way = [min(waiting)]
    while True:
        following = min(waiting[way[-1]] & waiting.keys())
        if following in way:
            return way[way.index(following) :]
        way.append(following)


def _name(path: Path, root: Path) -> str:
    name = ".".join(path.relative_to(root.parent).with_suffix("").parts)
    return name.removesuffix(".__init__")


def _imported(path: Path, name: str, known: Mapping[str, str]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            for alias in node.names:
                target = f"{base}.{alias.name}"
                yield from (n for n in (target if target in known else base,) if n in known)


def _base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])
