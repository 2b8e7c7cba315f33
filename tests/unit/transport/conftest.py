"""A server of AMQP within the test, and reconnecting without pauses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from jararaca.transport.amqp.transport import AmqpTransport
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS

from tests.support.amqp_server import AmqpServer, amqp_server


@pytest.fixture
async def server() -> AsyncIterator[AmqpServer]:
    async with amqp_server() as served:
        yield served


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for seconds in production waits for thousandths."""
    monkeypatch.setattr("jararaca.transport.amqp.backoff.FIRST", 0.001)
    monkeypatch.setattr("jararaca.transport.amqp.connection.WATCH_SECONDS", 0.005)


Connect = Callable[..., Awaitable[AmqpTransport]]


@pytest.fixture(params=TRANSPORTS)
def over(request: pytest.FixtureRequest) -> str:
    """The name of each transport of AMQP."""
    return str(request.param)


@pytest.fixture
async def connect(server: AmqpServer, over: str) -> AsyncIterator[Connect]:
    """Gives a transport that is connected to the server; `more` are parameters of its URL."""
    made: list[AmqpTransport] = []

    async def connected(more: str = "") -> AmqpTransport:
        transport = transport_for(server.url(over, more))
        assert isinstance(transport, AmqpTransport)
        made.append(transport)
        await transport.connect()
        return transport

    yield connected
    for each in made:
        await each.close()
