"""What comes to a queue with what its operations receive: all messages of their channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jararaca_compiler import ir


@dataclass(frozen=True, slots=True)
class Carried:
    """What channels carry, by the key of the first one on its exchange and address.

    `names` are those of AMQP, `channels` has each operation whose queue gets more than is received
    from it, and `received` what is received from each queue.
    """

    names: Mapping[str, tuple[str, ...]]
    channels: Mapping[str, str]
    received: Mapping[str | None, frozenset[str]]

    def unreceived(self, operation: ir.Operation) -> tuple[str, ...]:
        """What else comes to the operation's queue: messages that nobody receives there."""
        channel = self.channels.get(operation.id)
        names = () if channel is None else self.names[channel]
        return tuple(name for name in names if name not in self.received[operation.queue])


def carried_by(service: ir.Service) -> Carried:
    """What the channels of a service carry, and which of its operations receive a part of it."""
    wire = {message.name: message.wire_name or message.name for message in service.messages}
    firsts = _firsts(service)
    names, received = _names(service, firsts, wire), _received(service, wire)
    channels = {
        operation.id: firsts[operation.channel]
        for operation in service.operations
        if not received[operation.queue].issuperset(names[firsts[operation.channel]])
    }
    return Carried(names, channels, received)


def _firsts(service: ir.Service) -> dict[str, str]:
    """For each channel the first one to which the same publications go."""
    places: dict[tuple[str | None, str], str] = {}
    return {
        channel.key: places.setdefault(
            (channel.exchange, channel.address or channel.key), channel.key
        )
        for channel in service.channels
    }


def _names(
    service: ir.Service, firsts: Mapping[str, str], wire: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    over_sockets = {message.name for message in service.messages if message.kind == "websocket"}
    found: dict[str, set[str]] = {}
    for channel in service.channels:
        on_the_broker = () if channel.is_websocket else channel.messages
        names = {wire[name] for name in on_the_broker if name not in over_sockets}
        found.setdefault(firsts[channel.key], set()).update(names)
    return {channel: tuple(sorted(names)) for channel, names in found.items()}


def _received(service: ir.Service, wire: Mapping[str, str]) -> dict[str | None, frozenset[str]]:
    found: dict[str | None, set[str]] = {}
    for operation in service.operations:
        handled = {wire[handler.message] for handler in operation.handlers}
        found.setdefault(operation.queue, set()).update(handled)
    return {queue: frozenset(names) for queue, names in found.items()}
