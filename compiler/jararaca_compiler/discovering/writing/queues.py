"""The queues that a pattern's messages go to, as far as bindings and the firehose tell."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler.discovering.topics import Pattern
from jararaca_compiler.discovering.writing.names import KEYLESS
from jararaca_compiler.listening.broker.description import BrokerDescription, Exchange
from jararaca_compiler.lower.partitioning.queues import HEADER, INTO

Words = tuple[str | None, ...]


def queues_of(pattern: Pattern, broker: BrokerDescription, exchange: Exchange) -> set[str]:
    """By name; a queue with partitions is one."""
    found = {queue for stream in pattern.streams.values() for queue in stream.queues}
    if exchange.name:
        found |= set(_bound(exchange, pattern.words, broker, frozenset()))
    else:
        found.add(pattern.address)
    whole = {
        each.destination: each.exchange.removesuffix(INTO)
        for each in broker.bindings
        if HEADER in each.arguments and each.exchange.endswith(INTO)
    }
    return {whole.get(queue, queue) for queue in found}


def _bound(
    exchange: Exchange, words: Words, broker: BrokerDescription, before: frozenset[str]
) -> Iterator[str]:
    """The queues that an exchange leads to, also by others; none of `before` is asked again."""
    taken = [
        each
        for each in broker.bindings_of(exchange.name)
        if exchange.routes_as in KEYLESS or _covers(each.routing_key, words)
    ]
    yield from (each.destination for each in taken if not each.to_exchange)
    onward = [each.destination for each in taken if each.to_exchange]
    # What headers say is not known here: some messages may fit no binding.
    if exchange.alternate is not None and (not taken or exchange.routes_as == "headers"):
        onward.append(exchange.alternate)
    for name in onward:
        other = broker.exchange(name)
        if other is not None and name not in before:
            yield from _bound(other, words, broker, before | {exchange.name})


def _covers(key: str, words: tuple[str | None, ...]) -> bool:
    """Whether a binding takes some topic of a pattern; `None` is any word."""
    return _match(key.split("."), words)


def _match(keys: list[str], words: tuple[str | None, ...]) -> bool:
    if not keys:
        return not words
    if keys[0] == "#":
        return any(_match(keys[1:], words[number:]) for number in range(len(words) + 1))
    return (
        bool(words)
        and (keys[0] == "*" or words[0] is None or keys[0] == words[0])
        and _match(keys[1:], words[1:])
    )
