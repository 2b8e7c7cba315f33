"""The backend of many processes: Redis pub/sub, on one channel for each application."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError

from jararaca.errors import BackendError
from jararaca.printable import logger_named

logger = logger_named("jararaca.websockets")

CONNECT_SECONDS = 5.0
"""How long Redis has to answer, and a subscription to be there."""
SILENT_SECONDS = 10.0
"""Silence after which Redis is asked whether it is there; after as much again it is gone."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds before a lost subscription is made again: doubled each time, and varied."""
PUBLISH_TRIES = 4


class InRedis:
    """Publishes to `jararaca:<database>:<application>:websockets`, and hears it when subscribed.

    The database is part of it because Redis's pub/sub knows no databases. A process that only
    sends does not subscribe.
    """

    def __init__(self, url: str, application: str) -> None:
        self._publishing = _connected(url, PUBLISH_TRIES)
        self._hearing = _connected(url, 0)
        database = self._publishing.connection_pool.connection_kwargs.get("db") or 0
        parts = urlsplit(url)
        self.place = f"Redis, {parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        self.channel = f"jararaca:{database}:{application}:websockets"
        self._listening: asyncio.Task[None] | None = None
        self._subscribed = asyncio.Event()

    async def publish(self, data: bytes) -> None:
        """Hand it to Redis; tried again over a new connection. Raises BackendError."""
        try:
            await self._publishing.publish(self.channel, data)
        except (RedisError, OSError) as error:
            raise BackendError(f"Redis did not accept a WebSocket message: {error}") from error

    async def subscribe(self, receive: Callable[[bytes], None]) -> None:
        """Hear what is published; the subscription is made again whenever it is lost.

        Raises BackendError when there is none within CONNECT_SECONDS.
        """
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen(receive))
        try:
            await asyncio.wait_for(self._subscribed.wait(), CONNECT_SECONDS)
        except TimeoutError:
            raise BackendError(f"no subscription to WebSocket messages: {self.place}") from None

    async def close(self) -> None:
        """End the subscription and close the connections."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self._listening = None
        await self._hearing.aclose()
        await self._publishing.aclose()

    async def _listen(self, receive: Callable[[bytes], None]) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with self._hearing.pubsub() as subscription:
                    await subscription.subscribe(self.channel)
                    await self._hear(subscription, receive)
            except (RedisError, OSError) as error:
                if self._subscribed.is_set():
                    pause = FIRST_PAUSE
                    logger.warning("WebSocket messages: Redis is not reachable (%s)", error)
            finally:
                self._subscribed.clear()
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _hear(self, subscription: PubSub, receive: Callable[[bytes], None]) -> None:
        """Hand on what comes; raises when Redis is silent and does not answer a ping either."""
        asked = False
        while True:
            message = await subscription.get_message(timeout=SILENT_SECONDS)
            if message is None:
                if asked:
                    raise ConnectionError(f"no response for {SILENT_SECONDS:g} s")
                await subscription.ping()
                asked = True
                continue
            asked = False
            if message["type"] == "subscribe":
                self._subscribed.set()
            elif message["type"] == "message":
                receive(message["data"])


def _connected(url: str, tries: int) -> Redis:
    """A client that connects when it is used. Raises ValueError for a bad URL."""
    return Redis.from_url(
        url,
        socket_timeout=CONNECT_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_keepalive=True,
        retry=Retry(ExponentialBackoff(cap=1.0, base=0.1), tries),
    )
