"""A message as it was heard: what the publisher sent, and where to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

OURS = ("x-jararaca-", "x-stream-filter-value")
"""Headers that publishers add begin with these: no document describes them."""


@dataclass(frozen=True, slots=True)
class Properties:
    """AMQP's properties of a message; None is what its publisher has not set."""

    content_type: str | None = None
    content_encoding: str | None = None
    type: str | None = None
    app_id: str | None = None
    user_id: str | None = None
    message_id: str | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    timestamp: datetime | None = None
    expiration: str | None = None
    priority: int | None = None
    delivery_mode: int | None = None


@dataclass(frozen=True, slots=True)
class HeardMessage:
    """One message, once, whatever number of queues it went to.

    `queues`, `connection` and `user` are known where the firehose tells them; else empty.
    """

    exchange: str
    routing_key: str
    body: bytes
    at: datetime
    properties: Properties = Properties()
    headers: Mapping[str, Any] = field(default_factory=dict)
    queues: tuple[str, ...] = ()
    connection: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the messages that were routed to the ears while they were open.

    `dropped` never arrived: their place was given to newer ones. None: some may be missing, and
    nobody can tell how many (the management API can). `deaf_seconds` is how long there was no
    connection: what was published meanwhile is in no count.
    """

    heard: int = 0
    dropped: int | None = 0
    open_seconds: float = 0.0
    deaf_seconds: float = 0.0
