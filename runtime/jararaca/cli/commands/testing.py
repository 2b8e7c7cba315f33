"""`jararaca testing`: a recorded day, handled again by the application in memory."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jararaca.cli.console import count, progress, say, table
from jararaca.cli.event_range import Since, Until, Where, pairs, times
from jararaca.cli.help import LOOK, examples, sub_application
from jararaca.cli.on_broker import on_broker
from jararaca.cli.options import DEFAULT_BROKER_URL, AppOption, BrokerUrl
from jararaca.errors import ConfigurationError
from jararaca.printable import printable

if TYPE_CHECKING:
    from jararaca.handlers.outcome import Handled
    from jararaca.testing.recorded import RecordedCase

REPLAY = examples(
    "jararaca testing replay day.jsonl",
    "jararaca testing replay day.jsonl ShopHandlers.place_order",
)
RECORD = examples(
    "jararaca testing record order_placed --since 2026-11-01 -o orders.jsonl",
    "jararaca testing record bill_order --where customer.country=PT -o pt.jsonl",
)
HEADINGS = ("handler", "messages", "handled", "dead-lettered", "other")
MOST_REASONS = 10
PATIENCE = 300.0
"""Seconds that a handler may take with one message."""


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = sub_application("Try the application with recorded messages.")
    group.callback()(lambda: None)
    group.command(epilog=REPLAY)(replay)
    group.command(epilog=RECORD)(record)
    app.add_typer(group, name="testing", rich_help_panel=LOOK)


def replay(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `record`, or `jararaca observe`, wrote.")
    ],
    handler: Annotated[
        str | None,
        typer.Argument(metavar="HANDLER", help="Only this one: its name, or Controller.name."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="At most this many a handler.")
    ] = None,
    app: AppOption = None,
) -> None:
    """Have the handlers take a recording's messages, in memory.

    Each handler gets its messages one by one, with its retries, and no broker is asked. The
    application's own integrations are used as they are: point DATABASE_URL and its like at what is
    for tests.

    Exit status: 0 if every message was handled; 1 if one was not; 2 for invalid input.
    """
    import asyncio

    from jararaca.application.loading import load_application

    found = asyncio.run(_replayed(load_application(app), file, handler, limit))
    say(table(_rows(found), HEADINGS))
    reasons = Counter(
        f"{each.handler}: {printable(each.reason or each.outcome)}"
        for _, each in found
        if each.outcome not in ("handled", "duplicate")
    )
    for reason, number in reasons.most_common(MOST_REASONS):
        say(f"{count(number, 'message')}: {reason}")
    raise typer.Exit(1 if reasons else 0)


def record(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A handler, a message or a stream by its name.")
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The file to write; it must be new."),
    ],
    since: Since = None,
    until: Until = None,
    where: Where = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="At most this many, the oldest.")
    ] = None,
    schemas: Annotated[
        list[str] | None,
        typer.Option(
            "--schemas",
            metavar="PATH",
            help="A document or folder. Can be repeated. Default: [tool.jararaca] sources.",
            show_default=False,
        ),
    ] = None,
    app: AppOption = None,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
) -> None:
    """Take events of a stream as a fixture for tests, masked.

    They are what a handler takes of its stream, the events of one message, or all of a stream.
    Nobody notices: what is read stays there. The file is what `jararaca observe --record` writes,
    with the same masks, and is read by `jararaca testing replay` and by `recorded_cases`. What
    cannot be masked validly is left out and counted.

    Exit status: 0; 1 if there is no such stream on the broker, or the broker cannot be reached; 2
    for invalid input.
    """
    from jararaca.application.loading import load_application
    from jararaca.operations.replay.replay import Wanted
    from jararaca.operations.replay.stream_range import events_called, take

    events = events_called(load_application(app).services, name)
    wanted = Wanted(*times(since, until), pairs(where))

    async def work(transport: Any) -> None:
        with _recording(output, broker_url, tuple(schemas or ())) as file:
            await take(transport, events, wanted, limit, file.keep, progress("reading"))

    on_broker(broker_url, work)


def _recording(output: Path, broker_url: str, schemas: tuple[str, ...]) -> Any:
    """The compiler's file of masked messages. Raises ConfigurationError.

    It is imported by name: the runtime imports nothing of the compiler, and `main` says how that is
    installed.
    """
    from jararaca_shared.recording import RecordingError

    made = import_module("jararaca_compiler.commands.observing.of_stream")
    try:
        return made.recording(output, broker_url, schemas)
    except RecordingError as error:
        raise ConfigurationError(str(error)) from error


async def _replayed(
    app: Any, file: Path, handler: str | None, limit: int | None
) -> list[tuple[RecordedCase, Handled]]:
    """What became of each message. Raises ConfigurationError where nothing is to be replayed."""
    from jararaca.testing.bus import TestBus
    from jararaca.testing.recorded import handler_name, handlers_beside, recorded_cases

    cases = recorded_cases(app, file, limit)
    if handler is not None:
        names = {handler_name(each.route) for each in cases}
        cases = [c for c in cases if _is_called(handler_name(c.route), handler)]
        if not cases:
            there = ", ".join(sorted(names)) or "none"
            raise ConfigurationError(f"no message is for {handler}; there are some for: {there}")
    if not cases:
        raise ConfigurationError(f"{file}: no handler of the application takes one of its messages")
    found = []
    by_queue: dict[str, list[RecordedCase]] = {}
    for case in cases:
        by_queue.setdefault(case.route.queue, []).append(case)
    for queue, own in by_queue.items():
        # Alone: what it publishes would else be handled beside what was recorded of it.
        async with TestBus(app, handlers=handlers_beside(app, queue), patience=PATIENCE) as bus:
            for case in own:
                found.append((case, await case.run(bus)))
                bus.clear()
    return found


def _is_called(name: str, asked: str) -> bool:
    return asked in (name, name.split(".")[-1])


def _rows(found: list[tuple[RecordedCase, Handled]]) -> list[list[str]]:
    from jararaca.testing.recorded import handler_name

    counts: dict[str, Counter[str]] = {}
    for case, each in found:
        outcome = "handled" if each.outcome == "duplicate" else each.outcome
        counts.setdefault(handler_name(case.route), Counter())[outcome] += 1
    return [
        [
            name,
            str(each.total()),
            str(each["handled"]),
            str(each["dead-lettered"]),
            str(each.total() - each["handled"] - each["dead-lettered"]),
        ]
        for name, each in sorted(counts.items())
    ]
