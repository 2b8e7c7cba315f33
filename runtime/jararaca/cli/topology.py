"""`jararaca topology`: what the documents ask of a broker."""

from __future__ import annotations

from typing import Annotated

import typer

from jararaca.cli.console import say
from jararaca.cli.help import LOOK, examples, sub_application
from jararaca.cli.options import AppArgument

EXPORT_EPILOG = examples(
    "jararaca topology export shop.app:app > topology.json",
    "rabbitmqctl import_definitions topology.json",
)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = sub_application("Exchanges, queues and bindings of the documents.")
    group.command(epilog=EXPORT_EPILOG)(export)
    app.add_typer(group, name="topology", rich_help_panel=LOOK)


def export(
    app: AppArgument = None,
    exchange: Annotated[
        str | None, typer.Option(metavar="NAME", help="The name of the services' own exchange.")
    ] = None,
    vhost: Annotated[str, typer.Option(metavar="NAME", help="The virtual host.")] = "/",
) -> None:
    """Print definitions for `rabbitmqctl import_definitions`: exchanges, queues, bindings."""
    import json

    from jararaca.definitions import definitions
    from jararaca.loading import load_application

    topologies = [service.topology for service in load_application(app).services]
    if exchange:
        topologies = [each.with_shared_exchange(exchange) for each in topologies]
    say(json.dumps(definitions(topologies, vhost), indent=2))
