"""The command line of `jararaca contracts` and `jararaca can-deploy`."""

from __future__ import annotations

from typing import Annotated

import typer

from jararaca_compiler.commands.console.groups import group_of
from jararaca_compiler.commands.console.options import Format, FormatOption, leave

_PUBLISH = """\b
Examples:
  jararaca contracts publish                        all services
  jararaca contracts publish --environment staging  and they run there now
  jararaca contracts publish orders@1.4.0 --environment staging
                                                    back to a version
"""
_REMOVE = """\b
Examples:
  jararaca contracts remove orders --environment staging  it is gone
"""
_LIST = """\b
Examples:
  jararaca contracts list                          the configured registry
  jararaca contracts list --registry ../contracts  a folder
"""
CAN_DEPLOY = """\b
Examples:
  jararaca can-deploy orders --to production        as it is in the sources
  jararaca can-deploy orders@1.5.0 --to production  a published version
"""
_WHERE = "FOLDER|git+URL#BRANCH|s3://BUCKET/PATH"


Registry = Annotated[
    str | None,
    typer.Option(
        "--registry",
        metavar=_WHERE,
        help="Where contracts are published. Default: [tool.jararaca] registry.",
    ),
]


def contracts_group() -> typer.Typer:
    """The commands below `jararaca contracts`."""
    group = group_of("Publish contracts, and which version runs where.")
    group.command("publish", epilog=_PUBLISH)(publish)
    group.command("remove", epilog=_REMOVE)(remove)
    group.command("list", epilog=_LIST)(list_published)
    return group


def publish(
    services: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SERVICE[@VERSION]",
            help="Services of the sources, or published versions. Default: all of the sources.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar=_WHERE, help="Where to publish. Default: [tool.jararaca] registry."
        ),
    ] = None,
    environment: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Say also that these versions run there now."),
    ] = None,
) -> None:
    """Publish the contract of each service's version.

    A published version never changes. Several jobs may publish at once.
    """
    from jararaca_compiler.commands.registry import contracts
    from jararaca_compiler.project.config import read_config, working_folder

    def run() -> int:
        root = working_folder()
        chosen = tuple(services or ())
        return contracts.publish(root, read_config(root), chosen, to, environment)

    leave(run)


def remove(
    services: Annotated[list[str], typer.Argument(metavar="SERVICE", help="Such as orders.")],
    environment: Annotated[str, typer.Option(metavar="NAME", help="Where they ran.")],
    registry: Registry = None,
) -> None:
    """Say that services do not run in an environment any more.

    Their published versions stay. Exit status: 1 for a service that was not there.
    """
    from jararaca_compiler.commands.registry import contracts
    from jararaca_compiler.project.config import working_folder

    leave(lambda: contracts.remove(working_folder(), services, registry, environment))


def list_published(registry: Registry = None) -> None:
    """List which version runs where, since when, and by whom."""
    from jararaca_compiler.commands.registry import contracts
    from jararaca_compiler.project.config import working_folder

    leave(lambda: contracts.list_published(working_folder(), registry))


def can_deploy(
    service: Annotated[
        str,
        typer.Argument(
            metavar="SERVICE[@VERSION]",
            help="A published version. Without one, the service as it is in the sources.",
        ),
    ],
    to: Annotated[str, typer.Option("--to", metavar="ENVIRONMENT", help="Such as production.")],
    registry: Registry = None,
    format: FormatOption = Format.text,
) -> None:
    """Say whether a version fits what runs in an environment.

    It is linked with the published contracts that are there, in both directions.

    Exit status: 0 for yes; 1 for no; 2 for a registry or document that cannot be read.
    """
    from jararaca_compiler.commands.registry import can_deploy as command
    from jararaca_compiler.project.config import read_config, working_folder

    def run() -> int:
        root = working_folder()
        return command.can_deploy(root, read_config(root), service, to, registry, format.value)

    leave(run)
