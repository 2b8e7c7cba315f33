"""What precedes a connection's end over a frame is sent once: again, it would end the next one."""

from __future__ import annotations

import asyncio

import pytest
from jararaca import PublishNackedError
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS

from tests.support.scripted_broker import ScriptedBroker, scripted_broker

PATIENCE = 20


async def publish(broker: ScriptedBroker, transport: str, *bodies: bytes) -> list[object]:
    """What becomes of publications that go out together, and of one behind them."""
    url = f"amqp://guest:guest@127.0.0.1:{broker.port}/?transport={transport}"
    sender = transport_for(url)
    await sender.connect()
    try:
        async with asyncio.timeout(PATIENCE):
            outcomes: list[object] = await asyncio.gather(
                *(sender.publish(Publication("any", each)) for each in bodies),
                return_exceptions=True,
            )
            await sender.publish(Publication("any", b"afterwards"))
    finally:
        await sender.close()
    return outcomes


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("code", [501, 502, 505, 541])
async def test_a_publication_that_ends_its_connection_is_not_sent_again(
    transport: str, code: int
) -> None:
    async with scripted_broker() as broker:
        (refused,) = await publish(broker, transport, b"%d" % code)
        assert isinstance(refused, PublishNackedError), refused
        assert "not sent again" in str(refused)
        assert broker.received == [b"%d" % code, b"afterwards"]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_one_that_is_cut_off_for_another_reason_is_sent_again(transport: str) -> None:
    async with scripted_broker() as broker:
        broker_closes_once = b"320"
        url = f"amqp://guest:guest@127.0.0.1:{broker.port}/?transport={transport}"
        sender = transport_for(url)
        await sender.connect()
        publishing = asyncio.ensure_future(sender.publish(Publication("any", broker_closes_once)))
        async with asyncio.timeout(PATIENCE):
            while len(broker.received) < 2:
                await asyncio.sleep(0.02)
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
        await sender.close()
