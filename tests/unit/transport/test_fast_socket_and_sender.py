"""The socket beneath, and publishing on it: refusals, a full socket, what cannot be sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from jararaca import PublishParameterError, PublishTimeoutError
from jararaca.transport import Properties, Publication
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.fast.sender import FastSender
from jararaca.transport.amqp.fast.socket import FastSocket, OwnChannel
from jararaca.transport.amqp.fast.wire import frames
from jararaca.transport.amqp.fast.wire.decoder import Decoder
from jararaca.transport.limits import DIRECT_REPLY_TO
from pamqp import commands

from tests.support.amqp_server import AmqpServer, closing
from tests.unit.transport.conftest import Connect

OK = frames.method(commands.Channel.OpenOk(), 1)
WRONG_PASSWORD = frames.method(closing(403, "ACCESS_REFUSED"), 0)


@pytest.fixture
def over() -> str:
    return "fast"


@pytest.fixture
async def socket() -> FastSocket:
    return FastSocket(asyncio.get_running_loop())


class Channel:
    """A channel of ours that keeps its methods."""

    number = 7

    def __init__(self) -> None:
        self.methods: list[bytes] = []
        self.ends = 0

    def on_method(self, method: bytes) -> None:
        self.methods.append(method)

    def on_content(self, method: bytes, content: bytes, body: bytes) -> None:
        raise AssertionError

    on_delivery = on_content

    def lost(self) -> None:
        self.ends += 1


@pytest.mark.parametrize("code", [320, 402, 404, 530])
@pytest.mark.parametrize("before", [0, 1, 2])
@pytest.mark.parametrize("after", [0, 1])
async def test_why_the_broker_refuses_a_connection_is_noted_wherever_it_stands(
    socket: FastSocket, code: int, before: int, after: int
) -> None:
    refusal = frames.method(closing(code, "because of this"), 0)
    socket.opening(OK * before + refusal + OK * after)
    assert socket.refusal is not None and "because of this" in str(socket.refusal)


@pytest.mark.parametrize("data", [OK, OK + WRONG_PASSWORD, b""], ids=["opened", "refused", "empty"])
async def test_a_wrong_password_is_left_to_aiormq_and_so_is_all_else(
    socket: FastSocket, data: bytes
) -> None:
    socket.opening(data)
    assert socket.refusal is None


async def test_frames_of_a_channel_are_ours_from_its_opening_to_its_end(
    socket: FastSocket,
) -> None:
    passed: list[bytes] = []
    decoder = socket._decoder = Decoder(passed.append)
    channel = Channel()
    owned: OwnChannel = channel
    method = frames.method(commands.Channel.OpenOk(), 7)
    decoder.feed(method)
    socket.own(owned)
    decoder.feed(method)
    socket.release(7)
    socket.release(7)
    decoder.feed(method)
    assert channel.methods == [method[7:-1]] and passed == [method, method]
    socket.lost()
    assert channel.ends == 0, "it had been closed"


async def sockets_of(transport: Any) -> FastSocket:
    connection = await transport._sending.connection()
    assert isinstance(connection, FastConnection)
    return connection.socket


async def test_whoever_waits_for_a_full_socket_waits_no_longer_than_for_a_confirm(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect("&publish_timeout=0.05")
    await transport.publish(Publication("first", b""))
    buffer = (await sockets_of(transport)).buffer
    buffer.pause()
    with pytest.raises(PublishTimeoutError):
        await asyncio.wait_for(transport.publish(Publication("late", b"")), 20)
    buffer.resume()
    await transport.publish(Publication("last", b""))
    assert [each.method.routing_key for each in server.published] == ["first", "last"]


async def test_what_waits_for_a_full_socket_goes_out_once_it_has_room(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.publish(Publication("first", b""))
    buffer = (await sockets_of(transport)).buffer
    buffer.pause()
    waiting = asyncio.ensure_future(transport.publish(Publication("a", b"")))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done() and not buffer._parts
    buffer.resume()
    await asyncio.wait_for(waiting, 20)
    assert len(server.asked(commands.Confirm.Select)) == 1


@pytest.mark.parametrize(
    ("publication", "told"),
    [
        (Publication("a", b"", properties=Properties(priority=True)), "a priority is 0 to 255"),
        (Publication("a", b"", properties=Properties(priority=256)), "a priority is 0 to 255"),
        (Publication("a", b"", properties=Properties(reply_to=DIRECT_REPLY_TO)), "name a queue"),
        (Publication("a" * 256, b""), "the routing key is 256 bytes, and 255 are the most"),
        (Publication("a", b"", properties=Properties(type="t" * 256)), "the type is 256 bytes"),
        (Publication("a", "no bytes"), "bytes-like object"),  # type: ignore[arg-type]
    ],
)
async def test_what_amqp_cannot_hold_is_refused_in_words_and_harms_nobody(
    server: AmqpServer, connect: Connect, publication: Publication, told: str
) -> None:
    transport = await connect()
    await transport.publish(Publication("first", b""))
    with pytest.raises(PublishParameterError, match=told):
        await transport.publish(publication)
    await transport.publish(Publication("next", b""))
    assert [each.method.routing_key for each in server.published] == ["first", "next"]
    assert len(server.asked(commands.Channel.Open)) == len(server.asked(commands.Confirm.Select))


async def test_an_id_that_was_given_stays_and_one_that_was_not_is_made(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.publish(Publication("a", b"", properties=Properties(message_id="mine")))
    await transport.publish(Publication("a", b"", properties=Properties(type="t")))
    first, second = (each.properties for each in server.published)
    assert first.message_id == "mine" and first.message_type is None
    assert len(second.message_id) >= 16 and second.message_type == "t"


async def test_what_has_to_be_prepared_is_before_each_try(
    server: AmqpServer, connect: Connect
) -> None:
    transport, tries = await connect(), 0
    await transport.publish(Publication("first", b""))

    async def prepare() -> None:
        nonlocal tries
        tries += 1
        assert [each.method.routing_key for each in server.published] == ["first"]

    await transport._sender.send(Publication("a", b""), "", prepare)
    assert tries == 1 and len(server.published) == 2


async def test_a_sender_that_is_closed_looks_for_late_ones_no_more(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.publish(Publication("a", b""))
    sender = transport._sender
    assert isinstance(sender, FastSender) and sender._sweeping is not None
    await sender.close()
    assert sender._sweeping.cancelled() and len(server.asked(commands.Channel.Close)) >= 1
    await sender.close()


async def test_a_suspects_channel_is_closed_with_the_others(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.publish(Publication("a", b""))
    sender = transport._sender
    beside = sender._apart = FastSender(sender._link, 30)
    await beside._once(Publication("b", b""), "")
    closed = len(server.asked(commands.Channel.Close))
    await sender.close()
    assert len(server.asked(commands.Channel.Close)) == closed + 2
