"""What carries messages between the processes of an application: memory, or Redis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from jararaca.application.backend import backend_for
from jararaca.integrations.websockets.memory import InMemory

Receive = Callable[[bytes], None]


class Backend(Protocol):
    """Hands what one process publishes to all that have subscribed, in the order of each sender.

    At most once: who is not connected at that moment does not get it later.
    """

    @property
    def place(self) -> str:
        """Where it is, for people; without a password."""

    async def publish(self, data: bytes) -> None:
        """Hand it on, any bytes. Raises BackendError."""

    async def subscribe(self, receive: Receive) -> None:
        """Call `receive` with all that is published once this has returned.

        A second call waits for the same subscription. It is made again after a lost connection.
        Raises BackendError where it cannot be made in a few seconds.
        """

    async def close(self) -> None:
        """End the subscription and the connections."""


def ws_backend_for(url: str | None, application: str) -> Backend:
    """The backend that a URL names: `redis://...`, or this process's memory without one.

    Applications of other names do not hear each other. Raises ConfigurationError for another
    scheme or a missing extra.
    """

    def in_redis(url: str) -> Backend:
        from jararaca.integrations.websockets.redis import InRedis

        return InRedis(url, application)

    return backend_for(url, lambda: InMemory(application), in_redis)
