"""What stands before a stream's handlers: it lets pass, holds or judges what is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from jararaca.messagebus.blame import verdict
from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.messagebus.in_hand import InHand
from jararaca.printable import logger_named
from jararaca.transport import Delivery, Transport

logger = logger_named("jararaca.worker")


class StreamGuard:
    """Asked about each message of a stream, with the strikes that its offset is stored with.

    They are the message's alone, although it is in order: nothing behind it is begun.
    """

    def __init__(
        self, quarantine: Quarantine, transport: Transport, stream: str, name: str
    ) -> None:
        self._quarantine = quarantine
        self._stream = stream
        self._in_hand = InHand(transport, name)
        quarantine.watch(self._in_hand)

    async def refuses(self, delivery: Delivery, strikes: int) -> str | None:
        """Wait until a message may begin; the reason where it never may."""
        if not verdict.is_suspect(strikes):
            await self._quarantine.passed()
            return None
        if verdict.is_culprit(strikes, in_order=False):
            return (
                "it seems to end the process or the connection that handles it: it was begun "
                f"{strikes} times at offset {delivery.offset} of {self._stream}, and never "
                "finished, at last with nothing begun beside it"
            )
        logger.warning(
            "%s: offset %d was begun %d times and never finished: it is handled alone, in case it "
            "is what ends the process or the connection",
            self._stream,
            delivery.offset,
            strikes,
        )
        await self._quarantine.begins(delivery, strikes, movable=False)
        return None

    @contextmanager
    def running(self, deliveries: Sequence[Delivery]) -> Iterator[None]:
        """While they are handled."""
        for each in deliveries:
            self._in_hand.begin(each)
        try:
            yield
        finally:
            for each in deliveries:
                self._in_hand.end(each)
                self._quarantine.over(each)
