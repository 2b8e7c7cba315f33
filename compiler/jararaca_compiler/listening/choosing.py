"""Which exchanges are listened to, by which bindings, and why others are not: pure decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jararaca_compiler.listening.broker.description import BrokerDescription, Exchange
from jararaca_compiler.listening.errors import ListeningError

TRACE = "amq.rabbitmq.trace"
INTERNAL = ("amq.rabbitmq.log", "amq.rabbitmq.event", TRACE)
"""The broker's own exchanges: nobody's messages are published there."""

SHARING = ("x-consistent-hash", "x-modulus-hash", "x-random", "x-local-random", "x-recent-history")
"""Types where each binding takes a share from the others, or where binding sends old messages."""


@dataclass(frozen=True, slots=True)
class Key:
    """A binding of the ear's."""

    routing_key: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ear:
    """A queue of ours, by the exchange that it is bound to.

    `is_whole`: hears all that is published there, not only what others' bindings take.
    """

    exchange: str
    keys: tuple[Key, ...]
    is_whole: bool
    is_trace: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The ears, and what is not listened to, each with its reason for a person."""

    ears: tuple[Ear, ...]
    unheard: tuple[tuple[str, str], ...] = ()


def choose(
    broker: BrokerDescription,
    exchanges: Sequence[str] = (),
    *,
    routed_only: bool = False,
    trace: bool = False,
) -> Choice:
    """The ears for these exchanges, by default all that the virtual host has.

    `routed_only` binds as others have bound, so that a message that nobody takes stays unroutable:
    whoever publishes it as mandatory has it back. Where an exchange has an alternate, that is
    always so. `trace` hears the firehose instead, which has the default exchange too; an operator
    turns it on. Raises ListeningError for an exchange that is not there.
    """
    if trace:
        keys = tuple(Key(f"publish.{name}") for name in exchanges) or (Key("publish.#"),)
        return Choice((Ear(TRACE, keys, is_whole=True, is_trace=True),), _untraced(broker))
    ears: list[Ear] = []
    unheard: list[tuple[str, str]] = []
    for exchange in _chosen(broker, exchanges):
        ear = _ear(broker, exchange, routed_only)
        if isinstance(ear, str):
            unheard.append((exchange.name, ear))
        else:
            ears.append(ear)
    if not exchanges or "" in exchanges:
        unheard += _by_default_exchange(broker)
    return Choice(tuple(ears), tuple(unheard))


def _chosen(broker: BrokerDescription, names: Sequence[str]) -> list[Exchange]:
    if not names:
        used = {each.exchange for each in broker.bindings}
        # What the broker brings along is of interest only where somebody uses it.
        return [
            each
            for each in broker.exchanges
            if each.name not in INTERNAL and (not each.name.startswith("amq.") or each.name in used)
        ]
    found = {name: broker.exchange(name) for name in names if name}
    missing = [name for name, exchange in found.items() if exchange is None]
    if missing:
        there = ", ".join(sorted(each.name for each in broker.exchanges)) or "none"
        raise ListeningError(
            f"there is no exchange {missing[0]!r} in the virtual host {broker.vhost!r}: it has "
            f"{there}"
        )
    return [exchange for exchange in found.values() if exchange is not None]


def _ear(broker: BrokerDescription, exchange: Exchange, routed_only: bool) -> Ear | str:
    """The ear of an exchange, or why it has none."""
    if exchange.routes_as in SHARING:
        return f"a binding would change what others get of an exchange of type {exchange.type}"
    if exchange.auto_delete and not broker.bindings_of(exchange.name):
        return "it is deleted with its last binding, which would be the ear's"
    alike = routed_only or exchange.alternate is not None
    if not alike and exchange.routes_as == "topic":
        return Ear(exchange.name, (Key("#"),), is_whole=True)
    if not alike and exchange.routes_as == "fanout":
        return Ear(exchange.name, (Key(),), is_whole=True)
    if not alike and exchange.routes_as == "headers":
        return Ear(exchange.name, (Key("", {"x-match": "all"}),), is_whole=True)
    keys = [Key(each.routing_key, each.arguments) for each in broker.bindings_of(exchange.name)]
    if not keys:
        return "nobody is bound to it, and what it carries can be heard by a known key only"
    once = tuple(key for number, key in enumerate(keys) if key not in keys[:number])
    return Ear(exchange.name, once, is_whole=False)


def _by_default_exchange(broker: BrokerDescription) -> list[tuple[str, str]]:
    """No queue can be bound to it: that is said wherever there is a queue that it leads to."""
    if not broker.queues:
        return []
    names = sorted(each.name for each in broker.unbound_queues)
    shown = ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")
    alone = f", which alone leads to {shown}" if names else ""
    return [("", f"no queue can be bound to it{alone}; with --trace the firehose has it too")]


def _untraced(broker: BrokerDescription) -> tuple[tuple[str, str], ...]:
    if broker.traced or not broker.is_live:
        return ()
    on = f"`rabbitmqctl trace_on -p {broker.vhost}`"
    return ((TRACE, f"the firehose is off: {on} turns it on, `trace_off` ends it"),)
