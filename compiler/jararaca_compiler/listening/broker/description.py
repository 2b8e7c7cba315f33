"""What a broker has, in frozen values: exchanges, queues, bindings, policies, who is connected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_EXCHANGE = ""
"""It routes to the queue that has the routing key's name, and cannot be bound to."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange; `arguments` are those it was declared with, `policy` what a policy adds."""

    name: str
    type: str
    durable: bool = True
    auto_delete: bool = False
    internal: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)

    @property
    def routes_as(self) -> str:
        """How it routes: a delaying exchange routes as the type that it names."""
        if self.type == "x-delayed-message":
            return str(self.arguments.get("x-delayed-type", "direct"))
        return self.type

    @property
    def alternate(self) -> str | None:
        """Where it sends what no binding takes."""
        found = self.arguments.get("alternate-exchange") or self.policy.get("alternate-exchange")
        return None if found is None else str(found)


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue; the counts are None where only a file of definitions is known."""

    name: str
    durable: bool = True
    exclusive: bool = False
    auto_delete: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    messages: int | None = None
    consumers: int | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """From an exchange to a queue, or to another exchange."""

    exchange: str
    destination: str
    routing_key: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    to_exchange: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule of the broker for all queues or exchanges with matching names."""

    name: str
    pattern: str
    applies_to: str
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who takes messages from a queue: its connection's name, and the account."""

    queue: str
    connection: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """A client of the broker, with what it says of itself."""

    name: str
    user: str = ""
    product: str = ""


@dataclass(frozen=True, slots=True)
class BrokerDescription:
    """A virtual host. `is_live` tells what a running broker answered from what a file has.

    `traced` tells whether its firehose is on.
    """

    vhost: str
    exchanges: tuple[Exchange, ...] = ()
    queues: tuple[Queue, ...] = ()
    bindings: tuple[Binding, ...] = ()
    policies: tuple[Policy, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    connections: tuple[Connection, ...] = ()
    is_live: bool = False
    traced: bool = False

    def bindings_of(self, exchange: str) -> tuple[Binding, ...]:
        """The bindings from an exchange, in the broker's order."""
        return tuple(each for each in self.bindings if each.exchange == exchange)

    def exchange(self, name: str) -> Exchange | None:
        """The exchange of that name."""
        return next((each for each in self.exchanges if each.name == name), None)

    @property
    def unbound_queues(self) -> tuple[Queue, ...]:
        """Queues that only the default exchange leads to."""
        bound = {each.destination for each in self.bindings if not each.to_exchange}
        return tuple(each for each in self.queues if each.name not in bound)
