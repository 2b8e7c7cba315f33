"""`jararaca doctor`: whether this machine, this project and this broker are fit, in one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jararaca.cli.console import paint, say, say_json, table
from jararaca.cli.help import LOOK, examples
from jararaca.cli.options import DEFAULT_BROKER_URL, AppArgument, BrokerUrl, Json, backend_option

if TYPE_CHECKING:
    from jararaca.operations.doctor import Finding

EPILOG = examples(
    "jararaca doctor",
    "jararaca doctor shop.app:app --broker-url amqp://me@broker/",
    "jararaca doctor --json",
)
SIGNS = {"good": "✓", "warn": "!", "bad": "✗"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=LOOK, epilog=EPILOG)(doctor)


def doctor(
    app: AppArgument = None,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
    backend_url: Annotated[
        str | None,
        backend_option("The Redis to check: redis://host:6379/0."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check this machine, the project and the broker.

    Checks Python, extras, the application, generated code, the database, the outbox, the broker,
    permissions, the topology and dead letters. Changes nothing. The last line is what to do next.

    Exit status: 0 if there are no problems, or only warnings; 1 otherwise.
    """
    import asyncio

    from jararaca.operations.doctor import checkup

    findings = asyncio.run(checkup(app, broker_url, backend_url))
    if as_json:
        say_json([finding.record() for finding in findings])
    else:
        say(_report(findings))
        say(f"\n{next_step(findings)}")
    raise typer.Exit(int(any(finding.state == "bad" for finding in findings)))


def next_step(findings: list[Finding]) -> str:
    """The one thing to do first: what is bad before what is doubtful, in the order of the list."""
    for state in ("bad", "warn"):
        for finding in findings:
            if finding.state == state:
                said = " ".join((finding.remedy or finding.found).split())
                return f"next: {finding.what}: {said}"
    return "next: nothing, all is well"


def _report(findings: list[Finding]) -> str:
    rows = []
    for finding in findings:
        found = " ".join(finding.found.split())
        rows.append([paint(SIGNS[finding.state], finding.state), finding.what, found])
        if finding.remedy:
            rows.append(["", "", paint(f"→ {' '.join(finding.remedy.split())}", "dim")])
    return table(rows)
