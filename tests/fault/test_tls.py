"""amqps:// against a RabbitMQ that speaks TLS and asks its clients for certificates."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from jararaca import BrokerUnreachableError, Exchange, Queue, QueueBinding, Topology
from jararaca.transport import Delivery, Publication, Transport
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS

from tests.fault.certificates import Authority, Signed
from tests.fault.proxy import Proxy
from tests.support.brokers import missing
from tests.support.installations import Installation
from tests.support.nodes import Node, free_port

pytestmark = pytest.mark.broker
HOST = "127.0.0.1"
PATIENCE = 30
QUEUE = "tls"
COUNT = 300
LARGE = bytes(range(256)) * 2_000
"""More than one frame of AMQP, and many records of TLS."""

SETTINGS = """
listeners.ssl.1 = 127.0.0.1:{port}
ssl_options.cacertfile = {authority}
ssl_options.certfile = {certificate}
ssl_options.keyfile = {key}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
"""


@dataclass(frozen=True)
class Secured:
    """The node's TLS port, and what a client needs."""

    port: int
    authority: Path
    stranger: Path
    client: Signed

    def url(self, transport: str, port: int | None = None, **changed: object) -> str:
        """The broker URL of a client that has all it needs; `changed` None leaves out."""
        given: dict[str, object] = {
            "cafile": self.authority,
            "certfile": self.client.certificate,
            "keyfile": self.client.key,
            "transport": transport,
            **changed,
        }
        query = "&".join(f"{name}={value}" for name, value in given.items() if value is not None)
        return f"amqps://guest:guest@{HOST}:{port or self.port}/?{query}"


@pytest.fixture(scope="module")
def secured(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Secured]:
    if shutil.which("openssl") is None:
        missing("the command openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority(folder, "authority")
    server, port = authority.sign("server", HOST), free_port()
    settings = SETTINGS.format(
        port=port, authority=authority.certificate, certificate=server.certificate, key=server.key
    )
    node = Node(folder, installation, settings=settings)
    node.start()
    stranger = Authority(folder, "stranger").certificate
    yield Secured(port, authority.certificate, stranger, authority.sign("client", HOST))
    node.kill()


def topology() -> Topology:
    return Topology(
        (Exchange("jararaca", shared=True),),
        (Queue(QUEUE, arguments={"x-queue-type": "quorum"}),),
        (QueueBinding("jararaca", QUEUE, QUEUE),),
    )


async def connected(url: str) -> Transport:
    transport = transport_for(url)
    await transport.connect()
    await transport.declare(topology())
    return transport


async def carried(transport: Transport, bodies: list[bytes], incident: object = None) -> set[bytes]:
    """Publish and consume these; what came, each acked."""
    came: set[bytes] = set()
    everything = asyncio.Event()

    async def take(delivery: Delivery) -> None:
        await transport.ack(delivery)
        came.add(delivery.body)
        if came >= set(bodies):
            everything.set()

    consumer = await transport.consume(QUEUE, 50, take)
    half = len(bodies) // 2
    for part in (bodies[:half], bodies[half:]):
        publications = (Publication(QUEUE, body, mandatory=True) for body in part)
        publishing = asyncio.gather(*(transport.publish(each) for each in publications))
        if callable(incident):
            incident()
        await asyncio.wait_for(publishing, PATIENCE)
    await asyncio.wait_for(everything.wait(), PATIENCE)
    await consumer.cancel()
    return came


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_messages_of_all_sizes_go_and_come_over_tls(secured: Secured, name: str) -> None:
    transport = await connected(secured.url(name))
    bodies = [b"%d" % number for number in range(COUNT)] + [LARGE]
    assert await carried(transport, bodies) == set(bodies)
    await transport.close()


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_a_cut_connection_comes_back_over_tls(secured: Secured, name: str) -> None:
    proxy = Proxy(secured.port)
    await proxy.start()
    transport = await connected(secured.url(name, proxy.port))
    bodies = [b"cut %d" % number for number in range(COUNT)] + [LARGE]
    assert await carried(transport, bodies, proxy.cut) == set(bodies)
    await transport.close()
    await proxy.close()


@pytest.mark.parametrize("name", TRANSPORTS)
@pytest.mark.parametrize("wrong", ["a stranger's authority", "no certificate", "no TLS"])
async def test_who_cannot_prove_who_they_are_gets_one_clear_error(
    secured: Secured, name: str, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    match wrong:
        case "a stranger's authority":
            url = secured.url(name, cafile=secured.stranger)
        case "no certificate":
            url = secured.url(name, certfile=None, keyfile=None)
        case _:
            url = f"amqp://guest:guest@{HOST}:{secured.port}/?transport={name}&connection_timeout=3"
    transport = transport_for(url)
    with pytest.raises(BrokerUnreachableError) as raised:
        await asyncio.wait_for(transport.connect(), PATIENCE)
    await transport.close()
    told = str(raised.value)
    assert f"{HOST}:{secured.port}" in told
    assert "guest:guest" not in told + caplog.text
    if wrong == "a stranger's authority":
        assert "the certificate is not accepted" in told
