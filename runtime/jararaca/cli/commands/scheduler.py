"""`jararaca scheduler`: publishes scheduled tasks and runs scheduled methods until stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from jararaca.cli.help import RUN, examples
from jararaca.cli.options import (
    DEFAULT_BROKER_URL,
    AppArgument,
    BrokerUrl,
    LogFormatOption,
    NoDeclare,
    ShutdownTimeout,
    backend_option,
)
from jararaca.errors import ConfigurationError

EPILOG = examples(
    "jararaca scheduler shop.app:app --backend-url redis://localhost:6379/0",
    "jararaca scheduler shop.app:app --list --json",
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=RUN, epilog=EPILOG)(scheduler)


def scheduler(
    app: AppArgument = None,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
    backend_url: Annotated[
        str | None,
        backend_option(
            "What several schedulers share: redis://host:6379/0. Without it, run only one."
        ),
    ] = None,
    shutdown_timeout: ShutdownTimeout = 30.0,
    no_declare: NoDeclare = False,
    log_format: LogFormatOption = "text",
    list_: Annotated[
        bool, typer.Option("--list", help="Print the schedules and their next runs, and exit.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --list: print JSON.")] = False,
) -> None:
    """Publish scheduled tasks and run scheduled methods.

    Each occurrence runs once, however many schedulers there are. On SIGTERM or Ctrl-C, current
    runs finish first. A second signal, or the shutdown timeout, cancels them.

    Exit status: 0 after a clean stop; 1 if a run was cancelled or the broker could not be
    reached.
    """
    from jararaca.cli.processes.scheduler import ScheduleSettings, run, show
    from jararaca.observability.logs import log_format_of

    if as_json and not list_:
        raise ConfigurationError("--json requires --list")
    if list_:
        show(app, as_json)
        return
    settings = ScheduleSettings(
        app,
        broker_url,
        backend_url,
        shutdown_timeout,
        declare=not no_declare,
        log_format=log_format_of(log_format),
    )
    raise typer.Exit(run(settings))
