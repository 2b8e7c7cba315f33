"""What tests discover with: messages as they are heard, and the document that comes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from jararaca_compiler.discovering.gathering import Gathered
from jararaca_compiler.discovering.writing.files import Found, found
from jararaca_compiler.listening.broker.description import BrokerDescription, Exchange
from jararaca_compiler.listening.heard import Counts, HeardMessage, Properties

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def heard(topic: str, value: Any, *, exchange: str = "x", **properties: Any) -> HeardMessage:
    """A message with a value as JSON, or with octets as they are."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    headers = properties.pop("headers", {})
    return HeardMessage(exchange, topic, body, NOW, Properties(**properties), headers)


def discovered(
    messages: Iterable[HeardMessage],
    *,
    exchange: str = "x",
    broker: BrokerDescription | None = None,
    read: Callable[[str], str | None] = lambda path: None,
    examples: bool = False,
) -> Found:
    """The files of one exchange after these messages."""
    gathered = Gathered()
    for message in messages:
        gathered.add(message)
    described = broker or BrokerDescription("/", (Exchange(exchange, "topic"),))
    return found(
        described.exchange(exchange) or Exchange(exchange, "topic"),
        gathered,
        described,
        Counts(gathered.count),
        read,
        output="schemas",
        examples=examples,
    )
