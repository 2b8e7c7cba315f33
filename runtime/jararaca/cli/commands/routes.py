"""`jararaca routes`: the compiled table, as a person or a script reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from jararaca.cli.console import paint, say, say_json, table
from jararaca.cli.help import LOOK, examples
from jararaca.cli.options import AppArgument, Json

if TYPE_CHECKING:
    from jararaca.handlers.handler_spec import HandlerSpec
    from jararaca.routing.table import Route

EPILOG = examples("jararaca routes shop.app:app", "jararaca routes generated.shop.routes --json")
HEADINGS = ("topic", "message", "kind", "queue", "handler", "policy")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=LOOK, epilog=EPILOG)(routes)


def routes(app: AppArgument = None, as_json: Json = False) -> None:
    """Print which handler receives which message, and its options."""

    from jararaca.application.loading import load_application
    from jararaca.handlers.decorators import spec_of

    rows = [(route, spec_of(route.handler)) for route in load_application(app).routes]
    if as_json:
        say_json([_record(route, spec) for route, spec in rows])
    else:
        say(table([_cells(route, spec) for route, spec in rows], HEADINGS))


def _cells(route: Route, spec: HandlerSpec) -> list[str]:
    return [
        route.message.MESSAGE_TOPIC,
        route.message.MESSAGE_NAME,
        route.message.MESSAGE_TYPE,
        route.queue,
        spec.name,
        paint("stub: not consumed", "warn") if spec.stub else _policy(spec),
    ]


def _policy(spec: HandlerSpec) -> str:
    """The settings that matter to an operator, in words."""
    parts = [_retries(spec.retry.max_retries)]
    if spec.timeout:
        parts.insert(0, f"{spec.timeout:g} s")
    if spec.idempotent:
        parts.append("idempotent")
    if spec.batch is not None:
        parts.append(f"batches of {spec.batch}")
    if spec.group:
        parts.append(f"group {spec.group}")
    return ", ".join(parts)


def _retries(number: int) -> str:
    return "1 retry" if number == 1 else f"{number} retries"


def _record(route: Route, spec: HandlerSpec) -> dict[str, Any]:
    return {
        "operation": route.operation,
        "topic": route.message.MESSAGE_TOPIC,
        "binding_keys": list(route.binding_keys),
        "message": route.message.MESSAGE_NAME,
        "kind": route.message.MESSAGE_TYPE,
        "queue": route.queue,
        "handler": f"{route.controller.__qualname__}.{spec.name}",
        "group": spec.group,
        "stub": spec.stub,
        "timeout_seconds": spec.timeout,
        "max_retries": spec.retry.max_retries,
        "idempotent": spec.idempotent,
        "batch": spec.batch,
    }
