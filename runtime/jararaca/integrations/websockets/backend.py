"""What carries messages between the processes of an application: memory, or Redis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from jararaca.errors import ConfigurationError
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


def backend_for(url: str | None, application: str) -> Backend:
    """The backend that a URL names: `redis://...`, or this process's memory without one.

    Applications of other names do not hear each other. Raises ConfigurationError for another
    scheme or a missing extra.
    """
    if url is None or url.startswith("memory:"):
        return InMemory(application)
    scheme = urlsplit(url).scheme
    if scheme not in ("redis", "rediss", "unix"):
        raise ConfigurationError(
            f"the backend URL of WebSockets has the scheme {scheme!r}: it takes redis://, "
            "rediss://, unix:// or memory://"
        )
    try:
        from jararaca.integrations.websockets.redis import InRedis
    except ImportError as error:
        raise ConfigurationError(
            "WebSockets over Redis need the extra: pip install 'jararaca[redis]'"
        ) from error
    return InRedis(url, application)
