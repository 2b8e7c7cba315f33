"""Reading the two contracts that are compared: as they are on disk, or as they were in git."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.compat.messages import ContractVersion
from jararaca_compiler.compat.revision import RevisionError, extract
from jararaca_compiler.documents.source import Span
from jararaca_compiler.lower import Options, lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver


class UnreadableError(Exception):
    """A contract cannot be read; the text has a line for each reason, with its place."""


def read_version(paths: Sequence[Path], root: Path, settings: Mapping[str, Any]) -> ContractVersion:
    """The contract of these documents. Raises UnreadableError."""
    documents, unread = load(paths, root)
    resolver = Resolver(documents)
    names = {key: settings[key] for key in ("exchange", "perspective") if key in settings}
    services, found = lower(documents, Options(**names), resolver)
    errors = [d for d in dict.fromkeys([*unread, *found]) if d.severity == "error"]
    if errors:
        raise UnreadableError("\n".join(map(_error_line, errors)))

    def locate(path: str, pointer: str) -> Span:
        document = documents.get(path)
        return Span(path) if document is None else document.span(pointer, key=True)

    return ContractVersion(services, resolver.lookup, locate)


def read_version_at(
    revision: str,
    paths: Sequence[Path],
    root: Path,
    settings: Mapping[str, Any],
    in_files: Callable[[Path, Sequence[str]], Sequence[str]] | None = None,
) -> ContractVersion:
    """The contract as it was in a git revision. Raises RevisionError, UnreadableError.

    `in_files` turns applications among the paths into documents, in the folder of that revision.
    """
    with tempfile.TemporaryDirectory(prefix="jararaca-diff-") as name:
        folder = Path(name).resolve()
        extract(revision, root, folder, code=in_files is not None)
        if in_files is not None:
            paths = [Path(each) for each in in_files(folder, [str(path) for path in paths])]
        try:
            relative = [root.joinpath(path).relative_to(root) for path in paths]
        except ValueError:
            raise RevisionError("with a revision, paths are below the current folder.") from None
        there = [path for path in relative if (folder / path).exists()]
        found = read_version(there, folder, settings)
        for service in found.services:
            for message in service.messages:
                _read_all(found, message)
        return ContractVersion(found.services, found.lookup, found.locate, revision)


def _read_all(side: ContractVersion, message: ir.Message) -> None:
    """Follow every reference while the files are there; they are remembered."""
    waiting: list[Any] = [
        message.payload.schema,
        message.headers.schema if message.headers else True,
    ]
    seen: set[str] = set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            ref = value.get("$ref")
            if isinstance(ref, str) and ref not in seen:
                seen.add(ref)
                waiting.append(side.lookup(ref).value)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _error_line(error: Any) -> str:
    place = f"{error.span.path}:{error.span.line}:{error.span.column}"
    help = f"\n  {error.help}" if error.help else ""
    return f"{place}: error: {error.message} [{error.code}]{help}"
