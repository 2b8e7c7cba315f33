"""An application whose handlers share one queue, bound by patterns, instead of one queue each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
from jararaca.handlers.decorators import spec_of
from jararaca.messagebus.worker.config import AioPikaWorkerConfig
from jararaca.routing.table import Route, Service

DEAD_LETTERS = "x-dead-letter-routing-key"


def on_service_queue(
    app: Microservice, config: AioPikaWorkerConfig, handlers: Collection[object]
) -> Microservice:
    """The same application with the chosen handlers on one queue of one exchange.

    A queue gives a message to one handler. So another handler of the same event has a queue beside
    it, which is called by that handler: `user_service_queue.count`.
    Raises ConfigurationError for a handler whose topic no binding key lets through.
    """
    services = [_only(service, handlers) for service in app.services]
    for service in services:
        _refuse_partitions(service)
    routes = [route for service in services for route in service.routes]
    own = dict.fromkeys(key for route in routes for key in route.binding_keys)
    keys = tuple(config.binding_keys) or tuple(own)
    for route in routes:
        _refuse_unreachable(route, config.queue, keys)
    queues = _queues_of(routes, config.queue)
    return app.with_services(*(_moved(service, config, keys, queues) for service in services))


def _queues_of(routes: Iterable[Route], queue: str) -> Mapping[Route, str]:
    """Where each handler's messages wait: in the service's queue the first of each message."""
    first: dict[tuple[str, str], Route] = {}
    for route in routes:
        first.setdefault((route.message.MESSAGE_TOPIC, route.message.MESSAGE_NAME), route)
    on_it = set(first.values())
    return {
        route: queue if route in on_it else f"{queue}.{spec_of(route.handler).name}"
        for route in routes
    }


def _only(service: Service, handlers: Collection[object]) -> Service:
    return replace(service, routes=tuple(r for r in service.routes if r.handler in handlers))


def _moved(
    service: Service, config: AioPikaWorkerConfig, keys: Sequence[str], queues: Mapping[Route, str]
) -> Service:
    if not service.routes:
        return replace(service, topology=Topology())
    moved = [replace(route, queue=queues[route]) for route in service.routes]
    models = {
        new.queue: old.queue for old, new in reversed([*zip(service.routes, moved, strict=True)])
    }
    bound = {(each.queue, key) for each in moved for key in _keys(each, config, keys)}
    topology = Topology(
        (Exchange(config.exchange, shared=True),),
        tuple(q for new, old in models.items() for q in _queues(service, new, old)),
        tuple(QueueBinding(config.exchange, queue, key) for queue, key in sorted(bound)),
        dead_letters=service.topology.dead_letters,
    )
    return replace(service, routes=tuple(moved), topology=topology)


def _keys(route: Route, config: AioPikaWorkerConfig, keys: Sequence[str]) -> Sequence[str]:
    return keys if route.queue == config.queue else route.binding_keys


def _queues(service: Service, name: str, like: str) -> Iterator[Queue]:
    """A queue and its dead letters, declared as those of a handler's own queue would be."""
    queues = {queue.name: queue for queue in service.topology.queues}
    model = queues[like]
    dead_letters = model.arguments.get(DEAD_LETTERS)
    if dead_letters is None:
        yield replace(model, name=name)
        return
    shared = service.topology.dead_letters
    renamed = dead_letter_queue(name) if shared is None else dead_letters
    yield replace(model, name=name, arguments={**model.arguments, DEAD_LETTERS: renamed})
    if dead_letters in queues:
        yield replace(queues[dead_letters], name=renamed)


def _refuse_partitions(service: Service) -> None:
    divided = {each.queue for each in service.topology.partitioned}
    for route in (each for each in service.routes if each.queue in divided):
        raise ConfigurationError(
            f"{route.controller.__qualname__}.{route.handler.__name__} takes a partitioned channel "
            "(x-partitions), whose queues a service's one queue cannot stand for: run it with "
            "`jararaca worker`"
        )


def _refuse_unreachable(route: Route, queue: str, keys: Sequence[str]) -> None:
    topic = route.message.MESSAGE_TOPIC
    sample = PARAMETER.sub("x", topic)
    if any(key == binding_key(topic) or matches(key, sample) for key in keys):
        return
    raise ConfigurationError(
        f"{route.controller.__qualname__}.{route.handler.__name__} takes {topic}, and no binding "
        f"key of the queue {queue} lets it through: {', '.join(keys)}"
    )
