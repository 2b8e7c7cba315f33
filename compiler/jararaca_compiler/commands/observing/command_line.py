"""The arguments and options of `jararaca observe`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jararaca_compiler.commands.console.options import leave

EXAMPLES = """\b
Examples:
  jararaca observe --for 10m              hold the sources against BROKER_URL
  jararaca observe --for 10m --report site
  jararaca observe --for 24h --sample 1% --json day.jsonl
  jararaca observe --for 5m --fail-on invalid,silence
"""


def observe(
    broker_url: Annotated[
        str,
        typer.Argument(
            metavar="BROKER_URL",
            envvar="BROKER_URL",
            help="The broker: amqp://user:password@host/vhost?exchange=name.",
        ),
    ] = "amqp://guest:guest@localhost:5672/",
    schemas: Annotated[
        list[str] | None,
        typer.Option(
            "--schemas",
            metavar="PATH",
            help="A document or folder. Can be repeated. Default: [tool.jararaca] sources.",
            show_default=False,
        ),
    ] = None,
    seconds: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="How long: 90s, 10m, 24h. Default: to Ctrl-C."),
    ] = None,
    sample: Annotated[
        str, typer.Option(metavar="SHARE", help="Listen for a share of the time: 1%, 0.05.")
    ] = "100%",
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the documentation site with a page of it all."),
    ] = None,
    json_lines: Annotated[
        str | None,
        typer.Option(
            "--json", metavar="FILE", help="JSON lines: findings, the report last. -: stdout."
        ),
    ] = None,
    metrics_port: Annotated[
        int | None,
        typer.Option(metavar="PORT", help="Serve Prometheus metrics on 127.0.0.1 or LISTEN_HOST."),
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option(metavar="KINDS", help="Which findings end with status 1; none: no finding."),
    ] = "invalid,unknown-type",
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep messages for `jararaca testing replay`, masked."),
    ] = None,
    exchange: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Listen here. Default: the contract's exchanges."),
    ] = None,
    management: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="MANAGEMENT_URL",
            help="RabbitMQ's management API. Default: the broker's host, port 15672.",
        ),
    ] = None,
    trace: Annotated[
        bool,
        typer.Option("--trace", help="Listen to the firehose (`rabbitmqctl trace_on`)."),
    ] = False,
) -> None:
    """Hold what is published against the contract.

    Listens through queues of its own, which are bounded and drop the oldest message, and never
    takes a message from anybody. Reports what is invalid, with place and reason and never a value;
    topics, types and fields that no document declares; what is deprecated and in use; and what is
    declared and never seen. Kinds for --fail-on: invalid, unknown-type, undeclared-topic,
    undeclared-field, deprecated, dead-message, dead-field, dead-value, silence.

    Exit status: 0; 1 for a finding of --fail-on; 2 if it could not listen.
    """
    from jararaca_compiler.commands.observing.run import Request, run_observe

    leave(
        lambda: run_observe(
            Request(
                broker_url,
                tuple(schemas or ()),
                seconds,
                sample,
                None if report is None else report.absolute(),
                json_lines,
                metrics_port,
                fail_on,
                None if record is None else record.absolute(),
                tuple(exchange or ()),
                management,
                trace=trace,
            )
        )
    )
