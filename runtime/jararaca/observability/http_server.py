"""A tiny HTTP server for probes and metrics: GET, one answer a connection, on this loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from jararaca_shared.local_hosts import is_local_host

from jararaca.errors import ConfigurationError
from jararaca.printable import logger_named

logger = logger_named("jararaca.http")

WORKER_NUMBER = "JARARACA_WORKER_NUMBER"
"""Which of the processes of `jararaca worker --workers N` this is, from 1."""

LISTEN_HOST = "LISTEN_HOST"
"""The address that probes and metrics listen on where the application names none."""

PATIENCE = 5.0
"""Seconds that a client gets to send its request, and as many to take the answer."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOST_BYTES = 16_384
REASONS = {
    200: "OK",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; the body is text unless it says otherwise."""

    body: bytes
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"


Page = Callable[[Mapping[str, str]], Awaitable[Answer]]
"""Answers a GET, given the request's headers by their lower-case names."""


def port_of(port: int) -> int:
    """The port of this process: that of the first worker, and one more for each after it."""
    return port + int(os.environ.get(WORKER_NUMBER, "1")) - 1 if port else 0


def host_of(host: str | None) -> str:
    """The address to listen on: as given, else as the environment says, else this machine only."""
    return host or os.environ.get(LISTEN_HOST) or "127.0.0.1"


class SmallServer:
    """Serves `pages` by their paths. `port` 0 takes a free one, which `port` then names.

    On this machine alone (a loopback `host`) it answers requests that name this machine: a web page
    that has its own name lead here reads nothing.
    """

    def __init__(self, pages: Mapping[str, Page], host: str, port: int) -> None:
        self._pages = pages
        self._host = host
        self.port = port
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises ConfigurationError where the port is taken."""
        try:
            self._server = await asyncio.start_server(
                self._serve, self._host, self.port, limit=MOST_BYTES
            )
        except OSError as error:
            raise ConfigurationError(
                f"cannot listen on port {self.port} ({error.strerror}): choose another"
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
            answer, with_body = await self._answer(head.decode("latin-1"))
            writer.write(_head(answer) + (answer.body if with_body else b""))
            async with asyncio.timeout(PATIENCE):
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # To close it would wait for a client that takes nothing, and keep its answer.
            writer.transport.abort()
        finally:
            writer.close()

    async def _answer(self, head: str) -> tuple[Answer, bool]:
        first, *lines = head.split("\r\n")
        method, _, rest = first.partition(" ")
        pairs = (line.partition(":") for line in lines if line)
        given = [(name.strip().lower(), value.strip()) for name, _, value in pairs]
        hosts = [value for name, value in given if name == "host"]
        if self._host in LOOPBACK and hosts and not is_local_host(hosts):
            return Answer(b"only this machine's own names are answered: set host=\n", 403), True
        page = self._pages.get(rest.partition(" ")[0].partition("?")[0])
        if page is None:
            listed = ", ".join(sorted(self._pages))
            return Answer(f"there is {listed}\n".encode(), 404), method != "HEAD"
        if method not in ("GET", "HEAD"):
            return Answer(b"GET it\n", 405), True
        try:
            return await page(dict(given)), method != "HEAD"
        except Exception:
            logger.exception("the request %s failed", first)
            return Answer(b"an error: see the log\n", 503), method != "HEAD"


def _head(answer: Answer) -> bytes:
    return (
        f"HTTP/1.1 {answer.status} {REASONS[answer.status]}\r\n"
        f"Content-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\n"
        "Connection: close\r\n\r\n"
    ).encode()
