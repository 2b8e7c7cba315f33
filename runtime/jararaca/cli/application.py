"""The commands put together: the runtime's own, and those that other packages bring."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer
from jararaca_shared.distribution import VERSION

from jararaca.cli.console import say
from jararaca.cli.help import CONTRACT, HelpGroup, block, examples

ENTRY_POINTS = "jararaca.commands"
OWN = (
    "worker",
    "scheduler",
    "dev",
    "publish",
    "routes",
    "topology",
    "dead-letters",
    "replay",
    "outbox",
    "top",
    "doctor",
    "testing",
)
"""The runtime's commands; each is the module of its name in `cli/commands/`."""

COMPILER_COMMANDS = {
    "init": "Create a project that is ready to run.",
    "codegen": "Compile documents into messages, routes, stubs and topology.",
    "diff": "Show what a change to the contract breaks.",
    "lint": "Check the style of contracts that compile.",
    "import": "Write a document from existing code.",
    "docs": "Build or serve the documentation site.",
}
"""What stands in for the compiler where it is not installed."""
EXAMPLES = examples(
    "jararaca codegen                     compile the configured documents",
    "jararaca worker shop.app:app         consume from RabbitMQ",
    "jararaca publish order.placed --example",
)
EXIT_STATUS = block(
    "Exit status:",
    "0    success",
    "1    failure: no broker, stale generated code, a breaking change",
    "2    invalid input: an option, a document, a message, an application",
    "130  interrupted with Ctrl-C",
)
ANY_ARGUMENTS = {"allow_extra_args": True, "ignore_unknown_options": True}


def application(asked: str | None = None) -> typer.Typer:
    """The `jararaca` command with all of its commands, or with the one that is asked for.

    A worker's start would else pay for the options of thirty commands, and for finding packages
    that bring further ones.
    """
    app = typer.Typer(
        name="jararaca",
        cls=HelpGroup,
        help="Contract-first messaging for Python on RabbitMQ.",
        epilog=f"{EXAMPLES}\n\n{EXIT_STATUS}",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_main)
    for name in (asked,) if asked in OWN else OWN:
        import_module(f"jararaca.cli.commands.{name.replace('-', '_')}").register(app)
    if asked not in OWN:
        _add_plugins(app)
    return app


def _main(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=lambda asked: _version(asked),
            help="Print the version.",
        ),
    ] = False,
) -> None:
    pass


def _version(asked: bool) -> None:
    if asked:
        say(f"jararaca {VERSION}")
        raise typer.Exit


def _add_plugins(app: typer.Typer) -> None:
    from importlib.metadata import entry_points

    for entry in entry_points(group=ENTRY_POINTS):
        try:
            entry.load()(app)
        except ModuleNotFoundError as error:
            if entry.name != "compiler":
                raise
            _stand_in(app, error.name or "")


def _stand_in(app: typer.Typer, missing: str) -> None:
    """Commands of the compiler that say how to install it."""
    for name, help_ in COMPILER_COMMANDS.items():

        def command() -> None:
            raise ModuleNotFoundError(name=missing)

        app.command(name, help=help_, rich_help_panel=CONTRACT, context_settings=ANY_ARGUMENTS)(
            command
        )
