"""From what aio-pika hands over to a message as it was heard, the firehose's too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jararaca_compiler.listening.heard import HeardMessage, Properties

if TYPE_CHECKING:
    from aio_pika.abc import AbstractIncomingMessage

OURS = ("x-received-from", "BCC")
"""Headers that brokers add, and no publisher has sent."""


def heard(message: AbstractIncomingMessage, *, is_trace: bool) -> HeardMessage:
    """The message that was published."""
    now = datetime.now(UTC)
    headers = _plain(message.headers or {})
    if is_trace:
        return _traced(headers, message.body, now)
    return HeardMessage(
        message.exchange or "",
        message.routing_key or "",
        message.body,
        now,
        _properties(message),
        {name: value for name, value in headers.items() if name not in OURS},
    )


def _properties(message: AbstractIncomingMessage) -> Properties:
    priority, mode = message.priority, message.delivery_mode
    return Properties(
        _text(message.content_type),
        _text(message.content_encoding),
        _text(message.type),
        _text(message.app_id),
        _text(message.user_id),
        _text(message.message_id),
        _text(message.correlation_id),
        _text(message.reply_to),
        message.timestamp if isinstance(message.timestamp, datetime) else None,
        None if message.expiration is None else str(message.expiration),
        priority if isinstance(priority, int) else None,
        None if mode is None else int(mode),
    )


def _traced(told: Mapping[str, Any], body: bytes, now: datetime) -> HeardMessage:
    """RabbitMQ's firehose: https://www.rabbitmq.com/docs/firehose."""
    given = told.get("properties")
    found: Mapping[str, Any] = given if isinstance(given, dict) else {}
    keys, queues, headers = (
        told.get("routing_keys"),
        told.get("routed_queues"),
        found.get("headers"),
    )
    when, priority, mode = (
        found.get("timestamp"),
        found.get("priority"),
        found.get("delivery_mode"),
    )
    return HeardMessage(
        _text(told.get("exchange_name")) or "",
        (_text(keys[0]) or "") if isinstance(keys, list) and keys else "",
        body,
        now,
        Properties(
            **{name: _text(found.get(name)) for name in _TEXTS},
            timestamp=datetime.fromtimestamp(when, UTC) if isinstance(when, int) else None,
            priority=priority if isinstance(priority, int) else None,
            delivery_mode=mode if isinstance(mode, int) else None,
        ),
        headers if isinstance(headers, dict) else {},
        tuple(str(each) for each in queues) if isinstance(queues, list) else (),
        _text(told.get("connection")) or "",
        _text(told.get("user")) or "",
    )


_TEXTS = (
    *("content_type", "content_encoding", "type", "app_id", "user_id", "message_id"),
    *("correlation_id", "reply_to", "expiration"),
)


def _text(value: Any) -> str | None:
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "replace")
    return None if value is None else str(value)


def _plain(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table without the client's own kinds of text and octets."""
    return {str(name): _value(value) for name, value in table.items()}


def _value(value: Any) -> Any:
    match value:
        case bytes() | bytearray():
            try:
                return bytes(value).decode()
            except UnicodeDecodeError:
                return bytes(value)
        case dict():
            return _plain(value)
        case list():
            return [_value(each) for each in value]
    return value
