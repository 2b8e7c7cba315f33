"""`jararaca scheduler`: publishes scheduled tasks and runs scheduled methods until told to stop."""

from __future__ import annotations

from typing import Annotated

import typer

from jararaca.cli.help import RUN, examples
from jararaca.cli.options import (
    DEFAULT_BROKER_URL,
    AppArgument,
    BrokerUrl,
    Json,
    LogFormatOption,
    NoDeclare,
    ShutdownTimeout,
)

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
        typer.Option(
            metavar="URL",
            envvar="BACKEND_URL",
            show_envvar=True,
            help="redis://host:6379/0, where several schedulers agree; else run one.",
        ),
    ] = None,
    shutdown_timeout: ShutdownTimeout = 30.0,
    no_declare: NoDeclare = False,
    log_format: LogFormatOption = "text",
    list_: Annotated[
        bool, typer.Option("--list", help="Print what is scheduled and when it is next, and end.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Publish scheduled tasks and run scheduled methods.

    Each run happens once, however many schedulers there are. At SIGTERM or Ctrl-C the runs in
    flight finish first; a second signal, or the timeout, ends them. Exit status 0 after a clean
    stop, 1 when a run was cut off or the broker could not be reached. `--json` goes with `--list`.
    """
    from jararaca.cli.processes.scheduler import ScheduleSettings, run, show
    from jararaca.errors import ConfigurationError
    from jararaca.observability.logs import log_format_of

    if as_json and not list_:
        raise ConfigurationError("--json goes with --list")
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
