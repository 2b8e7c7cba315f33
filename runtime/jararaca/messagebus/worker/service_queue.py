"""An application whose handlers share one queue, bound by patterns, instead of one queue each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from jararaca.application.microservice import Microservice
from jararaca.contract.topics import PARAMETER, binding_key, matches
from jararaca.contract.topology import (
    Exchange,
    Queue,
    QueueBinding,
    Topology,
    dead_letter_queue,
)
from jararaca.errors import ConfigurationError
from jararaca.messagebus.worker.config import AioPikaWorkerConfig
from jararaca.routing.table import Route, Service

DEAD_LETTERS = "x-dead-letter-routing-key"


def on_service_queue(
    app: Microservice, config: AioPikaWorkerConfig, handlers: Collection[object]
) -> Microservice:
    """The same application with the chosen handlers on one queue of one exchange.

    Raises ConfigurationError for a handler whose topic no binding key lets through.
    """
    services = [_only(service, handlers) for service in app.services]
    routes = [route for service in services for route in service.routes]
    own = dict.fromkeys(key for route in routes for key in route.binding_keys)
    keys = tuple(config.binding_keys) or tuple(own)
    for route in routes:
        _refuse_unreachable(route, config.queue, keys)
    return app.with_services(*(_moved(service, config, keys) for service in services))


def _only(service: Service, handlers: Collection[object]) -> Service:
    return replace(service, routes=tuple(r for r in service.routes if r.handler in handlers))


def _moved(service: Service, config: AioPikaWorkerConfig, keys: Sequence[str]) -> Service:
    if not service.routes:
        return replace(service, topology=Topology())
    topology = Topology(
        (Exchange(config.exchange, shared=True),),
        tuple(_queues(service, config.queue)),
        tuple(QueueBinding(config.exchange, config.queue, key) for key in keys),
        dead_letters=service.topology.dead_letters,
    )
    routes = tuple(replace(route, queue=config.queue) for route in service.routes)
    return replace(service, routes=routes, topology=topology)


def _queues(service: Service, name: str) -> Iterator[Queue]:
    """The queue and its dead letters, declared as those of the service's first handler are."""
    queues = {queue.name: queue for queue in service.topology.queues}
    model = queues[service.routes[0].queue]
    dead_letters = model.arguments.get(DEAD_LETTERS)
    if dead_letters is None:
        yield replace(model, name=name)
        return
    shared = service.topology.dead_letters
    renamed = dead_letter_queue(name) if shared is None else dead_letters
    yield replace(model, name=name, arguments={**model.arguments, DEAD_LETTERS: renamed})
    if dead_letters in queues:
        yield replace(queues[dead_letters], name=renamed)


def _refuse_unreachable(route: Route, queue: str, keys: Sequence[str]) -> None:
    topic = route.message.MESSAGE_TOPIC
    sample = PARAMETER.sub("x", topic)
    if any(key == binding_key(topic) or matches(key, sample) for key in keys):
        return
    raise ConfigurationError(
        f"{route.controller.__qualname__}.{route.handler.__name__} takes {topic}, and no binding "
        f"key of the queue {queue} lets it through: {', '.join(keys)}"
    )
