"""What a broker refuses is told in our words: what is wrong, and what to do."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from urllib.parse import urlsplit
from uuid import uuid4

import aiormq
import pytest
from jararaca import AccessRefusedError, BrokerError, BrokerUnreachableError, Queue, Topology
from jararaca.operations.doctor import rights
from jararaca.transport import Transport
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS, with_transport

from tests.support.brokers import Broker, missing

pytestmark = pytest.mark.broker


@pytest.fixture(params=TRANSPORTS)
def url(each_broker: Broker, request: pytest.FixtureRequest) -> str:
    """Each broker over each transport."""
    return with_transport(each_broker.url, request.param)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Transport]:
    transport = transport_for(url)
    await transport.connect()
    yield transport
    await transport.close()


def at(url: str, vhost: str) -> str:
    return urlsplit(url)._replace(path=f"/{vhost}").geturl()


async def takes_transient(url: str, name: str) -> bool:
    """Whether another client could declare such a queue; it is deleted again."""
    connection = await aiormq.connect(url.partition("?")[0])
    channel = await connection.channel()
    with suppress(aiormq.exceptions.AMQPError, asyncio.CancelledError, TimeoutError):
        async with asyncio.timeout(5):
            await channel.queue_declare(name, durable=False)
            await channel.queue_delete(name)
            await connection.close()
        return True
    return False


async def test_a_virtual_host_that_is_missing_is_named_with_the_command_that_makes_it(
    url: str,
) -> None:
    with pytest.raises(AccessRefusedError, match=r"no virtual host 'nothere'.*add_vhost nothere"):
        await transport_for(at(url, "nothere")).connect()


async def test_a_virtual_host_that_is_forbidden_is_named_with_the_command_that_allows_it(
    url: str, each_broker: Broker
) -> None:
    vhost = f"forbidden-{uuid4().hex[:8]}"
    if not each_broker.administer("add_vhost", vhost):
        missing("nobody may make a virtual host here")
    each_broker.administer("clear_permissions", "-p", vhost, "guest")
    try:
        with pytest.raises(AccessRefusedError, match=rf"'guest' may not use .*{vhost}.*set_perm"):
            await transport_for(at(url, vhost)).connect()
    finally:
        each_broker.administer("delete_vhost", vhost)


@contextmanager
def limited(broker: Broker, limits: str) -> Iterator[str]:
    """A virtual host with such limits."""
    vhost = f"limited-{uuid4().hex[:8]}"
    if not broker.administer("add_vhost", vhost):
        missing("nobody may make a virtual host here")
    broker.administer("set_permissions", "-p", vhost, "guest", ".*", ".*", ".*")
    broker.administer("set_vhost_limits", "-p", vhost, limits)
    try:
        yield vhost
    finally:
        broker.administer("delete_vhost", vhost)


async def test_a_limit_on_connections_is_told_as_one(url: str, each_broker: Broker) -> None:
    refused = pytest.raises(BrokerError, match=r"connection limit.*set_vhost_limits")
    with limited(each_broker, '{"max-connections": 0}') as vhost, refused as told:
        await transport_for(at(url, vhost)).connect()
    assert not isinstance(told.value, AccessRefusedError), "no right lacks"


async def test_doctor_takes_a_limit_on_connections_for_no_lack_of_rights(
    url: str, each_broker: Broker
) -> None:
    """The publishing connection is the one that there may be."""
    with limited(each_broker, '{"max-connections": 1}') as vhost:
        async with connected(at(url, vhost)) as transport:
            found = await rights(transport)
    assert (found.state, "connection limit" in found.found) == ("bad", True)


async def test_a_limit_on_queues_is_told_as_one_with_what_to_do(
    url: str, each_broker: Broker
) -> None:
    queues = tuple(Queue(f"limited-{n}", arguments={"x-queue-type": "classic"}) for n in range(3))
    with limited(each_broker, '{"max-queues": 2}') as vhost:
        async with connected(at(url, vhost)) as transport:
            with pytest.raises(
                BrokerError, match=r"queue limit.* \(2\) .*: raise it .*topology plan"
            ):
                await transport.declare(Topology(queues=queues))


async def test_a_limit_on_channels_is_told_as_one(
    url: str, each_broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    name, parts = f"limited-{uuid4().hex[:8]}", urlsplit(url)
    if not each_broker.administer("add_user", name, "secret"):
        missing("nobody may add an account here")
    each_broker.administer("set_permissions", "-p", parts.path[1:] or "/", name, ".*", ".*", ".*")
    each_broker.administer("set_user_limits", name, '{"max-channels": 0}')
    try:
        at_port = f"{name}:secret@{parts.hostname}:{parts.port or 5672}"
        async with connected(parts._replace(netloc=at_port).geturl()) as transport:
            with pytest.raises(BrokerError, match=r"channels.* limit of .*0.*set_user_limits"):
                await transport.declare(Topology(queues=(Queue(name),)))
        gc.collect()
        assert "never retrieved" not in caplog.text, "it was told already"
    finally:
        each_broker.administer("delete_user", name)


async def test_a_queue_that_another_connection_has_for_itself_is_no_lost_connection(
    url: str,
) -> None:
    queue = Queue(f"locked-{uuid4().hex[:8]}", durable=False, exclusive=True)
    async with connected(url) as first, connected(url) as second:
        await first.declare(Topology(queues=(queue,)))
        with pytest.raises(BrokerError, match=rf"{queue.name}.* belongs to one connection") as told:
            await second.declare(Topology(queues=(queue,)))
        assert not isinstance(told.value, BrokerUnreachableError)


async def test_a_transient_queue_that_the_broker_refuses_is_no_lost_connection(url: str) -> None:
    queue = Queue(f"transient-{uuid4().hex[:8]}", durable=False)
    if await takes_transient(url, queue.name):
        pytest.skip("this RabbitMQ takes transient queues: one up to 4.2, or Debian's")
    async with connected(url) as transport:
        with pytest.raises(BrokerError, match="refuses queues with `durable: false`") as told:
            await transport.declare(Topology(queues=(queue,)))
        assert not isinstance(told.value, BrokerUnreachableError)


async def test_doctor_tries_its_rights_with_a_queue_that_every_broker_takes(url: str) -> None:
    async with connected(url) as transport:
        assert (await rights(transport)).state == "good"
