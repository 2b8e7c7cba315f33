"""The command line of `jararaca deploy`."""

from __future__ import annotations

from typing import Annotated

import typer

from jararaca_compiler.commands.console.groups import group_of
from jararaca_compiler.commands.console.options import CheckOption, leave

_EPILOG = """\b
Examples:
  jararaca deploy export shop.app:app
  jararaca deploy export --check          exit with 1 if a file is stale
"""


def deploy_group() -> typer.Typer:
    """The commands below `jararaca deploy`."""
    group = group_of("Write what an operator applies: image, manifests, alerts.")
    group.command(epilog=_EPILOG)(export)
    return group


def export(
    app: Annotated[
        str | None,
        typer.Argument(
            metavar="APP",
            envvar="APP_PATH",
            help="A Microservice (package.module:app) or a routes module. Default: "
            "[tool.jararaca] app.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="The folder. Default: [tool.jararaca.deploy] output, or deploy."
        ),
    ] = None,
    check: CheckOption = False,
) -> None:
    """Write image, manifests, units, permissions, dashboard and alerts.

    Queues, limits and thresholds come from the application; what only an operator knows comes from
    [tool.jararaca.deploy]. A file that you wrote or edited is not overwritten.

    Exit status: 0 for success; 1 if a file is stale (with --check); 2 for invalid input.
    """
    from jararaca_compiler.commands.deploying.export import deploy_export
    from jararaca_compiler.project.config import working_folder

    leave(lambda: deploy_export(working_folder(), app, output, check=check))
