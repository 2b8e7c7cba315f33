"""What a package says beside its bodies, as values, and where two of them differ."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

Facts = Mapping[str, Mapping[str, Any]]
"""Of each thing, by what a person would call it, its settings by name: JSON values."""
_EXCHANGE = ("type", "durable", "auto_delete", "shared")
_QUEUE = ("durable", "exclusive", "auto_delete")
_UNSAID = "nothing"
PUBLISH, REQUEST, ANSWERS, TYPED = "publish", "request", "decode_reply", "TopicParameters"
"""The facts of a class that are no settings: what its methods take, and what types say."""


def differences(said: Facts, found: Facts) -> list[tuple[str, str]]:
    """Each thing that is not as it was said, with a sentence of why."""
    told = [(thing, "it is missing") for thing in said if thing not in found]
    told += [(thing, "the document has none") for thing in found if thing not in said]
    for thing, settings in said.items():
        there = found.get(thing, settings)
        for name in {**settings, **there}:
            expected, is_ = _shown(settings, name), _shown(there, name)
            if is_ != expected:
                told.append((thing, f"`{name}` is {is_}, and should be {expected}"))
                break
    return told


def _shown(settings: Mapping[str, Any], name: str) -> str:
    return json.dumps(settings[name], sort_keys=True) if name in settings else _UNSAID


def of_topology(topology: Any) -> dict[str, dict[str, Any]]:
    """The facts of a topology, the compiler's or the runtime's: they have the same names."""
    found = {f"exchange `{e.name}`": _taken(e, _EXCHANGE) for e in topology.exchanges}
    found |= {f"queue `{queue.name}`": _taken(queue, _QUEUE) for queue in topology.queues}
    found |= {_binding(each): {} for each in topology.bindings}
    found |= {_between(each): {} for each in topology.exchange_bindings}
    found["topology"] = {
        "dead_letters": topology.dead_letters,
        "workers": topology.workers,
        "partitioned": [[each.queue, each.count] for each in topology.partitioned],
    }
    return found


def _taken(thing: Any, names: Iterable[str]) -> dict[str, Any]:
    made = {name: getattr(thing, name) for name in names}
    return {**made, "arguments": dict(thing.arguments)}


def _binding(binding: Any) -> str:
    arguments = json.dumps(dict(binding.arguments), sort_keys=True)
    if arguments == "{}":
        arguments = ""
    names = f"`{binding.exchange}` to `{binding.queue}` by `{binding.routing_key}`"
    return f"binding of {names}{arguments and ' with '}{arguments}"


def _between(binding: Any) -> str:
    return f"binding of `{binding.source}` to `{binding.destination}` by `{binding.routing_key}`"


def route_name(operation: str, message: str) -> str:
    """What a row of the routing table is called."""
    return f"route of `{operation}` for `{message}`"


def class_name(name: str) -> str:
    """What the class of a message is called."""
    return f"class `{name}`"
