"""A service with a partitioned queue, as the compiler would write its topology."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jararaca import (
    Exchange,
    ExchangeBinding,
    Message,
    PartitionedQueue,
    Queue,
    QueueBinding,
    Service,
)
from jararaca.contract.topology import dead_letter_queue

from tests.support.services import quorum


class Move(Message):
    """The `number`th of a piece's moves."""

    MESSAGE_TOPIC = "move"
    MESSAGE_PARTITIONS = 4
    piece: str
    number: int

    def __partition_key__(self, headers: Mapping[str, Any]) -> object:
        """What it is kept in order by."""
        return self.piece


def partitioned(service: Service, count: int = 4) -> Service:
    """The same service with its queues divided."""
    topology = service.topology
    names = sorted({route.queue for route in service.routes})
    divided = [PartitionedQueue(name, count) for name in names]
    single = {"x-single-active-consumer": True, "x-queue-leader-locator": "balanced"}
    queues = [
        Queue(name, arguments={**quorum(each.queue).arguments, **single})
        for each in divided
        for name in (each.queue, *each.names)
    ]
    workers = f"{service.name}.workers"
    roster = Queue(
        workers,
        arguments={
            "x-max-length": 1_000,
            "x-message-ttl": 10_000,
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
        },
    )
    exchanges = [
        exchange
        for each in divided
        for exchange in (
            Exchange(each.exchange, "headers", arguments={"alternate-exchange": each.alternate}),
            Exchange(each.alternate, "fanout"),
        )
    ]
    letters = [Queue(dead_letter_queue(n), arguments={"x-queue-type": "quorum"}) for n in names]
    return replace(
        service,
        topology=replace(
            topology,
            exchanges=(*topology.exchanges, *exchanges),
            queues=(*queues, *letters, roster),
            bindings=tuple(binding for each in divided for binding in _bindings(each)),
            exchange_bindings=tuple(
                ExchangeBinding(b.exchange, f"{b.queue}.partitions", b.routing_key)
                for b in topology.bindings
            ),
            partitioned=tuple(divided),
            workers=workers,
        ),
    )


def _bindings(queue: PartitionedQueue) -> list[QueueBinding]:
    leading = [
        QueueBinding(
            queue.exchange,
            name,
            "",
            {"x-match": "all-with-x", "x-jararaca-partition": f"{number}/{queue.count}"},
        )
        for number, name in enumerate(queue.names)
    ]
    return [*leading, QueueBinding(queue.alternate, queue.queue, "")]
