"""The arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated, Any

import typer

DEFAULT_BROKER_URL = "amqp://guest:guest@localhost:5672/"

APP_HELP = "A Microservice (package.module:app) or a routes module. Default: [tool.jararaca] app."

AppArgument = Annotated[str | None, typer.Argument(metavar="APP", envvar="APP_PATH", help=APP_HELP)]
AppOption = Annotated[
    str | None,
    typer.Option("--app", metavar="APP", envvar="APP_PATH", show_envvar=True, help=APP_HELP),
]
BrokerUrl = Annotated[
    str,
    typer.Option(
        metavar="URL",
        envvar="BROKER_URL",
        show_envvar=True,
        help="The broker: amqp://user:password@host/vhost?exchange=name, or memory://.",
    ),
]
LogFormatOption = Annotated[
    str,
    typer.Option(
        "--log-format",
        metavar="text|json",
        envvar="LOG_FORMAT",
        show_envvar=True,
        help="Log plain lines, or one JSON object per line.",
    ),
]
ShutdownTimeout = Annotated[
    float,
    typer.Option(
        min=0,
        metavar="SECONDS",
        envvar="SHUTDOWN_TIMEOUT",
        show_envvar=True,
        help="How long running handlers may take to finish.",
    ),
]
NoDeclare = Annotated[
    bool,
    typer.Option(
        "--no-declare",
        envvar="NO_DECLARE",
        show_envvar=True,
        help="Do not declare the topology (for accounts without `configure`).",
    ),
]
QueueArgument = Annotated[
    str, typer.Argument(metavar="QUEUE", help="The handler's queue, as shown by `jararaca routes`.")
]
Limit = Annotated[int | None, typer.Option(min=1, metavar="N", help="At most this many.")]
ManagementUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="MANAGEMENT_URL",
        show_envvar=True,
        help="RabbitMQ's management API. Default: the broker's host, port 15672.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def id_option() -> Any:
    """`--id`, which may be given more than once."""
    return typer.Option(
        "--id", metavar="ID", help="Only the message with this id. Can be repeated."
    )


def backend_option(what: str) -> Any:
    """`--backend-url`, with what the backend is for in this command."""
    return typer.Option(metavar="URL", envvar="BACKEND_URL", show_envvar=True, help=what)


def names(text: str | None) -> tuple[str, ...]:
    """The names in `a,b`; none in an empty text."""
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())
