"""What workers tell each other of partitions, as messages."""

from __future__ import annotations

import json
from collections.abc import Iterable

from jararaca.messagebus.partitions.shares import Beat
from jararaca.transport import Delivery, Properties, Publication

TYPE = "jararaca.workers"


def beat_publication(queue: str, beat: Beat) -> Publication:
    """A worker's beat, for the queue of its service's workers."""
    body = {
        "worker": beat.worker,
        "serves": {name: list(items) for name, items in beat.serves.items()},
        "holds": sorted(beat.holds),
        "leaving": beat.leaving,
    }
    return Publication(queue, json.dumps(body).encode(), "", Properties(type=TYPE))


def beat_in(delivery: Delivery) -> Beat | None:
    """The beat of a delivery; None for whatever else came into the queue."""
    try:
        body = json.loads(delivery.body)
        serves = {str(name): tuple(map(str, items)) for name, items in body["serves"].items()}
        holds = frozenset(map(str, body["holds"]))
        return Beat(str(body["worker"]), serves, holds, bool(body["leaving"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def answer_to(delivery: Delivery, mine: Iterable[str]) -> Publication | None:
    """What the worker is to consume from now on; None where it does not ask."""
    asked = delivery.properties
    if not asked.reply_to:
        return None
    return Publication(
        asked.reply_to,
        json.dumps(list(mine)).encode(),
        "",
        Properties(type=TYPE, correlation_id=asked.correlation_id),
    )


def mine_in(answer: Delivery) -> tuple[str, ...]:
    """What an answer says. Raises ValueError for whatever else it is."""
    try:
        found = json.loads(answer.body)
    except RecursionError as error:
        raise ValueError("the answer is nested too deeply") from error
    if not isinstance(found, list):
        raise ValueError("the answer is no list")
    return tuple(map(str, found))
