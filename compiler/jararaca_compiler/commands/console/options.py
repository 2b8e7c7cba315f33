"""Options that several commands have, and how each command leaves."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How diagnostics are printed."""

    text = "text"
    json = "json"
    github = "github"
    sarif = "sarif"
    gitlab = "gitlab"
    junit = "junit"


FormatOption = Annotated[
    Format,
    typer.Option(
        "--format",
        metavar="text|json|github|sarif|gitlab|junit",
        help="The format of diagnostics.",
    ),
]

CheckOption = Annotated[
    bool,
    typer.Option(
        "--check", help="Write nothing. If a file is stale, print a diff and exit with 1."
    ),
]

SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="PATH",
        help="A document or folder. Default: [tool.jararaca] sources.",
        show_default=False,
    ),
]


def leave(run: Callable[[], int]) -> None:
    """Leave with the command's status."""
    from jararaca_compiler.commands.exit_status import status_of

    raise typer.Exit(status_of(run))
