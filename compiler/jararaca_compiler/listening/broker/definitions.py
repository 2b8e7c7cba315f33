"""What RabbitMQ's JSON says (its management API, or a file of definitions) as a description."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jararaca_compiler.listening.broker.description import (
    Binding,
    BrokerDescription,
    Connection,
    Consumer,
    Exchange,
    Policy,
    Queue,
)
from jararaca_compiler.listening.errors import ListeningError

Item = Mapping[str, Any]
PREDECLARED = (
    ("amq.direct", "direct"),
    ("amq.fanout", "fanout"),
    ("amq.headers", "headers"),
    ("amq.topic", "topic"),
)
"""Exchanges that each virtual host has, and a file of definitions leaves out."""


def description_of_file(text: str, vhost: str) -> BrokerDescription:
    """The virtual host in `rabbitmqctl export_definitions`' file. Raises ListeningError."""
    try:
        told = json.loads(text)
    except ValueError as error:
        raise ListeningError(f"the file of definitions is not JSON: {error}") from error
    if not isinstance(told, dict) or not isinstance(told.get("exchanges", []), list):
        raise ListeningError(
            "the file has no RabbitMQ definitions: write one with "
            "`rabbitmqctl export_definitions FILE`"
        )
    every = {kind: list(_of_vhost(told.get(kind), vhost)) for kind in _KINDS}
    known = {str(item.get("name")) for item in every["exchanges"]}
    every["exchanges"] += [{"name": n, "type": t} for n, t in PREDECLARED if n not in known]
    return description_of(vhost, every)


_KINDS = ("exchanges", "queues", "bindings", "policies", "consumers", "connections")


def description_of(
    vhost: str, told: Mapping[str, Iterable[Item]], *, is_live: bool = False, traced: bool = False
) -> BrokerDescription:
    """The description of what was told, each kind in its own list."""
    policies = tuple(told.get("policies", ()))
    return BrokerDescription(
        vhost,
        tuple(_exchange(item, policies) for item in told.get("exchanges", ()) if item.get("name")),
        tuple(_queue(item) for item in told.get("queues", ())),
        tuple(_binding(item) for item in told.get("bindings", ()) if item.get("source")),
        tuple(_policy(item) for item in policies),
        tuple(_consumer(item) for item in told.get("consumers", ())),
        tuple(_connection(item) for item in told.get("connections", ())),
        is_live,
        traced,
    )


def _of_vhost(items: Any, vhost: str) -> Iterable[dict[str, Any]]:
    """The items of a virtual host; a file of one virtual host alone names none."""
    for item in items or ():
        if isinstance(item, dict) and item.get("vhost", vhost) == vhost:
            yield item


def _exchange(item: Item, policies: Sequence[Item]) -> Exchange:
    return Exchange(
        str(item["name"]),
        str(item.get("type", "direct")),
        bool(item.get("durable", True)),
        bool(item.get("auto_delete", False)),
        bool(item.get("internal", False)),
        _table(item.get("arguments")),
        _policy_of(item, policies),
    )


def _policy_of(exchange: Item, policies: Sequence[Item]) -> Mapping[str, Any]:
    """What a policy says of an exchange: the API names the policy, a file has but its pattern."""
    if "policy" in exchange:
        found = [each for each in policies if each.get("name") == exchange["policy"]]
    else:
        found = [each for each in policies if _applies(each, str(exchange["name"]))]
    highest = max(found, key=lambda each: _number(each.get("priority")) or 0, default={})
    return _table(highest.get("definition"))


def _applies(policy: Item, exchange: str) -> bool:
    try:
        is_meant = re.search(str(policy.get("pattern", "")), exchange) is not None
    except re.error:
        is_meant = True  # Erlang's expressions know more: to bind to less is never wrong.
    return is_meant and policy.get("apply-to", "all") in ("all", "exchanges")


def _queue(item: Item) -> Queue:
    return Queue(
        str(item["name"]),
        bool(item.get("durable", True)),
        bool(item.get("exclusive", False)),
        bool(item.get("auto_delete", False)),
        _table(item.get("arguments")),
        _table(item.get("effective_policy_definition")),
        _number(item.get("messages")),
        _number(item.get("consumers")),
    )


def _binding(item: Item) -> Binding:
    return Binding(
        str(item["source"]),
        str(item.get("destination", "")),
        str(item.get("routing_key", "")),
        _table(item.get("arguments")),
        item.get("destination_type") == "exchange",
    )


def _policy(item: Item) -> Policy:
    return Policy(
        str(item.get("name", "")),
        str(item.get("pattern", "")),
        str(item.get("apply-to", "all")),
        _table(item.get("definition")),
    )


def _consumer(item: Item) -> Consumer:
    channel = _table(item.get("channel_details"))
    connection = str(channel.get("connection_name", ""))
    return Consumer(
        str(_table(item.get("queue")).get("name", "")), connection, str(channel.get("user", ""))
    )


def _connection(item: Item) -> Connection:
    client = _table(item.get("client_properties"))
    name = client.get("connection_name") or item.get("user_provided_name") or item.get("name", "")
    return Connection(str(name), str(item.get("user", "")), str(client.get("product", "")))


def _table(found: Any) -> Mapping[str, Any]:
    """A table; Erlang writes an empty one as a list."""
    return found if isinstance(found, dict) else {}


def _number(found: Any) -> int | None:
    return found if isinstance(found, int) else None
