"""Who sends a message and who handles it, in all services of the site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.lower.addresses.address import binding_key, overlap


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a message's way: an operation of a service; a receiving one with its handler."""

    service: ir.Service
    operation: ir.Operation
    message: ir.Message
    handler: ir.Handler | None
    exchange: str
    topic: str


class Endpoints:
    """Two ends meet on one exchange, for one wire name, where their topics overlap."""

    def __init__(self, services: tuple[ir.Service, ...]) -> None:
        self._endpoints: dict[tuple[str, str, str], list[Endpoint]] = defaultdict(list)
        for service in services:
            for endpoint in _endpoints(service):
                key = (endpoint.operation.action, endpoint.exchange, _wire(endpoint.message))
                self._endpoints[key].append(endpoint)

    def senders(self, service: ir.Service, message: ir.Message) -> tuple[Endpoint, ...]:
        """The operations that publish the message, the service's own first."""
        return self._matching("send", service, message)

    def receivers(self, service: ir.Service, message: ir.Message) -> tuple[Endpoint, ...]:
        """The handlers that take the message, the service's own first."""
        return self._matching("receive", service, message)

    def _matching(
        self, action: str, service: ir.Service, message: ir.Message
    ) -> tuple[Endpoint, ...]:
        exchange = exchange_of(service, message.exchange)
        topic = binding_key(message.topic)
        own: list[Endpoint] = []
        others: list[Endpoint] = []
        for endpoint in self._endpoints.get((action, exchange, _wire(message)), ()):
            if endpoint.service.name == service.name:
                if endpoint.message.name == message.name:
                    own.append(endpoint)
            elif overlap(topic, endpoint.topic):
                others.append(endpoint)
        return (*own, *others)


def exchange_of(service: ir.Service, name: str | None) -> str:
    """The exchange that `name` stands for in a service; None is the service's own."""
    return service.topology.exchanges[0].name if name is None else name


def _endpoints(service: ir.Service) -> Iterator[Endpoint]:
    channels = {channel.key: channel for channel in service.channels}
    messages = {message.name: message for message in service.messages}
    for operation in service.operations:
        channel = channels[operation.channel]
        exchange = exchange_of(service, channel.exchange)
        topic = binding_key(channel.key if channel.address is None else channel.address)
        handlers: dict[str, ir.Handler] = {h.message: h for h in operation.handlers}
        for name in operation.messages:
            yield Endpoint(service, operation, messages[name], handlers.get(name), exchange, topic)


def _wire(message: ir.Message) -> str:
    return message.wire_name or message.name
