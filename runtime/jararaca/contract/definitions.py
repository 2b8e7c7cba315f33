"""A topology as RabbitMQ's definitions: the JSON that `rabbitmqctl import_definitions` reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jararaca.contract.topology import Exchange, Queue, QueueBinding, Topology

Item = dict[str, Any]


def definitions(topologies: Iterable[Topology], vhost: str = "/") -> Mapping[str, list[Item]]:
    """The definitions of several topologies in one, each item once."""
    every = list(topologies)
    return {
        "exchanges": _once(_exchange(each, vhost) for all_ in every for each in all_.exchanges),
        "queues": _once(_queue(each, vhost) for all_ in every for each in all_.queues),
        "bindings": _once(_binding(each, vhost) for all_ in every for each in all_.bindings),
    }


def _exchange(exchange: Exchange, vhost: str) -> Item:
    return {
        "name": exchange.name,
        "vhost": vhost,
        "type": exchange.type,
        "durable": exchange.durable,
        "auto_delete": exchange.auto_delete,
        "internal": False,
        "arguments": dict(exchange.arguments),
    }


def _queue(queue: Queue, vhost: str) -> Item:
    return {
        "name": queue.name,
        "vhost": vhost,
        "durable": queue.durable,
        "auto_delete": queue.auto_delete,
        "arguments": dict(queue.arguments),
    }


def _binding(binding: QueueBinding, vhost: str) -> Item:
    return {
        "source": binding.exchange,
        "vhost": vhost,
        "destination": binding.queue,
        "destination_type": "queue",
        "routing_key": binding.routing_key,
        "arguments": dict(binding.arguments),
    }


def _once(items: Iterable[Item]) -> list[Item]:
    seen: list[Item] = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen
