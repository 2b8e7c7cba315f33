"""`jararaca replay`: events of a stream go to one handler again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from jararaca_shared.columns import room_on

from jararaca.cli.console import complain, count, paint, progress, say, table
from jararaca.cli.event_range import Since, Until, Where, pairs, times
from jararaca.cli.help import LOOK, examples
from jararaca.cli.on_broker import on_broker
from jararaca.cli.options import DEFAULT_BROKER_URL, AppOption, BrokerUrl
from jararaca.errors import ConfigurationError
from jararaca.printable import printable

if TYPE_CHECKING:
    from jararaca.operations.replay.replay import Replayed

EPILOG = examples(
    "jararaca replay bill_order --since 2026-11-01 --dry-run",
    "jararaca replay bill_order --where customer.country=PT --rate 50",
)
LEAST, SHOWN = 20, 80
"""Columns that a body has, at least and at most."""

AROUND = 9
"""Columns around the offset and the topic; the heading of the first is as wide as a short one's."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=EPILOG, rich_help_panel=LOOK)(replay)


def replay(
    handler: Annotated[
        str, typer.Argument(metavar="HANDLER", help="Its name, or Controller.name.")
    ],
    since: Since = None,
    until: Until = None,
    where: Where = None,
    rate: Annotated[
        float | None, typer.Option(min=0.001, metavar="N", help="At most this many a second.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count, and show the first five.")
    ] = False,
    publish: Annotated[
        bool, typer.Option("--publish", help="Send what the handler publishes for them, too.")
    ] = False,
    app: AppOption = None,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
) -> None:
    """Feed events of a stream to one handler again.

    They go to the queue of the handler, where running workers handle them beside live messages,
    with retries and dead letters as ever. No other handler and no other service gets them, and
    what the handler publishes for them is dropped, unless you say --publish. Messages keep their
    ids: an idempotent handler skips what it has done. What is published after the start of the
    command is left alone.

    The channel has to be kept as a stream (x-stream). You can interrupt the command: the same
    command goes on where it was, for a week. Times without a zone are local.

    Exit status: 0; 1 if there is no such stream on the broker; 2 if the handler's events are not
    kept.
    """
    from jararaca.application.loading import load_application
    from jararaca.handlers.decorators import spec_of
    from jararaca.operations.replay.replay import Replay, Wanted, routes_called

    microservice = load_application(app)
    routes = routes_called(microservice.routes, handler)
    if spec_of(routes[0].handler).batch is not None and not publish:
        raise ConfigurationError(
            f"{handler} takes batches, of live messages and replayed ones together, so that what "
            "it publishes cannot be dropped: say --publish"
        )
    start, end = times(since, until)
    wanted = Wanted(start, end, pairs(where), rate, publish)
    done: list[tuple[str, Replayed]] = []

    async def work(transport: Any) -> None:
        for first in {route.queue: route for route in routes}.values():
            own = [route for route in routes if route.queue == first.queue]
            others = [route for route in microservice.routes if route.queue == first.queue]
            bar = progress("reading" if dry_run else "replaying")
            run = Replay(transport, own, others, wanted, bar)
            done.append((first.queue, run.result))
            await run.run(dry=dry_run)

    try:
        on_broker(broker_url, work)
    except BaseException:
        done = [each for each in done if each[1].read]
        raise
    finally:
        for queue, result in done:
            _tell(queue, result, dry=dry_run)


def _tell(queue: str, result: Replayed, *, dry: bool) -> None:
    if result.resumed is not None:
        complain(f"it went on behind offset {result.resumed}, where it was stopped", label="note:")
    found = f"{count(result.sent, 'event')} of {count(result.read, 'event')} that were read"
    if dry:
        places = [[str(each.offset), each.routing_key] for each in result.samples]
        taken = max((len(offset) + len(topic) for offset, topic in places), default=0) + AROUND
        room = max(LEAST, min(SHOWN, room_on(sys.stdout) - taken))
        bodies = [_body(each.body, room) for each in result.samples]
        rows = [[*place, body] for place, body in zip(places, bodies, strict=True)]
        say(table(rows, ("offset", "topic", "body"))) if rows else None
        say(f"{found} would go to {queue}")
        return
    say(f"{paint('replayed', 'good')} {found} into {queue}")


def _body(body: bytes, room: int) -> str:
    text = printable(body.decode(errors="replace"))
    return text if len(text) <= room else f"{text[: room - 1]}…"
