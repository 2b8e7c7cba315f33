"""A stranger with an account of its own: what RabbitMQ's word on accounts keeps it from."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import aiormq
import pytest
from aiormq.exceptions import ChannelPreconditionFailed
from jararaca import AccessRefusedError, Queue, Topology
from jararaca.contract import headers
from jararaca.transport import Properties, Publication, Terms
from jararaca.transport.connect import transport_for

from tests.conformance.test_strangers import Service, serving
from tests.support.brokers import Broker, delete_queues, missing

pytestmark = pytest.mark.broker
FORGED: dict[str, Any] = {
    headers.ATTEMPT: 2**62,
    headers.TOPIC: "of.others",
    headers.CARRIED: "tenant",
}


@pytest.fixture
def stranger_url(each_broker: Broker) -> Iterator[str]:
    """The broker, for an account that may write anywhere, and configure the ends of delays."""
    parts = urlsplit(each_broker.url)
    vhost, name = unquote(parts.path[1:]) or "/", f"stranger-{uuid4().hex[:8]}"
    if not each_broker.administer("add_user", name, "secret"):
        missing("nobody may add an account here")
    each_broker.administer("set_permissions", "-p", vhost, name, ".*", ".*", ".*")
    yield f"amqp://{name}:secret@{parts.hostname}:{parts.port or 5672}{parts.path}"
    each_broker.administer("delete_user", name)


async def test_nobody_publishes_under_the_account_of_another(
    scratch_broker_url: str, stranger_url: str
) -> None:
    connection = await aiormq.connect(stranger_url)
    channel = await connection.channel()
    properties = aiormq.spec.Basic.Properties(user_id="guest", headers=FORGED)
    with pytest.raises(ChannelPreconditionFailed, match="user_id"):
        await channel.basic_publish(b"{}", exchange="", routing_key="any", properties=properties)
    await connection.close()


async def test_the_tag_impersonator_is_what_pretends_to_be_another(
    each_broker: Broker, scratch_broker_url: str, stranger_url: str
) -> None:
    """Why nobody should have it: with the tag RabbitMQ itself lets any name through."""
    own = urlsplit(scratch_broker_url).username
    each_broker.administer("set_user_tags", urlsplit(stranger_url).username or "", "impersonator")
    async with serving(scratch_broker_url) as service:
        stranger = transport_for(stranger_url)
        await stranger.connect()
        await stranger.publish(
            Publication(
                service.name,
                b'{"fails":false}',
                "",
                Properties(type="Placed"),
                {headers.TOPIC: "of.others"},
                terms=Terms(user_id=own),
            )
        )
        assert (await service.outcome()).outcome == "handled"
        assert [each.topic for each in service.seen] == ["of.others"]
        await stranger.close()


async def test_headers_that_are_not_believed_are_told_once_for_each_account(
    scratch_broker_url: str, stranger_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(scratch_broker_url) as service:
        stranger = transport_for(stranger_url)
        await stranger.connect()
        for _ in range(3):
            await stranger.publish(
                Publication(
                    service.name,
                    b'{"fails":false}',
                    "",
                    Properties(type="Placed"),
                    FORGED,
                    signed=True,
                )
            )
            assert (await service.outcome()).outcome == "handled"
        await stranger.close()
    told = [each for each in caplog.messages if "are not believed (told once)" in each]
    assert len(told) == 1
    assert f"trusted_users={urlsplit(stranger_url).username}" in told[0]


@pytest.mark.parametrize("transport", ["fast", "plain"])
async def test_what_a_stranger_signs_with_its_own_account_is_not_believed_until_it_is_trusted(
    scratch_broker_url: str, stranger_url: str, transport: str
) -> None:
    name = urlsplit(stranger_url).username
    for trusted, topics in (("", None), (f"&trusted_users={name}", "of.others")):
        url = f"{scratch_broker_url}?transport={transport}{trusted}"
        async with serving(url) as service:
            stranger = transport_for(f"{stranger_url}?transport={transport}")
            await stranger.connect()
            signed = Publication(
                service.name,
                b'{"fails":false}',
                "",
                Properties(type="Placed"),
                {headers.TOPIC: "of.others"},
                signed=True,
            )
            await stranger.publish(signed)
            assert (await service.outcome()).outcome == "handled"
            assert [each.topic for each in service.seen] == [topics or service.name]
            await stranger.close()


async def test_a_message_that_a_neighbour_delays_keeps_its_topic_and_nothing_else(
    scratch_broker_url: str, stranger_url: str
) -> None:
    async with serving(scratch_broker_url) as service:
        neighbour = transport_for(stranger_url)
        await neighbour.connect()
        for seconds in (0.1, 0.2):
            await delayed(service, neighbour, seconds)
        assert [(each.topic, each.attempt) for each in service.seen] == [(service.topic, 1)] * 2
        await neighbour.close()


async def delayed(service: Service, neighbour: object, seconds: float = 0.1) -> None:
    """Delay a message to the service's topic, with a forged attempt; return when it is handled.

    The last level that keeps it hands it over: that of tenths of a second, or one above it.
    """
    publication = Publication(
        service.topic,
        b'{"fails":false}',
        "jararaca",
        Properties(type="Placed"),
        {headers.ATTEMPT: 7},
        delay=seconds,
    )
    await neighbour.publish(publication)  # type: ignore[attr-defined]
    async with asyncio.timeout(20):
        assert (await service.outcome()).outcome == "handled"


@pytest.mark.parametrize("transport", ["fast", "plain"])
async def test_a_publication_under_the_account_of_another_is_refused_alone(
    scratch_broker_url: str, stranger_url: str, transport: str
) -> None:
    """The broker closes the channel over it, under all that others publish there."""
    queue = f"names-{uuid4().hex[:8]}"
    owner = transport_for(scratch_broker_url)
    await owner.connect()
    await owner.declare(Topology(queues=(Queue(queue),)))
    sender = transport_for(f"{stranger_url}?transport={transport}")
    await sender.connect()
    pretending = Publication(queue, b"{}", "", terms=Terms(user_id="guest"))
    neighbours = [sender.publish(Publication(queue, b"%d" % n, "")) for n in range(20)]
    refused, *arrived = await asyncio.gather(
        sender.publish(pretending), *neighbours, return_exceptions=True
    )
    assert isinstance(refused, AccessRefusedError), refused
    assert arrived == [None] * 20
    bodies = set[bytes]()
    async with asyncio.timeout(20):
        while len(bodies) < 20:
            delivery = await owner.fetch(queue)
            if delivery is not None:
                bodies.add(delivery.body)
                await owner.ack(delivery)
    assert bodies == {b"%d" % n for n in range(20)}
    await sender.close()
    await owner.close()
    await delete_queues(scratch_broker_url, queue)
