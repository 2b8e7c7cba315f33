"""The ears hear what others publish, say what they missed, and take nothing from anybody."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelLockedResource, ChannelNotFoundEntity
from jararaca_compiler.listening.broker.probing import probe
from jararaca_compiler.listening.choosing import Ear, Key
from jararaca_compiler.listening.ear_queue import Bounds
from jararaca_compiler.listening.ears import Ears, Listening
from jararaca_compiler.listening.errors import ListeningError
from jararaca_compiler.listening.heard import HeardMessage
from jararaca_shared.broker_url import BrokerUrl, parse_broker_url
from pamqp import constants

from tests.fault.proxy import Proxy
from tests.support.brokers import Broker

pytestmark = pytest.mark.broker
WHOLE = {
    "topic": Key("#"),
    "fanout": Key(),
    "headers": Key("", {"x-match": "all"}),
    "direct": Key("a.b"),
}


@pytest.fixture
def url(scratch_broker_url: str) -> BrokerUrl:
    return parse_broker_url(scratch_broker_url)


@asynccontextmanager
async def publishing(url: str) -> AsyncIterator[AbstractChannel]:
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        yield channel


async def heard_until(
    ears: Ears, enough: Callable[[list[HeardMessage]], bool]
) -> list[HeardMessage]:
    found: list[HeardMessage] = []
    async with asyncio.timeout(60):
        async for message in ears:
            found.append(message)
            if enough(found):
                ears.stop()
    return found


@pytest.mark.parametrize("kind", WHOLE)
async def test_each_type_of_exchange_is_heard_with_all_that_its_publisher_sent(
    scratch_broker_url: str, url: BrokerUrl, kind: str
) -> None:
    name = f"heard-{kind}"
    async with publishing(scratch_broker_url) as channel:
        exchange = await channel.declare_exchange(name, kind)
        sent = aio_pika.Message(
            b"{}",
            headers={"tenant": "acme", "n": 3},
            content_type="application/json",
            type="order",
            app_id="shop",
            timestamp=datetime(2026, 1, 2, tzinfo=UTC),
        )
        async with Ears(url, [Ear(name, (WHOLE[kind],), is_whole=True)]) as ears:
            await exchange.publish(sent, "a.b")
            [message] = await heard_until(ears, bool)
    assert (message.exchange, message.routing_key, message.body) == (name, "a.b", b"{}")
    assert message.headers == {"tenant": "acme", "n": 3}
    assert (message.properties.type, message.properties.app_id) == ("order", "shop")
    assert message.properties.timestamp == datetime(2026, 1, 2, tzinfo=UTC)
    assert ears.counts.heard == 1 and ears.counts.dropped == 0


async def test_an_exchange_of_any_name_is_heard(
    scratch_broker_url: str, url: BrokerUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "são 'paulo'\x1b[2J"
    # pamqp refuses it: whoever publishes here does not ask it, and the ears have to see to it.
    monkeypatch.setitem(constants.DOMAIN_REGEX, "exchange-name", re.compile(".*", re.DOTALL))
    async with publishing(scratch_broker_url) as channel:
        exchange = await channel.declare_exchange(name, "topic")
        monkeypatch.setitem(constants.DOMAIN_REGEX, "exchange-name", re.compile("[a-z]*"))
        async with Ears(url, [Ear(name, (Key("#"),), is_whole=True)]) as ears:
            await exchange.publish(aio_pika.Message(b"{}"), "a.b")
            [message] = await heard_until(ears, bool)
    assert (message.exchange, message.routing_key) == (name, "a.b")


async def test_a_message_that_comes_by_two_exchanges_is_heard_once(
    scratch_broker_url: str, url: BrokerUrl
) -> None:
    async with publishing(scratch_broker_url) as channel:
        first = await channel.declare_exchange("first", "topic")
        second = await channel.declare_exchange("second", "fanout")
        await second.bind(first, "#")
        ears = [Ear("first", (Key("#"),), True), Ear("second", (Key(),), True)]
        async with Ears(url, ears) as listening:
            await first.publish(aio_pika.Message(b"1"), "x")
            await second.publish(aio_pika.Message(b"2"), "x")
            found = await heard_until(listening, lambda heard: len(heard) == 2)
    assert sorted((each.exchange, each.body) for each in found) == [
        ("first", b"1"),
        ("second", b"2"),
    ]


async def test_the_ears_queue_is_bounded_drops_its_oldest_and_goes_with_its_connection(
    scratch_broker: Broker, scratch_broker_url: str, url: BrokerUrl
) -> None:
    async with publishing(scratch_broker_url) as channel:
        await channel.declare_exchange("bounded", "topic")
        async with Ears(url, [Ear("bounded", (Key("#"),), True)]) as ears:
            [queue] = ears._queues
            with pytest.raises(ChannelLockedResource):
                await channel.declare_queue(queue.name, passive=True)
    arguments = Bounds().arguments("name")
    assert arguments["x-overflow"] == "drop-head" and arguments["x-max-length"] == 10_000
    assert {"x-max-length-bytes", "x-message-ttl", "x-expires"} < arguments.keys()
    async with publishing(scratch_broker_url) as channel:
        with pytest.raises(ChannelNotFoundEntity):
            await channel.declare_queue(queue.name, passive=True)


async def test_what_does_not_fit_is_told_as_unknown_where_nobody_can_count_it(
    scratch_broker_url: str, url: BrokerUrl
) -> None:
    bounds = Bounds(messages=100, prefetch=10)
    async with publishing(scratch_broker_url) as channel:
        exchange = await channel.declare_exchange("flood", "topic")
        ears = Ears(url, [Ear("flood", (Key("#"),), True)], Listening(bounds=bounds))
        async with ears:
            for number in range(500):  # Nobody takes one: 390 have to go.
                await exchange.publish(aio_pika.Message(b"%d" % number), "x")
            found = await heard_until(ears, lambda heard: heard[-1].body == b"499")
    assert ears.counts.heard == len(found) == 110
    assert ears.counts.dropped is None


async def test_a_slow_flow_is_known_to_be_whole(scratch_broker_url: str, url: BrokerUrl) -> None:
    bounds = Bounds(messages=100, prefetch=10)
    async with publishing(scratch_broker_url) as channel:
        exchange = await channel.declare_exchange("slow", "topic")
        ears = Ears(url, [Ear("slow", (Key("#"),), True)], Listening(bounds=bounds))
        found: list[HeardMessage] = []
        async with ears:
            await exchange.publish(aio_pika.Message(b"0"), "x")
            async for message in ears:
                found.append(message)
                if len(found) == 500:
                    ears.stop()
                elif len(found) < 500:
                    await exchange.publish(aio_pika.Message(b"%d" % len(found)), "x")
    assert len(found) == 500 and ears.counts.dropped == 0


async def test_an_exchange_that_is_refused_is_named_and_the_others_are_heard(
    scratch_broker_url: str, url: BrokerUrl
) -> None:
    async with publishing(scratch_broker_url) as channel:
        exchange = await channel.declare_exchange("there", "topic")
        ears = [Ear("gone", (Key("#"),), True), Ear("there", (Key("#"),), True)]
        async with Ears(url, ears) as listening:
            await exchange.publish(aio_pika.Message(b"1"), "x")
            found = await heard_until(listening, bool)
    assert len(found) == 1 and "no exchange 'gone'" in listening.refused["gone"]
    with pytest.raises(ListeningError, match="no exchange 'gone'"):
        async with Ears(url, [Ear("gone", (Key("#"),), True)]):
            pass


async def test_a_lost_connection_is_made_again_and_its_gap_is_counted(
    scratch_broker_url: str, url: BrokerUrl
) -> None:
    proxy = Proxy(url.port)
    await proxy.start()
    async with publishing(scratch_broker_url) as channel:
        exchange = await channel.declare_exchange("again", "topic")
        there = replace(url, host="127.0.0.1", port=proxy.port)
        async with Ears(there, [Ear("again", (Key("#"),), True)]) as ears:
            await exchange.publish(aio_pika.Message(b"before"), "x")
            found: list[bytes] = []
            async for message in ears:
                found.append(message.body)
                if message.body == b"after":
                    ears.stop()
                else:
                    proxy.cut()
                    async with asyncio.timeout(60):
                        while not ears.counts.deaf_seconds:
                            await asyncio.sleep(0.05)
                    await exchange.publish(aio_pika.Message(b"after"), "x")
    await proxy.close()
    assert found == [b"before", b"after"]
    assert ears.counts.deaf_seconds > 0


async def test_a_share_of_the_time_is_heard_and_nothing_between(
    scratch_broker_url: str, url: BrokerUrl
) -> None:
    async with publishing(scratch_broker_url) as channel:
        exchange = await channel.declare_exchange("share", "topic")
        listening = Listening(seconds=2.0, sample=0.4)
        sent = 0
        async with Ears(url, [Ear("share", (Key("#"),), True)], listening) as ears:
            found = asyncio.create_task(heard_until(ears, lambda _: False))
            while not found.done():
                await exchange.publish(aio_pika.Message(b"x"), "x")
                sent += 1
        heard = len(await found)
    assert 0 < heard < sent
    assert 0 < ears.counts.open_seconds < 2.0 and ears.counts.dropped == 0


async def test_types_of_exchanges_are_found_without_the_management_api(
    scratch_broker_url: str, url: BrokerUrl
) -> None:
    async with publishing(scratch_broker_url) as channel:
        for kind in WHOLE:
            await channel.declare_exchange(f"probed-{kind}", kind, durable=kind != "topic")
        found = await probe(url, [f"probed-{kind}" for kind in WHOLE])
        with pytest.raises(ListeningError, match="no exchange 'none'"):
            await probe(url, ["none"])
        for kind in WHOLE:
            await channel.exchange_delete(f"probed-{kind}")
    assert [each.type for each in found.exchanges] == list(WHOLE)
