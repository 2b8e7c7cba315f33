"""Reading the two contracts that are compared: as they are on disk, or as they were in git."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from jararaca_shared.printable import printable
from jararaca_shared.settings import PYPROJECT

from jararaca_compiler import ir
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.compat.generated.package import packages
from jararaca_compiler.compat.revision import RevisionError, extract, followed
from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.lower import Options, lower
from jararaca_compiler.lower.draft import Perspective
from jararaca_compiler.pipeline.packages import copy_packages
from jararaca_compiler.project.config import Config, read_config
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver


class UnreadableError(Exception):
    """A contract cannot be read; the text has a line for each reason, with its place."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n".join(map(_error_line, diagnostics)))
        self.diagnostics = tuple(diagnostics)


def read_version(paths: Sequence[Path], root: Path, config: Config) -> ContractVersion:
    """The contract of these documents; of a folder with a project of its own, the project's.

    Raises UnreadableError, and ConfigError for the project's settings.
    """
    if len(paths) == 1 and (root / paths[0] / PYPROJECT).is_file():
        own = read_config(root / paths[0])
        if own.sources:
            return _read([paths[0] / source for source in own.sources], root, own)
    return _read(paths, root, config)


def read_version_at(
    revision: str,
    paths: Sequence[Path],
    root: Path,
    config: Config,
    in_files: Callable[[Path, Sequence[str]], Sequence[str]] | None = None,
) -> ContractVersion:
    """The contract as it was in a git revision, by the settings of then; without `paths`, of the
    sources of then. Raises RevisionError, UnreadableError, ConfigError.

    `in_files` turns applications among the paths into documents, in the folder of that revision.
    """
    with tempfile.TemporaryDirectory(prefix="jararaca-diff-") as name:
        above = config.reaches_above or any(".." in path.parts for path in paths)
        place, code = Path(name).resolve(), in_files is not None
        folder = extract(revision, root, place, code=code, whole=above)
        then = read_config(folder) if (folder / PYPROJECT).is_file() else config
        if then.reaches_above and not above:
            folder = extract(revision, root, place / "whole", code=code, whole=True)
        named = paths or [Path(source) for source in configured(then) or configured(config)]
        if in_files is not None:
            named = [Path(each) for each in in_files(folder, [str(path) for path in named])]
        try:
            relative = [root.joinpath(path).relative_to(root) for path in named]
        except ValueError:
            raise RevisionError("with a revision, paths are below the current folder.") from None
        copy_packages(folder, then)
        found = _read(followed(relative, root, folder), folder, then)
        for service in found.services:
            for message in service.messages:
                _read_all(found, message)
        return replace(found, revision=revision)


def configured(config: Config) -> tuple[str, ...]:
    """What is compared where nothing is named: the sources, else the application."""
    return config.sources or (() if config.app is None else (config.app,))


def _read(paths: Sequence[Path], root: Path, config: Config) -> ContractVersion:
    documents, unread = load(paths, root, above=config.root)
    resolver = Resolver(documents)
    perspective = cast(Perspective, config.perspective)
    options = Options(config.exchange, perspective, shared=config.shared)
    services, found = lower(documents, options, resolver)
    errors = [d for d in dict.fromkeys([*unread, *found]) if d.severity == "error"]
    if errors:
        raise UnreadableError(errors)

    return ContractVersion(
        services,
        resolver.lookup,
        documents.locate,
        packages=packages(services, documents, resolver),
    )


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


def _error_line(error: Diagnostic) -> str:
    place = f"{printable(error.span.path)}:{error.span.line}:{error.span.column}"
    help = f"\n  {printable(error.help)}" if error.help else ""
    return f"{place}: error: {printable(error.message)} [{error.code}]{help}"
