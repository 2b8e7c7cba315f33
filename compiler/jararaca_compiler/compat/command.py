"""`jararaca diff`: reads both contracts, prints their differences, and says by its exit status
whether one of them breaks anybody."""

from __future__ import annotations

import os
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

FORMATS = ("text", "json", "github")


def diff(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="OLD NEW; with --against, what to compare (default: the sources)."),
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="A git revision to compare with, like main.")
    ] = None,
    format: Annotated[str, typer.Option(help="text, json or github.")] = "text",
) -> None:
    """Tell whom a change of the contract breaks.

    Producers, consumers, stored messages, or generated code.

    Exit status: 0 when nothing breaks, 1 when something does, 2 for bad input.
    """
    from jararaca_compiler.compat import render
    from jararaca_compiler.compat.comparing import changes
    from jararaca_compiler.compat.excepted import unknown, unused

    if format not in FORMATS:
        _refuse(f"--format {format}: write one of {', '.join(FORMATS)}.")
    settings = _settings(Path("pyproject.toml"))
    exceptions = _exceptions(settings)
    if against is None:
        if paths is None or len(paths) != 2:
            _refuse("two paths are compared: `jararaca diff OLD NEW`, or `--against REVISION`.")
        old = _side([paths[0]], Path.cwd(), settings)
        new = _side([paths[1]], Path.cwd(), settings)
    else:
        named = paths or [Path(source) for source in settings.get("sources", ())]
        if not named:
            _refuse("what is to be compared? Write a path, or `sources` in [tool.jararaca].")
        new = _side(named, Path.cwd(), settings)
        old = _old_side(against, named, settings)
    found = changes(old, new)
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


def _old_side(revision: str, paths: Sequence[Path], settings: dict[str, Any]) -> Any:
    from jararaca_compiler.compat.messages import Side
    from jararaca_compiler.compat.revision import RevisionError, extract

    with tempfile.TemporaryDirectory(prefix="jararaca-diff-") as name:
        folder = Path(name).resolve()
        try:
            extract(revision, Path.cwd(), folder)
            relative = [Path.cwd().joinpath(path).relative_to(Path.cwd()) for path in paths]
        except RevisionError as error:
            _refuse(str(error))
        except ValueError:
            _refuse("with --against, paths are below the current folder.")
        there = [path for path in relative if (folder / path).exists()]
        side = _side(there, folder, settings)
        for service in side.services:
            for message in service.messages:
                _read_all(side, message)
        return Side(side.services, side.lookup, side.locate, revision)


def _read_all(side: Any, message: Any) -> None:
    """Follow every reference while the files are there; they are remembered."""
    waiting = [message.payload.schema, message.headers.schema if message.headers else True]
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


def _side(paths: Sequence[Path], root: Path, settings: dict[str, Any]) -> Any:
    from jararaca_compiler.compat.messages import Side
    from jararaca_compiler.load import load
    from jararaca_compiler.lower import Options, lower
    from jararaca_compiler.resolve import Resolver
    from jararaca_compiler.source import Span

    documents, unread = load(paths, root)
    resolver = Resolver(documents)
    names = {key: settings[key] for key in ("exchange", "perspective") if key in settings}
    services, found = lower(documents, Options(**names), resolver)
    errors = [d for d in dict.fromkeys([*unread, *found]) if d.severity == "error"]
    for error in errors:
        place = f"{error.span.path}:{error.span.line}:{error.span.column}"
        help = f"\n  {error.help}" if error.help else ""
        print(f"{place}: error: {error.message} [{error.code}]{help}", file=sys.stderr)
    if errors:
        raise typer.Exit(2)

    def locate(path: str, pointer: str) -> Span:
        document = documents.get(path)
        return Span(path) if document is None else document.span(pointer, key=True)

    return Side(services, resolver.lookup, locate)


def _settings(file: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        _refuse(f"{file}: {error}")
    settings = found.get("tool", {}).get("jararaca", {})
    return settings if isinstance(settings, dict) else {}


def _exceptions(settings: dict[str, Any]) -> list[str]:
    section = settings.get("diff", {})
    found = section.get("except", []) if isinstance(section, dict) else section
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        _refuse('pyproject.toml: [tool.jararaca.diff] except is a list, like ["field-removed"].')
    return found


def _refuse(text: str) -> NoReturn:
    print(f"error: {text}", file=sys.stderr)
    raise typer.Exit(2)
