"""A service that answers requests, as the compiler would write it, for tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    Service,
    route,
)

from tests.support.services import service_of

TOPIC = "tests.quotes.get"
AT_ONCE = RetryPolicy(max_retries=1, initial_delay=0.1, jitter=0)


class Quote(Message):
    """What an item costs."""

    item: str
    price: int


class OutOfStock(Message):
    """It cannot be had."""

    item: str


class GetQuote(Message):
    """Asks what an item costs."""

    MESSAGE_TOPIC = TOPIC
    MESSAGE_TYPE = "task"
    MESSAGE_REPLIES = ("Quote", "OutOfStock")
    item: str

    async def request(
        self, *, timeout: float = 30.0, headers: dict[str, Any] | None = None
    ) -> Quote | OutOfStock:
        """Publish, and wait for the answer."""
        return self.decode_reply(await self._request({}, headers, timeout))

    @classmethod
    def decode_reply(cls, reply: Any) -> Quote | OutOfStock:  # type: ignore[override]
        """The answer in a delivery."""
        kinds: tuple[type[Quote | OutOfStock], ...] = (Quote, OutOfStock)
        return cls._one_of(reply, *kinds)


Answer = Callable[[MessageOf[GetQuote]], Awaitable[Any]]


def quotes(answer: Answer, **options: Any) -> Microservice:
    """An application whose handler of GetQuote is `answer`."""
    options.setdefault("retry", AT_ONCE)

    @MessageBusController()
    class Quotes:
        @MessageHandler(GetQuote, **options)
        async def quote(self, message: MessageOf[GetQuote]) -> Quote | OutOfStock:
            made: Quote | OutOfStock = await answer(message)
            return made

    return Microservice(quotes_service(Quotes))


def quotes_service(controller: Any) -> Service:
    """The service whose requests a controller's `quote` answers."""
    return service_of(
        route(
            operation="quote",
            queue=TOPIC,
            binding_keys=(TOPIC,),
            message=GetQuote,
            controller=controller,
            handler=controller.quote,
        ),
        name="quotes",
    )
