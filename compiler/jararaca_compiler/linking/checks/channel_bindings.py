"""What a channel's AMQP binding says as it is written, of a queue that its service only sends to
as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jararaca_compiler import ir

_FLAGS = {"durable": "durable", "exclusive": "exclusive", "autoDelete": "auto_delete"}


def queue_said(channel: ir.Channel) -> Mapping[str, object]:
    """The properties of the queue that the document names; none where it names no queue."""
    queue = _part(channel, "queue")
    if not isinstance(queue.get("name"), str):
        return {}
    flags = {own: queue[key] for key, own in _FLAGS.items() if isinstance(queue.get(key), bool)}
    arguments = queue.get("arguments")
    own = {key: value for key, value in queue.items() if key.startswith("x-")}
    return {**flags, **own, **(arguments if isinstance(arguments, dict) else {})}


def virtual_hosts_said(channel: ir.Channel) -> Iterator[str]:
    """The virtual hosts that the binding names, without the slash before them; `/` says nothing."""
    for key in ("exchange", "queue"):
        host = _part(channel, key).get("vhost")
        if isinstance(host, str) and host.strip("/"):
            yield host.removeprefix("/")


def _part(channel: ir.Channel, key: str) -> Mapping[str, Any]:
    bindings = channel.metadata.get("bindings")
    amqp = bindings.get("amqp") if isinstance(bindings, Mapping) else None
    found = (amqp.get(key) or amqp.get(f"x-{key}")) if isinstance(amqp, Mapping) else None
    return found if isinstance(found, Mapping) else {}
