"""Which queues of a system get a publication, as RabbitMQ routes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.linking.delivery.keys import Key, example_of, meeting
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.lower.topology import DEFAULT_EXCHANGE

_WHOLE_KEY = "direct"
_BY_WORDS = "topic"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A publication comes to a queue, for example under `routing_key`.

    `is_sure` is False where more than the routing key decides: the headers, or a plugin.
    """

    queue: str
    routing_key: str
    is_sure: bool = True


class Broker:
    """The exchanges, queues and bindings of all participants, put together."""

    def __init__(self, participants: Iterable[Participant]) -> None:
        self._types: dict[str, str] = {}
        self._bindings: dict[str, list[ir.QueueBinding]] = {}
        self._queues: dict[str, None] = {}
        for participant in participants:
            self._declare(participant.service.topology)

    def _declare(self, topology: ir.Topology) -> None:
        for exchange in topology.exchanges:
            self._types.setdefault(exchange.name, exchange.type)
        for queue in topology.queues:
            self._queues.setdefault(queue.name)
        for binding in topology.bindings:
            self._bindings.setdefault(binding.exchange, []).append(binding)

    def arrivals(self, exchange: str, key: Key) -> Iterator[Arrival]:
        """The queues that get what is published to `exchange` under `key`, each once."""
        found: dict[str, Arrival] = {}
        for arrival in self._all(exchange, key):
            known = found.get(arrival.queue)
            if known is None or (arrival.is_sure and not known.is_sure):
                found[arrival.queue] = arrival
        yield from found.values()

    def _all(self, exchange: str, key: Key) -> Iterator[Arrival]:
        if exchange == DEFAULT_EXCHANGE:
            for queue in self._queues:
                if _is_one_of(key, queue):
                    yield Arrival(queue, queue)
            return
        type_ = self._types.get(exchange, _BY_WORDS)
        for binding in self._bindings.get(exchange, ()):
            arrival = _through(binding, type_, key)
            if arrival is not None:
                yield arrival


def _through(binding: ir.QueueBinding, type_: str, key: Key) -> Arrival | None:
    if type_ == _BY_WORDS:
        routing_key = meeting(key, binding.routing_key)
        return None if routing_key is None else Arrival(binding.queue, routing_key)
    if type_ == _WHOLE_KEY:
        met = _is_one_of(key, binding.routing_key)
        return Arrival(binding.queue, binding.routing_key) if met else None
    return Arrival(binding.queue, example_of(key), type_ == "fanout")


def _is_one_of(key: Key, text: str) -> bool:
    """Whether a whole text is one of the key's routing keys."""
    words = text.split(".")
    return len(words) == len(key) and all(
        word is None or said in word for word, said in zip(key, words, strict=True)
    )
