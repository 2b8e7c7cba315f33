"""`jararaca worker`: consumes until it is stopped."""

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
    names,
)

EPILOG = examples(
    "jararaca worker shop.app:app --broker-url amqp://guest:guest@localhost:5672/",
    "jararaca worker shop.app:app --handlers send_invoice --prefetch 20",
    "jararaca worker shop.app:app --reload --src-dir src",
    "jararaca worker shop.app:app --workers 4",
    "jararaca worker shop.app:app --link fail --environment production",
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=RUN, epilog=EPILOG)(worker)


def worker(
    app: AppArgument = None,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
    backend_url: Annotated[
        str | None,
        backend_option(
            "Where handled message ids are stored: redis://host:6379/0. Default: in memory."
        ),
    ] = None,
    handlers: Annotated[
        str | None,
        typer.Option(
            metavar="A,B", envvar="HANDLERS", show_envvar=True, help="Run only these handlers."
        ),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            envvar="GROUPS",
            show_envvar=True,
            help="Run only the handlers of these groups.",
        ),
    ] = None,
    prefetch: Annotated[
        int,
        typer.Option(
            min=1,
            max=65535,
            metavar="N",
            envvar="PREFETCH",
            show_envvar=True,
            help="How many unsettled messages to take from each queue.",
        ),
    ] = 200,
    shutdown_timeout: ShutdownTimeout = 30.0,
    no_declare: NoDeclare = False,
    wait_for_broker: Annotated[
        float,
        typer.Option(
            min=0,
            metavar="SECONDS",
            envvar="WAIT_FOR_BROKER",
            show_envvar=True,
            help="How long to wait at the start for a broker that does not answer yet.",
        ),
    ] = 0.0,
    transport: Annotated[
        str | None,
        typer.Option(
            metavar="fast|plain",
            envvar="TRANSPORT",
            show_envvar=True,
            help="Jararaca's own channels (fast), or aio-pika's (plain).",
        ),
    ] = None,
    log_format: LogFormatOption = "text",
    link: Annotated[
        str,
        typer.Option(
            metavar="off|warn|fail",
            envvar="LINK",
            show_envvar=True,
            help="At the start, link with what runs in --environment.",
        ),
    ] = "off",
    environment: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            envvar="LINK_ENVIRONMENT",
            show_envvar=True,
            help="The environment of the registry, for --link.",
        ),
    ] = "",
    registry: Annotated[
        str | None,
        typer.Option(
            metavar="REGISTRY",
            envvar="LINK_REGISTRY",
            show_envvar=True,
            help="The registry, for --link. Default: [tool.jararaca] registry.",
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            envvar="WORKERS",
            show_envvar=True,
            help="How many processes to run. One that dies is restarted.",
        ),
    ] = 1,
    reload: Annotated[
        bool,
        typer.Option(
            "--reload",
            envvar="RELOAD",
            show_envvar=True,
            help="Restart when a file in --src-dir changes.",
        ),
    ] = False,
    src_dir: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            envvar="SRC_DIR",
            show_envvar=True,
            help="The folder that --reload watches. Default: ./src, or the current folder.",
        ),
    ] = None,
) -> None:
    """Consume messages and run their handlers.

    On SIGTERM or Ctrl-C, running handlers finish first. A second signal, or the shutdown
    timeout, cancels them.

    Exit status: 0 after a clean stop; 1 if handlers were cancelled or the broker could not be
    reached.
    """
    from jararaca.cli.processes.settings import WorkerSettings, linking_of
    from jararaca.cli.processes.worker import run
    from jararaca.observability.logs import log_format_of
    from jararaca.transport.url import with_transport

    _warn_of_stale_code()
    settings = WorkerSettings(
        app=app,
        broker_url=with_transport(broker_url, transport),
        backend_url=backend_url,
        handlers=names(handlers),
        groups=names(groups),
        prefetch=prefetch,
        shutdown_timeout=shutdown_timeout,
        declare=not no_declare,
        wait_for_broker=wait_for_broker,
        log_format=log_format_of(log_format),
        linking=linking_of(link, environment, registry),
    )
    if reload:
        from jararaca.cli.processes.reloading import reloading

        raise typer.Exit(reloading(settings, src_dir))
    if workers > 1:
        from jararaca.cli.processes.supervisor import supervising

        raise typer.Exit(supervising(settings, workers))
    raise typer.Exit(run(settings))


def _warn_of_stale_code() -> None:
    from pathlib import Path

    from jararaca.cli.console import complain
    from jararaca.operations.stale_code import changed_documents

    changed = changed_documents(Path.cwd())
    if changed:
        have = "has" if len(changed) == 1 else "have"
        told = f"{', '.join(changed)} {have} changed since the code was generated"
        complain(f"{told}: run `jararaca codegen`", label="warning:")
