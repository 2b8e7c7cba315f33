"""The settlements of a delivery as methods of one object, to be handed to code that needs them."""

from __future__ import annotations

from typing import NoReturn

from jararaca.handlers import settlement


class BusMessageController:
    """Settles the delivery that is being handled in this context.

    The methods are `jararaca.ack`, `nack`, `reject`, `retry` and `retry_later`, which they call.
    Each raises NoDeliveryError outside of a handler, AlreadySettledError at a second settlement.
    """

    async def ack(self) -> None:
        """Settle it as done, after its publications, and go on."""
        await settlement.ack()

    async def nack(self) -> NoReturn:
        """Hand it back and stop: it is tried again, and this does not count."""
        settlement.nack()

    async def reject(self, reason: str = "rejected by the handler") -> NoReturn:
        """Give it up and stop: it goes to the dead letters."""
        settlement.reject(reason)

    async def retry(self) -> NoReturn:
        """Count a failed attempt and stop: the policy decides."""
        settlement.retry()

    async def retry_later(self, delay: float) -> NoReturn:
        """Stop, and try again after `delay` seconds."""
        settlement.retry_later(delay)
