"""Services of the benchmark: a queue whole or divided, or many queues or handlers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jararaca import Message, MessageBusController, MessageHandler, MessageOf, Route, Service, route

from benchmarks.partitioned.step import Bench, Step
from tests.support.partitions import partitioned
from tests.support.services import service_of

SINGLE = {"x-single-active-consumer": True}


def service(kind: str, queue: str, count: int) -> Service:
    """The service of a kind; peers' kinds have its queue alone."""
    if kind in ("queues", "handlers"):
        return _many(kind, queue, count)
    options: dict[str, Any] = {"ordered_by": lambda step: step.key} if kind == "ordered_by" else {}
    (message,) = messages_of(kind, count)
    made = _service(queue, _route(message, queue, queue, options))
    if kind == "partitions":
        return partitioned(made, count)
    return _single(made) if kind.endswith("-single") else made


def messages_of(kind: str, count: int) -> list[type[Step]]:
    """The messages that are published in turns: new classes, as what one says is remembered."""
    if kind not in ("queues", "handlers"):
        partitions = count if kind == "partitions" else None
        return [type("Step", (Step,), {"__module__": __name__, "MESSAGE_PARTITIONS": partitions})]
    return [
        type(f"Step{number}", (Step,), {"__module__": __name__, "MESSAGE_TOPIC": f"step.{number}"})
        for number in range(count)
    ]


def _many(kind: str, queue: str, count: int) -> Service:
    routes = [
        _route(message, f"{queue}.{number}" if kind == "queues" else queue, f"{queue}.{number}", {})
        for number, message in enumerate(messages_of(kind, count))
    ]
    return _service(queue, *routes)


def _route(message: type[Message], queue: str, operation: str, options: dict[str, Any]) -> Route:
    @MessageBusController()
    class Steps:
        @MessageHandler(message, **options)
        async def step(self, received: MessageOf[Any]) -> None:
            await Bench.work(received.payload().work)

    return route(
        operation=operation,
        queue=queue,
        binding_keys=(message.MESSAGE_TOPIC,),
        message=message,
        controller=Steps,
        handler=Steps.step,
    )


def _service(name: str, *routes: Route) -> Service:
    return service_of(*routes, name=name, exchange=f"{name}.exchange")


def _single(made: Service) -> Service:
    topology = made.topology
    queues = [
        replace(each, arguments={**each.arguments, **SINGLE}) if each.name == made.name else each
        for each in topology.queues
    ]
    return replace(made, topology=replace(topology, queues=tuple(queues)))
