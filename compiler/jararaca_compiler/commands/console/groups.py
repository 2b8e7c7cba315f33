"""Groups of commands: `jararaca contracts publish` is one of such a group."""

from __future__ import annotations

import typer


def group_of(help: str) -> typer.Typer:
    """A group to add commands to; it stays one where it has a single command."""
    group = typer.Typer(
        help=help,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    group.callback()(lambda: None)
    return group
