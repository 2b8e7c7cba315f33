"""`jararaca diff`: reads both contracts, prints their differences, and says by its exit status
whether one of them breaks anybody."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

FORMATS = ("text", "json", "github")


def diff(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH", help="OLD NEW; with --against, what to compare (default: the sources)."
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="REVISION", help="A git revision to compare with, like main."),
    ] = None,
    format: Annotated[
        str, typer.Option(metavar="text|json|github", help="How changes are printed.")
    ] = "text",
) -> None:
    """Tell whom a change of the contract breaks.

    Producers, consumers, stored messages, or generated code.

    Exit status: 0 when nothing breaks, 1 when something does, 2 for bad input.
    """
    from jararaca_compiler.compat import render
    from jararaca_compiler.compat.compare import compare
    from jararaca_compiler.compat.exceptions import unknown, unused
    from jararaca_compiler.compat.revision import RevisionError
    from jararaca_compiler.compat.versions import UnreadableError, read_version, read_version_at

    if format not in FORMATS:
        _refuse(f"--format {format}: write one of {', '.join(FORMATS)}.")
    settings = _settings()
    exceptions = _exceptions(settings)
    if against is None:
        if paths is None or len(paths) != 2:
            _refuse("two paths are compared: `jararaca diff OLD NEW`, or `--against REVISION`.")
        sides = [partial(read_version, [path], Path.cwd(), settings) for path in paths]
    else:
        named = paths or [Path(source) for source in settings.get("sources", ())]
        if not named:
            _refuse("what is to be compared? Write a path, or `sources` in [tool.jararaca].")
        sides = [
            partial(read_version_at, against, named, Path.cwd(), settings),
            partial(read_version, named, Path.cwd(), settings),
        ]
    try:
        old, new = (read() for read in sides)
    except RevisionError as error:
        _refuse(str(error))
    except UnreadableError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    found = compare(old, new)
    for exception in unknown(exceptions):
        _refuse(f"[tool.jararaca.diff] except: no change has the code of `{exception}`.")
    for exception in unused(exceptions, found):
        print(f"note: the exception `{exception}` matches nothing: delete it.", file=sys.stderr)
    if format == "json":
        sys.stdout.write(render.as_json(found, exceptions))
    elif format == "github":
        sys.stdout.write(render.github(found, exceptions))
    else:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        sys.stdout.write(render.text(found, exceptions, colour))
    if any(change.breaks and not render.is_excepted(change, exceptions) for change in found):
        raise typer.Exit(1)


def _settings() -> Mapping[str, Any]:
    from jararaca_compiler.project.config import ConfigError, read_table

    try:
        return read_table(Path.cwd())
    except ConfigError as error:
        _refuse(str(error))


def _exceptions(settings: Mapping[str, Any]) -> list[str]:
    section = settings.get("diff", {})
    found = section.get("except", []) if isinstance(section, dict) else section
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        _refuse('pyproject.toml: [tool.jararaca.diff] except is a list, like ["field-removed"].')
    return found


def _refuse(text: str) -> NoReturn:
    print(f"error: {text}", file=sys.stderr)
    raise typer.Exit(2)
