"""An offset as a message, for a queue that keeps one."""

from __future__ import annotations

import json

from jararaca.transport import Delivery, Publication


def token(queue: str, offset: int | None) -> Publication:
    """The message that says so; None: nothing was handled yet."""
    body = json.dumps({"offset": offset}).encode()
    return Publication(queue, body, exchange="", mandatory=True)


def offset_in(delivery: Delivery) -> int | None:
    """The offset that a message of such a queue says."""
    try:
        found = json.loads(delivery.body)["offset"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if type(found) is int else None
