"""`jararaca dead-letters counts`: how many were given up, by whom and why."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jararaca.cli.console import paint, say, say_json, table
from jararaca.cli.letters.letter_lookup import letters_at
from jararaca.cli.on_broker import on_broker
from jararaca.cli.options import (
    DEFAULT_BROKER_URL,
    AppOption,
    BrokerUrl,
    Json,
    Limit,
    ManagementUrl,
)
from jararaca.errors import ConfigurationError, QueueNotFoundError

if TYPE_CHECKING:
    from jararaca.operations.dead_letter import DeadLetter
    from jararaca.operations.letter_groups import LetterGroup
    from jararaca.operations.letter_places import Place

HEADINGS = ("dead letters", "queue", "handler", "reason", "first", "last")
LONGEST_REASON = 80


def counts(
    queues: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUEUE", help="Handlers' queues. Default: those with dead letters."),
    ] = None,
    limit: Limit = None,
    as_json: Json = False,
    app: AppOption = None,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
    management_url: ManagementUrl = None,
) -> None:
    """Count dead letters by queue, handler and reason.

    Reasons that differ only in numbers and ids are counted as one. Without an application, the
    queues are named, or found by RabbitMQ's management API. The letters stay where they are;
    --limit looks at so many of each queue.
    """
    from jararaca.operations.letter_groups import grouped

    places = _places(queues or [], app, broker_url, management_url)
    groups = grouped(on_broker(broker_url, lambda transport: _letters(transport, places, limit)))
    if as_json:
        say_json([_record(group) for group in groups])
    elif groups:
        say(table([_cells(group) for group in groups], HEADINGS))
    else:
        say("no dead letters")


def _places(
    queues: list[str], app: str | None, broker_url: str, management_url: str | None
) -> list[tuple[bool, Place]]:
    """Where to look, and whether each was asked for by its name."""
    from jararaca.application.loading import load_application
    from jararaca.operations.letter_places import every_place, place_of
    from jararaca.operations.management import Management

    if queues:
        return [(True, letters_at(queue, app)) for queue in queues]
    try:
        topologies = [service.topology for service in load_application(app).services]
    except ConfigurationError:
        if app is not None:
            raise
        found = Management.of(broker_url, management_url).dead_letter_queues()
        return [(False, place_of(queue)) for queue in found]
    return [(False, place) for _, place in every_place(topologies)]


async def _letters(
    transport: Any, places: list[tuple[bool, Place]], limit: int | None
) -> list[DeadLetter]:
    from jararaca.operations.dead_letters import list_dead_letters

    found: list[DeadLetter] = []
    for is_named, place in places:
        forgiven = () if is_named else (QueueNotFoundError,)
        with suppress(*forgiven):
            found += await list_dead_letters(transport, place, limit=limit)
    return found


def _cells(group: LetterGroup) -> list[str]:
    reason = group.reason
    if len(reason) > LONGEST_REASON:
        reason = reason[: LONGEST_REASON - 1] + "…"
    times = [f"{each.astimezone():%Y-%m-%d %H:%M:%S}" if each else "-" for each in _times(group)]
    return [paint(str(group.count), "bad"), group.queue, group.handler, reason, *times]


def _record(group: LetterGroup) -> dict[str, Any]:
    first, last = (each.isoformat() if each else None for each in _times(group))
    told = {"count": group.count, "queue": group.queue, "handler": group.handler}
    return {**told, "reason": group.reason, "first": first, "last": last}


def _times(group: LetterGroup) -> tuple[Any, Any]:
    return group.first, group.last
