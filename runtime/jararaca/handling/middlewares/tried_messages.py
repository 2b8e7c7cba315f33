"""Which try an ordered message is at, also where RabbitMQ has taken it back between two of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from jararaca.transport import Delivery

MOST_REMEMBERED = 10_000
"""Only messages that have failed are remembered: nobody has so many of one queue in hand."""


class TriedMessages:
    """The next try of each message of a queue that has failed in this process.

    A message that waits for its next try may be taken back: its connection is lost, or it waits for
    longer than RabbitMQ's consumer timeout. It comes again as it was published, so that only this
    memory knows its tries. Without it they would begin at the first for ever.
    """

    def __init__(self) -> None:
        self._tries: OrderedDict[Hashable, int] = OrderedDict()

    def failed(self, delivery: Delivery, next_try: int) -> None:
        """Remember which try comes next; the ack of the last one may be lost too."""
        message = _identity(delivery)
        self._tries[message] = next_try
        self._tries.move_to_end(message)
        if len(self._tries) > MOST_REMEMBERED:
            self._tries.popitem(last=False)

    def next_try(self, delivery: Delivery, usual: int) -> int:
        """Which try this delivery is: `usual`, unless the message came before and has failed.

        What is not redelivered is published anew, perhaps from the dead letters.
        """
        if not self._tries:
            return usual
        message = _identity(delivery)
        if not delivery.redelivered:
            self._tries.pop(message, None)
        return max(usual, self._tries.get(message, usual))


def _identity(delivery: Delivery) -> Hashable:
    """What tells a message from others: an id alone may be a foreign publisher's constant."""
    return delivery.properties.message_id, delivery.routing_key, hash(delivery.body)
