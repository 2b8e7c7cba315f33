"""Diagnostics that were asked for, as those of `lint` and `link` are: they go to stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from jararaca_compiler.commands.console.terminal import coloured
from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.diagnostics.report import Format, Text, render
from jararaca_compiler.project.repository import repository_place


def print_findings(
    found: Iterable[Diagnostic], format: Format, text: Text, command: str, root: Path
) -> None:
    """Print what `command` has found in the files that `text` gives by their paths."""
    printed = render(
        tuple(found),
        format,
        text,
        colour=coloured(sys.stdout),
        command=command,
        place=repository_place(root),
    )
    if printed:
        print(printed, end="\n" if format == "text" else "", flush=True)
