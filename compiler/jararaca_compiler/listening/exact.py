"""AMQP methods with an exchange's name as it is: the client library refuses most characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel


Arguments = dict[str, Any]


async def bind(
    channel: AbstractChannel, queue: str, exchange: str, key: str, arguments: Arguments
) -> None:
    """Bind a queue. Raises aiormq's errors."""
    from aiormq import spec

    method = _exact(spec.Queue.Bind, queue=queue, routing_key=key, arguments=arguments)
    await _say(channel, method, exchange)


async def unbind(
    channel: AbstractChannel, queue: str, exchange: str, key: str, arguments: Arguments
) -> None:
    """Undo a binding. Raises aiormq's errors."""
    from aiormq import spec

    method = _exact(spec.Queue.Unbind, queue=queue, routing_key=key, arguments=arguments)
    await _say(channel, method, exchange)


async def declare_topic_exchange(
    channel: AbstractChannel, exchange: str, *, passive: bool, auto_delete: bool
) -> None:
    """Declare an exchange, or ask whether it is there. Raises aiormq's errors."""
    from aiormq import spec

    method = _exact(
        spec.Exchange.Declare,
        exchange_type="topic",
        passive=passive,
        auto_delete=auto_delete,
        arguments={},
    )
    await _say(channel, method, exchange)


def _exact(kind: type[Any], **given: Any) -> Any:
    """A method that the library does not check: the broker does."""
    return type(kind.__name__, (kind,), {"validate": lambda self: None})(**given)


async def _say(channel: AbstractChannel, method: Any, exchange: str) -> None:
    method.exchange = exchange
    below: Any = await channel.get_underlay_channel()
    await below.rpc(method)
