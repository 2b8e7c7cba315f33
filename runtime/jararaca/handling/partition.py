"""A partition of a queue, as who handles it sees it: which it is, and where a message belongs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jararaca.contract.partitions import key_of, partition_of
from jararaca.contract.topology import PartitionedQueue
from jararaca.handling.attempt import Try
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import Decision, Move
from jararaca.messages.received import MessageOf


@dataclass(frozen=True, slots=True)
class Partition:
    """One of a queue's partitions; `number` None is the queue itself, with what is unsorted."""

    of: PartitionedQueue
    number: int | None

    @property
    def queue(self) -> str:
        """The queue that it is on the broker."""
        return self.of.queue if self.number is None else self.of.names[self.number]

    def placing(self, once: Try) -> Try:
        """The tries of what belongs here; what does not is moved, whoever has sent it here."""

        async def placed(handler: BoundHandler, message: MessageOf[Any]) -> Decision:
            number = partition_of(order_key(message), self.of.count)
            if number == self.number:
                return await once(handler, message)
            return Decision(message.delivery, Move(self.of.names[number]), handler)

        return placed


def order_key(message: MessageOf[Any]) -> str:
    """What a message of a partition is kept in order by. Raises DecodeError for one without."""
    return key_of(message.payload(), message.headers)
