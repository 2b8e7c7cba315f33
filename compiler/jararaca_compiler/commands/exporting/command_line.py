"""The command line of `jararaca export`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from jararaca_compiler.commands.console.groups import group_of
from jararaca_compiler.commands.console.options import CheckOption, SourceOption, leave

_EPILOG = """\b
Examples:
  jararaca export types                   all messages, as pydantic models
  jararaca export types --as msgspec shop OrderPlaced
  jararaca export types --check           exit with 1 if the types are stale
"""
_CATALOGUE = """\b
Examples:
  jararaca export eventcatalog                     into eventcatalog/
  jararaca export eventcatalog --output catalog    into your catalogue
  jararaca export eventcatalog --check             exit with 1 if it is stale
"""


class Types(StrEnum):
    """What exported types are."""

    pydantic = "pydantic"
    dataclass = "dataclass"
    typed_dict = "typed-dict"
    msgspec = "msgspec"


def export_group() -> typer.Typer:
    """The commands below `jararaca export`."""
    group = group_of("Write the contract for programs that do not use Jararaca.")
    group.command(epilog=_EPILOG)(types)
    group.command(epilog=_CATALOGUE)(eventcatalog)
    return group


def types(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SERVICE|MESSAGE",
            help="Services or messages. Default: everything.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        Types | None,
        typer.Option(
            "--as",
            metavar="pydantic|dataclass|typed-dict|msgspec",
            help="The kind of types. Default: [tool.jararaca.export] as, or pydantic.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="The package's folder. Default: exported."),
    ] = None,
    source: SourceOption = None,
    check: CheckOption = False,
) -> None:
    """Write the messages as plain types, without Jararaca.

    datamodel-code-generator makes them from the published document. Its own options can be set
    in [tool.jararaca.export].

    Exit status: 0 for success; 1 if the types are stale (with --check); 2 for an invalid document
    or option.
    """
    from jararaca_compiler.commands.exporting.types import export_types
    from jararaca_compiler.importing.sources import documented
    from jararaca_compiler.project.config import read_config, working_folder

    def run() -> int:
        root = working_folder(source)
        config = documented(root, read_config(root).override(sources=tuple(source or ())))
        chosen = None if kind is None else kind.value
        return export_types(root, config, names or (), kind=chosen, output=output, check=check)

    leave(run)


def eventcatalog(
    output: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="The catalogue's folder. Default: [tool.jararaca.eventcatalog] output, or "
            "eventcatalog.",
        ),
    ] = None,
    source: SourceOption = None,
    check: CheckOption = False,
) -> None:
    """Write the services and messages as pages of EventCatalog.

    Domains, channels, owners and neighbours are among them. A file that you wrote or edited is not
    overwritten. Where a version has changed, the pages of the earlier one are kept.

    Exit status: 0 for success; 1 if a file is stale (with --check); 2 for an invalid document or
    option.
    """
    from jararaca_compiler.commands.exporting.eventcatalog import export_eventcatalog
    from jararaca_compiler.importing.sources import documented
    from jararaca_compiler.project.config import read_config, working_folder

    def run() -> int:
        root = working_folder(source)
        config = documented(root, read_config(root).override(sources=tuple(source or ())))
        return export_eventcatalog(root, config, output=output, check=check)

    leave(run)
