"""One supervised connection: dialled, watched, and dialled again with backoff when it is lost."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

from jararaca_shared.broker_tls import BrokerTlsError, tls_context
from yarl import URL

from jararaca.errors import BrokerError, BrokerUnreachableError, ConfigurationError
from jararaca.printable import logger_named
from jararaca.transport import limits
from jararaca.transport.amqp.backoff import backoff
from jararaca.transport.amqp.cancelling import cancel
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.translate import ended, refused, text, unreachable
from jararaca.transport.client_logs import quieten
from jararaca.transport.url import BrokerUrl

logger = logger_named("jararaca.broker")

WATCH_SECONDS = 1.0
"""How often a connection is asked whether the broker blocks it: aiormq tells nobody."""

ANSWER_SECONDS = 30.0
"""How long the broker may take to answer before its connection is given up: one that has just
started may take a call and never answer it."""

Restore = Callable[[FastConnection], Awaitable[None]]


class Link:
    """A connection that comes back on its own; `purpose` tells the two of a transport apart.

    `restore` runs on each new connection before anybody else may use it.
    """

    def __init__(self, url: BrokerUrl, purpose: str, restore: Restore | None = None) -> None:
        quieten()
        self._url = url
        self._hosts = deque(url.hosts)
        self._purpose = purpose
        self._restore = restore
        self._connection: FastConnection | None = None
        self._up = asyncio.Event()
        self._supervisor: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()
        self.blocked = False

    @property
    def ready(self) -> bool:
        """Whether the connection is up, or was never needed."""
        return self._supervisor is None or self._up.is_set()

    @property
    def frame_max(self) -> int:
        """Bytes of the largest frame that was agreed on; RabbitMQ's usual before."""
        agreed = self._connection.frame_max if self._connection is not None else 0
        return agreed or limits.FRAME_MAX

    async def open(self) -> None:
        """Dial once; later losses heal.

        Raises BrokerUnreachableError, AccessRefusedError, and ConfigurationError for PEM files that
        cannot be used.
        """
        async with self._opening:
            if self._supervisor is None:
                self._connection = await self._dial()
                self._up.set()
                self._supervisor = asyncio.create_task(self._supervise())

    async def connection(self) -> FastConnection:
        """The connection, once it is up. Raises BrokerUnreachableError when never opened."""
        while True:
            if self._supervisor is None:
                raise BrokerUnreachableError(
                    "this transport is not connected: await connect() first"
                )
            await self._up.wait()
            assert self._connection is not None
            if self._connection.is_opened:
                return self._connection
            # The supervisor has not seen the loss yet.
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        """Stop watching and close."""
        supervisor, self._supervisor = self._supervisor, None
        await cancel(supervisor)
        if self._connection is not None:
            with suppress(Exception):
                await self._connection.close()

    async def _dial(self) -> FastConnection:
        """Dial each host in turn, the last good one first. Raises the last one's error."""
        for _ in range(len(self._hosts) - 1):
            try:
                return await self._dial_host(self._hosts[0])
            except BrokerUnreachableError as error:
                logger.warning("%s", error)
                self._hosts.rotate(-1)
        return await self._dial_host(self._hosts[0])

    async def _dial_host(self, url: BrokerUrl) -> FastConnection:
        connection = FastConnection(_client_url(url), _tls(url))
        try:
            async with asyncio.timeout(url.seconds["connection_timeout"]):
                await connection.connect()
        except BaseException as error:
            if not ended(error) and not isinstance(error, TimeoutError):
                raise
            raise unreachable(url, error) from error
        try:
            if self._restore is not None:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._restore(connection)
        except BaseException as error:
            with suppress(Exception):
                await connection.close()
            if isinstance(error, TimeoutError):
                raise unreachable(url, error) from error
            if isinstance(error, BrokerError) or not ended(error):
                raise
            raise refused(error) from error
        return connection

    async def _supervise(self) -> None:
        while True:
            assert self._connection is not None
            reason = await self._watch(self._connection)
            self._up.clear()
            await self._connection.close()
            logger.warning(
                "%s: lost the %s connection (%s)", self._url.shown, self._purpose, reason
            )
            await self._reconnect()
            self._up.set()
            logger.warning("%s: the %s connection is back", self._url.shown, self._purpose)

    async def _watch(self, connection: FastConnection) -> str:
        """Return, with the reason, when the connection has closed."""
        closing = connection.closing
        while not closing.done():
            await asyncio.wait({closing}, timeout=WATCH_SECONDS)
            await self._note_blocked(connection)
        error = None if closing.cancelled() else closing.exception()
        return text(error) if error is not None and error.args else "no answer from the broker"

    async def _note_blocked(self, connection: FastConnection) -> None:
        unblocked = asyncio.ensure_future(connection.underlay.ready())
        await asyncio.sleep(0)
        blocked = not unblocked.done() and not connection.is_closed
        unblocked.cancel()
        if blocked != self.blocked:
            self.blocked = blocked
            what = "blocks publishers (memory or disk alarm)" if blocked else "takes messages again"
            logger.warning("%s: the broker %s", self._url.shown, what)

    async def _reconnect(self) -> None:
        attempt = 0
        while True:
            attempt += 1
            delay = backoff(attempt, random.random())
            logger.warning(
                "%s: reconnecting in %.1f s (attempt %d)", self._url.shown, delay, attempt
            )
            await asyncio.sleep(delay)
            try:
                self._connection = await self._dial()
                return
            except (BrokerError, ConfigurationError) as error:
                logger.error("%s", error)


def _client_url(url: BrokerUrl) -> URL:
    query = {"heartbeat": str(int(url.seconds["heartbeat"])), "name": url.name or "jararaca"}
    return URL.build(
        scheme=url.scheme,
        user=url.user,
        password=url.password,
        host=url.host,
        port=url.port,
        path="/" + ("" if url.vhost == "/" else url.vhost.replace("/", "%2F")),
        query=query,
    )


def _tls(url: BrokerUrl) -> ssl.SSLContext | None:
    try:
        return tls_context(url)
    except BrokerTlsError as error:
        raise ConfigurationError(str(error)) from error
