"""Small services put together by hand, as the compiler would write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from jararaca import FORMAT, Exchange, Queue, QueueBinding, Route, Service, Topology
from jararaca.contract.topology import dead_letter_queue


def quorum(name: str, limit: int = 20) -> Queue:
    """A queue with the compiler's defaults, but for its delivery limit."""
    return Queue(
        name,
        arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": limit,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": dead_letter_queue(name),
            "x-dead-letter-strategy": "at-least-once",
        },
    )


def service_of(
    *routes: Route,
    name: str = "test",
    exchange: str = "jararaca",
    limits: Mapping[str, int] = MappingProxyType({}),
) -> Service:
    """A service with the topology that its routes need; `limits` are queues' delivery limits."""
    queues = sorted({route.queue for route in routes})
    return Service(
        name=name,
        title=name.title(),
        version="1.0.0",
        format=FORMAT,
        source="tests",
        digest="0" * 16,
        routes=routes,
        topology=Topology(
            exchanges=(Exchange(exchange, shared=True),),
            queues=tuple(
                queue
                for each in queues
                for queue in (
                    quorum(each, limits.get(each, 20)),
                    Queue(dead_letter_queue(each), arguments={"x-queue-type": "quorum"}),
                )
            ),
            bindings=_bindings(routes, exchange),
        ),
        messages=tuple({route.message: None for route in routes}),
    )


def _bindings(routes: Sequence[Route], exchange: str) -> tuple[QueueBinding, ...]:
    keys = {(route.queue, key): None for route in routes for key in route.binding_keys}
    return tuple(QueueBinding(exchange, queue, key) for queue, key in keys)


def sharing(service: Service) -> Service:
    """The same service, as it is compiled with `dead-letters = "service"`."""
    shared = dead_letter_queue(service.name)
    argument = {"x-dead-letter-routing-key": shared}
    names = {each.queue for each in service.routes}
    own = [each for each in service.topology.queues if each.name in names]
    queues = [replace(each, arguments={**each.arguments, **argument}) for each in own]
    letters = Queue(shared, arguments={"x-queue-type": "quorum", "x-delivery-limit": 1_000_000})
    topology = replace(service.topology, queues=(*queues, letters), dead_letters=shared)
    return replace(service, topology=topology)
