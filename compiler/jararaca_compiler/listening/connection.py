"""A connection of the ears' to a broker: dialled by URL, over TLS as the runtime's."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

from jararaca_shared.broker_tls import BrokerTlsError, tls_context
from jararaca_shared.broker_url import AMQP, BrokerUrl
from jararaca_shared.network_errors import reason_of

from jararaca_compiler.listening.errors import ListeningError
from jararaca_compiler.listening.losing import unless_lost

if TYPE_CHECKING:
    from aio_pika.abc import AbstractConnection

NAME = "jararaca ears"
CLOSE_SECONDS = 5.0
QUIET = {"aio_pika": logging.CRITICAL, "aiormq": logging.CRITICAL}
"""What a connection goes through is told by us."""


async def dial(url: BrokerUrl) -> AbstractConnection:
    """A connection to the first host that answers. Raises ListeningError."""
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
    if url.scheme not in AMQP:
        raise ListeningError(f"{url.shown} has no messages to listen to: give amqp:// or amqps://")
    *others, last = url.hosts
    for host in others:
        try:
            return await _dial(host)
        except ListeningError:
            continue
    return await _dial(last)


async def _dial(url: BrokerUrl) -> AbstractConnection:
    import aio_pika
    from aiormq.exceptions import AMQPError

    _take_any_name()
    tls = _tls(url)
    try:
        async with asyncio.timeout(url.seconds["connection_timeout"]):
            return await aio_pika.connect(
                host=url.host,
                port=url.port,
                login=url.user,
                password=url.password,
                virtualhost=url.vhost,
                ssl=tls is not None,
                ssl_context=tls,
                client_properties={"connection_name": url.name or NAME},
                heartbeat=int(url.seconds["heartbeat"]),
            )
    except (AMQPError, OSError) as error:
        raise _unreachable(url, said(error)) from error


def _take_any_name() -> None:
    """RabbitMQ has exchanges of every name; pamqp refuses letters with accents, quotes and more."""
    from pamqp import constants

    for kind in ("exchange-name", "queue-name"):
        constants.DOMAIN_REGEX[kind] = re.compile(".*", re.DOTALL)


def _unreachable(url: BrokerUrl, why: str) -> ListeningError:
    return ListeningError(
        f"no connection to {url.shown} as {url.user!r} ({why}): is RabbitMQ running, and are the "
        "URL, the account and the virtual host correct?"
    )


def is_gone(connection: AbstractConnection) -> bool:
    """Whether it has ended, by whomever: aio-pika's own answer tells whether `close` was called."""
    below = connection.transport
    return connection.is_closed or below is None or below.connection.is_closed


async def hang_up(connection: AbstractConnection) -> None:
    """Close, whether the broker answers or not: aio-pika's own close waits without end."""
    if is_gone(connection):
        return
    with unless_lost(), suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await connection.close()


def said(error: BaseException) -> str:
    """What an error says, on one line."""
    reason = reason_of(error.__cause__ or error) or reason_of(error)
    if reason is not None:
        return reason
    told = ", ".join(str(part) for part in error.args if part not in (None, "")) or repr(error)
    return " ".join(told.split())


def _tls(url: BrokerUrl) -> ssl.SSLContext | None:
    try:
        return tls_context(url)
    except BrokerTlsError as error:
        raise ListeningError(str(error)) from error
