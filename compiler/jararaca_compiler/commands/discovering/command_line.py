"""`jararaca discover` as it is typed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from jararaca_compiler.commands.console.options import leave
from jararaca_compiler.project.config import ConfigError

DISCOVER = """\b
Examples:
  jararaca discover amqp://guest:guest@localhost/   listen for a minute
  jararaca discover amqp://host/shop --for 1h --exchange orders
  jararaca discover amqp://host/ --trace            hear the firehose
  jararaca discover amqp://host/ --definitions broker.json
"""
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration(text: str) -> float:
    """`90`, `60s`, `10m`, `1.5h` in seconds. Raises ConfigError."""
    told = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text.strip())
    if told is None or float(told[1]) <= 0:
        raise ConfigError(f"--for {text}: write a time such as 60s, 10m or 1h")
    return float(told[1]) * _UNITS[told[2]]


def share(text: str) -> float:
    """`1%`, `0.01` as a share of one. Raises ConfigError."""
    told = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", text.strip())
    found = 0.0 if told is None else float(told[1]) / (100 if told[2] else 1)
    if not 0 < found <= 1:
        raise ConfigError(f"--sample {text}: write a share such as 5% or 0.05")
    return found


def discover(
    broker_url: Annotated[
        str,
        typer.Argument(
            metavar="BROKER_URL",
            envvar="BROKER_URL",
            help="The broker: amqp://user:password@host/vhost.",
        ),
    ],
    management: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="MANAGEMENT_URL",
            show_envvar=True,
            help="RabbitMQ's management API. Default: the broker's host, port 15672.",
        ),
    ] = None,
    definitions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Read exchanges and bindings from `rabbitmqctl export_definitions FILE` instead.",
        ),
    ] = None,
    seconds: Annotated[
        str, typer.Option("--for", metavar="TIME", help="How long to listen: 60s, 10m, 1h.")
    ] = "60s",
    exchange: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this exchange. Can be repeated."),
    ] = None,
    sample: Annotated[
        str,
        typer.Option(
            metavar="SHARE",
            help="Listen for a share of the time, in slices of 0.2 s: 5% or 0.05.",
        ),
    ] = "100%",
    routed_only: Annotated[
        bool,
        typer.Option(
            "--routed-only",
            help="Bind only as others have bound, so that a mandatory message that nobody takes "
            "is returned to its publisher as ever.",
        ),
    ] = False,
    trace: Annotated[
        bool,
        typer.Option("--trace", help="Listen to the firehose, which has the default exchange too."),
    ] = False,
    output: Annotated[
        str, typer.Option(metavar="DIR", help="The folder for the documents.")
    ] = "schemas",
    examples: Annotated[
        bool,
        typer.Option(
            "--examples", help="Add an example of each message, made of its schema: no real value."
        ),
    ] = False,
) -> None:
    """Write documents of what a running broker carries.

    Listens through queues of its own, which drop their oldest message rather than hold anybody
    back, and never consumes from another queue. Nothing that was heard is kept but shapes, counts,
    and short words where there are few. Ctrl-C ends it early, and what was heard is written.

    Run it again: what is new is merged into the documents, and what you have edited stays.

    Exit status: 0 if documents were written; 1 if nothing was heard; 2 if it could not be done.
    """
    from jararaca_compiler.commands.discovering.run import Request, run_discover

    leave(
        lambda: run_discover(
            Path.cwd(),
            Request(
                broker_url,
                management,
                definitions,
                duration(seconds),
                tuple(exchange or ()),
                share(sample),
                routed_only,
                trace,
                output.rstrip("/") or ".",
                examples,
            ),
        )
    )
