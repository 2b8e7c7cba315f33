"""Listening over TLS: with an authority of one's own, and a certificate where the broker asks."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aio_pika
import pytest
from jararaca_compiler.listening.broker.describing import describe
from jararaca_compiler.listening.broker.description import BrokerDescription
from jararaca_compiler.listening.broker.management import Management
from jararaca_compiler.listening.choosing import Ear, Key, choose
from jararaca_compiler.listening.ears import Ears
from jararaca_compiler.listening.errors import ListeningError
from jararaca_shared.broker_url import BrokerUrl, parse_broker_url

from tests.fault.certificates import Authority, Signed
from tests.fault.test_tls import SETTINGS
from tests.listening.test_ears import heard_until, publishing
from tests.support.brokers import missing
from tests.support.installations import installed
from tests.support.nodes import Node, free_port

pytestmark = pytest.mark.broker
HOST = "127.0.0.1"
MANAGED = """
management.ssl.ip = 127.0.0.1
management.ssl.port = {port}
management.ssl.cacertfile = {authority}
management.ssl.certfile = {certificate}
management.ssl.keyfile = {key}
management.ssl.verify = verify_peer
management.ssl.fail_if_no_peer_cert = true
"""


@dataclass(frozen=True)
class Secured:
    """A node whose ports for TLS ask for certificates; its plain port is for the publisher."""

    node: Node
    port: int
    management_port: int
    authority: Path
    client: Signed

    def url(self, **changed: object) -> BrokerUrl:
        given: dict[str, object] = {
            "cafile": self.authority,
            "certfile": self.client.certificate,
            "keyfile": self.client.key,
            **changed,
        }
        query = "&".join(f"{name}={value}" for name, value in given.items() if value is not None)
        return parse_broker_url(f"amqps://guest:guest@{HOST}:{self.port}/?{query}")

    @property
    def management_url(self) -> str:
        return f"https://{HOST}:{self.management_port}"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    if shutil.which("openssl") is None:
        missing("the command openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority(folder, "authority")
    server, port, managed = authority.sign("server", HOST), free_port(), free_port()
    named = {
        "authority": authority.certificate,
        "certificate": server.certificate,
        "key": server.key,
    }
    settings = SETTINGS.format(port=port, **named) + MANAGED.format(port=managed, **named)
    node = Node(folder, installed(), settings=settings, plugins=("rabbitmq_management",))
    try:
        node.start()
        client = authority.sign("client", HOST)
        yield Secured(node, port, managed, authority.certificate, client)
    finally:
        node.kill()


async def test_ears_and_the_management_api_use_the_certificates_of_the_broker_url(
    secured: Secured,
) -> None:
    url = secured.url()
    management = Management.of(url, secured.management_url)
    async with publishing(secured.node.url) as channel:
        exchange = await channel.declare_exchange("orders", "topic")
        async with asyncio.timeout(60):
            while (broker := await described(url, management)) is None:
                await asyncio.sleep(0.5)
        async with Ears(url, choose(broker, ["orders"]).ears, management=management) as ears:
            await exchange.publish(aio_pika.Message(b"1"), "x")
            [message] = await heard_until(ears, bool)
    assert message.body == b"1" and ears.counts.dropped == 0


async def described(url: BrokerUrl, management: Management) -> BrokerDescription | None:
    """The broker; None while the plugin is still starting."""
    try:
        return await describe(url, management)
    except ListeningError as error:
        if "refused" in str(error):
            return None
        raise


@pytest.mark.parametrize("left_out", ["cafile", "certfile"])
async def test_without_one_of_them_one_error_says_where_it_could_not_go(
    secured: Secured, left_out: str
) -> None:
    changed = {left_out: None} if left_out == "cafile" else {"certfile": None, "keyfile": None}
    url = secured.url(**changed)
    with pytest.raises(ListeningError, match=f"no connection to .*{secured.port}"):
        async with Ears(url, [Ear("orders", (Key("#"),), is_whole=True)]):
            pass
    # The management API asks for the same.
    management = Management.of(url, secured.management_url)
    with pytest.raises(ListeningError, match="does not answer"):
        await describe(url, management)
