"""A service -> `topology.json`: the definitions that `rabbitmqctl import_definitions` reads."""

from __future__ import annotations

import json
from typing import Any

from jararaca_compiler import ir

VHOST = "/"


def emit_topology(service: ir.Service) -> ir.GeneratedFile:
    """The file. An exclusive queue belongs to a connection: it cannot stand in definitions."""
    topology = service.topology
    queues = [queue for queue in topology.queues if not queue.exclusive]
    names = {queue.name for queue in queues}
    definitions = {
        "exchanges": [_exchange(each) for each in topology.exchanges],
        "queues": [_queue(each) for each in queues],
        "bindings": [_binding(each) for each in topology.bindings if each.queue in names],
    }
    return ir.GeneratedFile("topology.json", json.dumps(definitions, indent=2) + "\n")


def _exchange(exchange: ir.Exchange) -> dict[str, Any]:
    return {
        "name": exchange.name,
        "vhost": VHOST,
        "type": exchange.type,
        "durable": exchange.durable,
        "auto_delete": exchange.auto_delete,
        "internal": False,
        "arguments": dict(exchange.arguments),
    }


def _queue(queue: ir.Queue) -> dict[str, Any]:
    return {
        "name": queue.name,
        "vhost": VHOST,
        "durable": queue.durable,
        "auto_delete": queue.auto_delete,
        "arguments": dict(queue.arguments),
    }


def _binding(binding: ir.QueueBinding) -> dict[str, Any]:
    return {
        "source": binding.exchange,
        "vhost": VHOST,
        "destination": binding.queue,
        "destination_type": "queue",
        "routing_key": binding.routing_key,
        "arguments": dict(binding.arguments),
    }
