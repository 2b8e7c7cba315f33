"""`jararaca diff`: reads both contracts, prints their differences, and says by its exit status
whether one of them breaks anybody."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from jararaca_shared.printable import printable_lines

if TYPE_CHECKING:
    from jararaca_compiler.compat.change import Change
    from jararaca_compiler.compat.contract.version import ContractVersion
    from jararaca_compiler.diagnostics.report import Place
    from jararaca_compiler.project.config import Config


def diff(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            help="OLD and NEW. With --against: what to compare (default: the sources).",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="REVISION", help="A git revision to compare with, such as main."),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A report of `jararaca observe --json`: who uses what changes."
        ),
    ] = None,
    format: Annotated[
        str,
        typer.Option(metavar="text|json|github|sarif|gitlab|junit", help="The output format."),
    ] = "text",
) -> None:
    """Show what a change to the contract breaks.

    A change may break producers, consumers, stored messages or generated code. With --against, it
    also names the services that it breaks or mends, neighbours among them, and the order in which
    to deploy. With --evidence, it tells how often what changes was used; that is no proof, and
    changes no verdict.

    Exit status: 0 if nothing breaks; 1 if something does; 2 for invalid input.
    """
    from jararaca_compiler.compat.compare import compare
    from jararaca_compiler.compat.exceptions import unknown, unused
    from jararaca_compiler.compat.render import as_json, is_excepted, report, text
    from jararaca_compiler.compat.revision import RevisionError
    from jararaca_compiler.compat.versions import UnreadableError, configured
    from jararaca_compiler.diagnostics.report import FORMATS, render
    from jararaca_compiler.project.config import ConfigError
    from jararaca_compiler.project.repository import repository_place

    shape = next((each for each in FORMATS if each == format), None)
    if shape is None:
        _refuse(f"--format {format}: write one of {', '.join(FORMATS)}.")
    root, config, exceptions = _settings(paths)
    if against is None:
        if paths is None or len(paths) != 2:
            _refuse("give two paths (`jararaca diff OLD NEW`) or `--against REVISION`.")
        sides = [partial(_version, [path], root, config) for path in paths]
    else:
        named = paths or [Path(source) for source in configured(config)]
        if not named:
            _refuse("nothing to compare: give a path, or set `sources` in [tool.jararaca].")
        named = _without_packages(named)
        sides = [
            partial(_version_at, against, paths or [], root, config),
            partial(_version, named, root, config),
        ]
    try:
        old, new = (read() for read in sides)
    except (RevisionError, ConfigError) as error:
        _refuse(str(error))
    except UnreadableError as error:
        print(printable_lines(str(error)), file=sys.stderr)
        if shape != "text":
            place = repository_place(root)
            unread = error.diagnostics
            sys.stdout.write(render(unread, shape, lambda _: None, command="diff", place=place))
        raise typer.Exit(2) from None
    found = compare(old, new)
    if against is not None:
        found = (*found, *_named(root, old, new, config))
    if evidence is not None:
        found = tuple(_with_evidence(found, evidence))
    for exception in unknown(exceptions):
        _refuse(f"[tool.jararaca.diff] except: `{exception}` is not the code of a change.")
    for exception in unused(exceptions, found):
        note = f"note: the exception `{exception}` matches nothing. Delete it."
        print(printable_lines(note), file=sys.stderr)
    if shape == "json":
        sys.stdout.write(as_json(found, exceptions))
    elif shape != "text":
        sys.stdout.write(report(found, exceptions, shape, _place_of(root, against)))
    else:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        sys.stdout.write(text(found, exceptions, colour))
    if any(change.breaks and not is_excepted(change, exceptions) for change in found):
        raise typer.Exit(1)


def _with_evidence(found: Sequence[Change], path: Path) -> list[Change]:
    """The changes, each with what was observed of it."""
    from jararaca_compiler.observing.evidence import EvidenceError, read_evidence, with_evidence

    try:
        return with_evidence(found, read_evidence(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        _refuse(f"--evidence {path}: it cannot be read ({error})")
    except EvidenceError as error:
        _refuse(f"--evidence {path}: {error}")


def _place_of(root: Path, revision: str | None) -> Place:
    """A path as a pull request has it: in the repository, and without the revision's name."""
    from jararaca_compiler.project.repository import repository_place

    place = repository_place(root)
    return lambda path: place(path.removeprefix(f"{revision}:"))


def _without_packages(paths: Sequence[Path]) -> list[Path]:
    """What git has. An installed package is as it is now, whatever the revision."""
    from jararaca_compiler.pipeline.packages import is_package

    left_out = [str(path) for path in paths if is_package(str(path))]
    kept = [path for path in paths if str(path) not in left_out]
    if not kept:
        _refuse(
            f"{', '.join(left_out)}: git has no earlier documents of an installed package. "
            "Compare two of its versions with `jararaca diff OLD NEW`."
        )
    for each in left_out:
        print(
            f"note: {each} is left out: git has no earlier documents of an installed package. "
            f"Compare with a copy of them: `jararaca diff COPY {each}`.",
            file=sys.stderr,
        )
    return kept


def _version(paths: Sequence[Path], root: Path, config: Config) -> ContractVersion:
    """The contract as it is: of documents, and of applications that have none."""
    from jararaca_compiler.compat.versions import read_version
    from jararaca_compiler.importing.sources import in_files
    from jararaca_compiler.pipeline.packages import copy_packages

    copy_packages(root, config)
    files = in_files(root, [str(path) for path in paths])
    return read_version([Path(file) for file in files], root, config)


def _version_at(
    revision: str, paths: Sequence[Path], root: Path, config: Config
) -> ContractVersion:
    """The same as it was; code is only looked at where a path names an application."""
    from jararaca_compiler.compat.versions import configured, read_version_at
    from jararaca_compiler.importing.sources import in_files_of, is_application

    named = [str(path) for path in paths] or configured(config)
    coded = any(is_application(root, path) for path in named)
    return read_version_at(revision, paths, root, config, in_files_of if coded else None)


def _named(root: Path, old: ContractVersion, new: ContractVersion, config: Config) -> list[Change]:
    """Which services the change breaks and mends, those of the neighbours among them."""
    from jararaca_compiler.linking.change.between_versions import named_breaks
    from jararaca_compiler.project.config import ConfigError, read_table

    try:
        found, left_out = named_breaks(root, config, read_table(root), old, new)
    except ConfigError as error:
        _refuse(str(error))
    for each in left_out:
        print(f"note: {printable_lines(each.diagnostic('warning').message)}", file=sys.stderr)
    return found


def _settings(paths: Sequence[Path] | None) -> tuple[Path, Config, list[str]]:
    """Where to work, the project's settings, and the changes that its team has agreed to."""
    from jararaca_compiler.project.config import (
        ConfigError,
        read_config,
        read_table,
        working_folder,
    )

    try:
        root = working_folder(paths)
        return root, read_config(root), _exceptions(read_table(root))
    except ConfigError as error:
        _refuse(str(error))


def _exceptions(settings: Mapping[str, Any]) -> list[str]:
    section = settings.get("diff", {})
    found = section.get("except", []) if isinstance(section, dict) else section
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        _refuse(
            'pyproject.toml: [tool.jararaca.diff] except must be a list, such as ["field-removed"].'
        )
    return found


def _refuse(text: str) -> NoReturn:
    print(f"error: {printable_lines(text)}", file=sys.stderr)
    raise typer.Exit(2)
