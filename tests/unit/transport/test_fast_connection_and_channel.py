"""A connection with channels of ours: numbers, ends, and what is sent before them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiormq.exceptions import AMQPConnectionError, ConnectionNotAllowed
from jararaca import Exchange, PublishTimeoutError, Queue, QueueBinding, Topology
from jararaca.contract import headers
from jararaca.transport import Delivery, Publication, provenance
from jararaca.transport.amqp.fast import channel as channels
from jararaca.transport.amqp.fast import channel_pool
from jararaca.transport.amqp.fast import connection as module
from jararaca.transport.amqp.fast import sender as sending
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.fast.socket import HEARTBEAT
from jararaca.transport.amqp.fast.wire import frames
from jararaca.transport.amqp.fast.wire.decoder import MAX_FRAME
from jararaca.transport.amqp.fast.wire.tables import FrameError
from jararaca.transport.connect import transport_for
from pamqp import commands
from yarl import URL

from tests.support.amqp_server import CUT, SILENCE, AmqpServer, closing, refusal
from tests.unit.transport.conftest import Connect

TUNED = commands.Connection.Tune(3, 131_072, 0)


@pytest.fixture
def over() -> str:
    return "fast"


@pytest.fixture
async def connection(server: AmqpServer) -> AsyncIterator[FastConnection]:
    server.on(commands.Connection.StartOk, TUNED)
    made = FastConnection(URL(f"amqp://guest:guest@127.0.0.1:{server.port}/"))
    await made.connect()
    yield made
    await made.close()


async def test_a_connection_is_up_from_its_opening_to_its_end(server: AmqpServer) -> None:
    made = FastConnection(URL(f"amqp://guest:guest@127.0.0.1:{server.port}/"))
    assert not made.is_opened and not made.is_closed
    with pytest.raises(AMQPConnectionError, match="never opened"):
        made.underlay  # noqa: B018
    await made.connect()
    assert made.is_opened and not made.is_closed
    assert made.frame_max == 131_072 and made.accept_consumer_cancel_ok is False
    server.sessions[0].cut()
    await asyncio.wait({made.closing}, timeout=20)
    assert made.is_closed and not made.is_opened
    with pytest.raises(AMQPConnectionError, match="the connection is closed"):
        made.new_channel()
    await made.close()


@pytest.mark.parametrize(("agreed", "largest"), [(4096, 4096), (0, MAX_FRAME)])
async def test_the_largest_frame_is_the_one_that_was_agreed_on(
    server: AmqpServer, agreed: int, largest: int
) -> None:
    """0 stands for no limit."""
    server.on(commands.Connection.StartOk, commands.Connection.Tune(3, agreed, 0))
    made = FastConnection(URL(f"amqp://guest:guest@127.0.0.1:{server.port}/"))
    await made.connect()
    assert made.socket._decoder is not None and made.socket._decoder.max_frame == largest
    channel = await made.own_channel(commands.Confirm.Select())
    body = b"x" * 10_000
    await asyncio.wait_for(channel.publish(Publication("a", body), ""), 20)
    assert server.published[0].body == body
    await made.close()


async def test_a_shared_channel_that_has_ended_is_not_shared_any_more(
    connection: FastConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_pool, "MOST_CHANNELS", 1)
    pool = channel_pool.ChannelPool()
    first = pool.take(connection)
    assert pool.take(connection) is first
    first.lost()
    second = pool.take(connection)
    assert not second.is_closed and pool.take(connection) is second
    other = FastConnection(URL(f"amqp://guest:guest@{connection.url.host}:{connection.url.port}/"))
    await other.connect()
    assert pool.take(other).connection is other
    await other.close()


async def test_what_is_lost_is_closed_before_aiormq_sees_it(connection: FastConnection) -> None:
    connection.socket.lost()
    assert connection.is_closed and not connection.is_opened
    assert not connection.underlay.is_closed


async def test_a_refusal_is_the_error_that_its_code_stands_for(server: AmqpServer) -> None:
    server.on(commands.Connection.Open, closing(530, "NOT_ALLOWED - vhost / not found"))
    made = FastConnection(URL(f"amqp://guest:guest@127.0.0.1:{server.port}/"))
    with pytest.raises(ConnectionNotAllowed, match="vhost / not found"):
        await made.connect()
    await asyncio.wait_for(made.closed(), 20)
    await server.until(server.sessions[0].gone.is_set)


async def test_a_connection_that_was_not_opened_leaves_no_socket(server: AmqpServer) -> None:
    server.on(commands.Connection.Open, SILENCE)
    made = FastConnection(URL(f"amqp://guest:guest@127.0.0.1:{server.port}/"))
    opening = asyncio.ensure_future(made.connect())
    await server.until(lambda: server.asked(commands.Connection.Open))
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await server.until(server.sessions[0].gone.is_set)
    await asyncio.wait_for(made.closed(), 20)


async def test_nothing_listens_there() -> None:
    made = FastConnection(URL("amqp://guest:guest@127.0.0.1:1/"))
    with pytest.raises(AMQPConnectionError):
        await made.connect()


async def test_channels_of_ours_count_down_and_aiormqs_up(connection: FastConnection) -> None:
    assert [connection.fresh_number() for _ in range(3)] == [1, 1, 1]
    first, second, third = (connection.new_channel() for _ in range(3))
    assert [first.number, second.number, third.number] == [3, 2, 1]
    with pytest.raises(AMQPConnectionError, match="all channels of the connection are in use"):
        connection.new_channel()
    second.lost()
    assert second.is_closed and connection.new_channel().number == 2


async def test_numbers_of_aiormqs_are_not_given_on_at_once(server: AmqpServer) -> None:
    server.on(commands.Connection.StartOk, commands.Connection.Tune(8, 131_072, 0))
    made = FastConnection(URL(f"amqp://guest:guest@127.0.0.1:{server.port}/"))
    await made.connect()
    assert [made.fresh_number() for _ in range(5)] == [1, 2, 3, 4, 1]
    await made.channel()
    given = {made.fresh_number() for _ in range(8)}
    assert len(given) == 3
    await made.close()


async def test_what_was_written_goes_out_before_the_end(
    server: AmqpServer, connection: FastConnection
) -> None:
    connection.socket.buffer.write(frames.method(commands.Basic.Ack(7), 2))
    await connection.close()
    await server.until(server.sessions[0].gone.is_set)
    kinds = [type(each) for _, each in server.sessions[0].asked]
    assert kinds.index(commands.Basic.Ack) < kinds.index(commands.Connection.Close)


async def test_a_broker_that_does_not_answer_a_close_is_left(
    server: AmqpServer, connection: FastConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLOSE_SECONDS", 0.01)
    server.on(commands.Connection.Close, SILENCE)
    await asyncio.wait_for(connection.close(), 20)
    await server.until(server.sessions[0].gone.is_set)
    assert connection.is_closed


async def test_a_broker_that_reads_no_more_is_left(
    server: AmqpServer, connection: FastConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one is whose machine is gone: what was written before would wait for it."""
    monkeypatch.setattr(module, "CLOSE_SECONDS", 0.01)
    reading: Any = server.sessions[0].writer.transport
    reading.pause_reading()
    connection.socket.buffer.write(HEARTBEAT * 2_000_000)
    try:
        await asyncio.wait_for(connection.close(), 5)
        await asyncio.wait_for(asyncio.wait({connection.closing}), 5)
        assert connection.is_closed and connection.socket.is_lost
    finally:
        reading.abort()


async def test_whoever_waits_for_room_goes_on_when_the_socket_is_gone(
    connection: FastConnection,
) -> None:
    buffer = connection.socket.buffer
    buffer.pause()
    waiting = asyncio.ensure_future(buffer.room())
    await asyncio.sleep(0)
    assert buffer.full and not waiting.done()
    connection.socket.lost()
    await asyncio.wait_for(waiting, 20)
    assert not buffer.full


async def test_all_calls_end_with_their_channel(
    server: AmqpServer, connection: FastConnection
) -> None:
    channel = await connection.own_channel()
    server.on(commands.Basic.Qos, CUT)
    call = asyncio.ensure_future(channel.call(commands.Basic.Qos()))
    await asyncio.sleep(0)
    confirm = channel.publish(Publication("a", b""), "")
    for each in (call, confirm):
        with pytest.raises(AMQPConnectionError):
            await asyncio.wait_for(each, 20)
    for again in (channel.call, channel.send):
        with pytest.raises(AMQPConnectionError):
            outcome: Any = again(commands.Basic.Qos())
            await outcome
    with pytest.raises(AMQPConnectionError):
        channel.publish(Publication("a", b""), "")
    await channel.close(1)


async def test_a_channel_is_closed_once_by_however_many(
    server: AmqpServer, connection: FastConnection
) -> None:
    channel = await connection.own_channel()
    await asyncio.gather(channel.close(10), channel.close(10))
    await channel.close(10)
    assert len(server.asked(commands.Channel.Close)) == 1 and channel.is_closed
    assert channel.number not in connection.socket.channels


@pytest.mark.parametrize(
    "method",
    [
        frames.method(commands.Basic.Ack(1), 3)[7:-2],
        frames.method(commands.Basic.QosOk(), 3)[7:-1],
        frames.method(commands.Basic.ConsumeOk("absent"), 3)[7:-1],
        frames.method(commands.Basic.CancelOk("absent"), 3)[7:-1],
    ],
)
async def test_answers_that_nobody_asked_for_are_no_amqp(
    connection: FastConnection, method: bytes
) -> None:
    channel = connection.new_channel()
    with pytest.raises(FrameError):
        channel.on_method(method)


async def test_contents_that_nobody_asked_for_are_no_amqp(connection: FastConnection) -> None:
    channel = connection.new_channel()
    got = frames.method(commands.Basic.GetOk(1, False, "", "q", 0), 3)[7:-1]
    with pytest.raises(FrameError, match="basic.get that nobody sent"):
        channel.on_content(got, b"", b"")


class Inbox:
    """Deliveries as they come."""

    def __init__(self) -> None:
        self.came: list[Delivery] = []

    async def __call__(self, delivery: Delivery) -> None:
        self.came.append(delivery)


async def test_a_delivery_tells_what_came(server: AmqpServer, connect: Connect) -> None:
    transport, inbox = await connect(), Inbox()
    await transport.declare(Topology((), (Queue("q"),), ()))
    await transport.consume("q", 10, inbox)
    session = next(each for each in server.sessions if each.consumers)
    [(tag, (channel, _))] = session.consumers.items()
    whole: Any = {headers.ATTEMPT: 2, "mine": "x"}
    for number, properties in enumerate(
        (
            commands.Basic.Properties(message_id="bare", message_type="t"),
            commands.Basic.Properties(content_encoding="gzip"),
            commands.Basic.Properties(headers=whole, user_id="guest", content_type="c"),
            commands.Basic.Properties(headers=whole, user_id="stranger"),
            commands.Basic.Properties(headers={"mine": "x"}, content_encoding="br"),
        ),
        1,
    ):
        method = commands.Basic.Deliver(tag, number, number == 2, "e", "key")
        server._content(session, channel, method, b"%d" % number, properties)
    await server.until(lambda: len(inbox.came) == 5)
    bare, packed, ours, strange, theirs = inbox.came
    assert (bare.properties.message_id, bare.properties.type) == ("bare", "t")
    assert (bare.exchange, bare.routing_key, bare.body) == ("e", "key", b"1")
    assert [each.redelivered for each in inbox.came] == [False, True, False, False, False]
    assert [each.content_encoding for each in inbox.came] == [None, "gzip", None, None, "br"]
    assert dict(bare.headers) == {} == dict(packed.headers)
    assert dict(ours.ours) == {headers.ATTEMPT: 2} and dict(ours.theirs) == {"mine": "x"}
    assert dict(strange.ours) == {} and dict(strange.theirs) == {"mine": "x"}
    assert ours.believed == provenance.SIGNED and strange.believed == provenance.ANYONES
    assert dict(theirs.headers) == {"mine": "x"} == dict(theirs.theirs) and not theirs.ours


async def test_what_comes_after_the_cancel_goes_back(server: AmqpServer, connect: Connect) -> None:
    transport, inbox = await connect(), Inbox()
    await transport.declare(Topology((), (Queue("q"),), ()))
    consumer = await transport.consume("q", 10, inbox)
    session = next(each for each in server.sessions if each.consumers)
    [(tag, (channel, _))] = session.consumers.items()
    await consumer.cancel()
    method = commands.Basic.Deliver(tag, 1, False, "", "q")
    server._content(session, channel, method, b"late", commands.Basic.Properties())
    await server.until(lambda: session.of(commands.Basic.Nack))
    [back] = session.of(commands.Basic.Nack)
    assert (back.delivery_tag, back.requeue) == (1, True) and not inbox.came
    assert len(session.of(commands.Basic.Cancel)) == 1, "it has been cancelled already"


@pytest.mark.parametrize("seconds", [0.001, 60.0], ids=["few and late", "many together"])
async def test_acks_of_a_stream_wait_for_one_another(
    server: AmqpServer, connect: Connect, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(channels, "GATHERED_SECONDS", seconds)
    transport = await connect()
    await transport.declare(Topology((), (Queue("s"),), ()))
    acked = 0

    async def ack(delivery: Delivery) -> None:
        nonlocal acked
        await transport.ack(delivery)
        acked += 1

    await transport.read("s", 40, ack, "first")
    session = next(each for each in server.sessions if each.consumers)
    [(tag, (channel, _))] = session.consumers.items()
    for number in range(1, 13):
        method = commands.Basic.Deliver(tag, number, False, "", "s")
        server._content(session, channel, method, b"{}", commands.Basic.Properties())
        # In a turn of its own, as where each is handled behind the one before it.
        await server.until(lambda number=number: acked == number)  # type: ignore[misc]
    await server.until(lambda: session.of(commands.Basic.Ack))
    acks = [(each.delivery_tag, each.multiple) for each in session.of(commands.Basic.Ack)]
    if seconds == 60.0:
        assert acks == [(10, True)], "a quarter of the prefetch"
    else:
        await server.until(lambda: session.of(commands.Basic.Ack)[-1].delivery_tag == 12)


async def test_late_publications_are_given_up_and_early_ones_are_not(
    server: AmqpServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SWEEP_SECONDS", 0.01)
    patient, hasty = await connect(), await connect("&publish_timeout=0.05")
    for transport in (patient, hasty):
        await transport.publish(Publication("first", b""))
    server.on(commands.Basic.Publish, SILENCE, times=2)
    waiting = asyncio.ensure_future(patient.publish(Publication("a", b"")))
    await server.until(lambda: len(server.published) == 3)
    with pytest.raises(PublishTimeoutError, match="no confirm came"):
        await hasty.publish(Publication("b", b""))
    assert not waiting.done()
    waiting.cancel()


async def test_many_queues_are_declared_side_by_side(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    names = [f"q{number}" for number in range(101)]
    server.queues.add("theirs")
    bound = ("q0", "q0", "q100", "theirs", "q50")
    bindings = tuple(QueueBinding("e", name, f"{at}") for at, name in enumerate(bound))
    await transport.declare(Topology((Exchange("e"),), tuple(map(Queue, names)), bindings))
    assert server.queues >= {*names} and "e" in server.exchanges
    made = [(each.queue, each.routing_key) for each in server.asked(commands.Queue.Bind)]
    assert sorted(made) == sorted((name, f"{at}") for at, name in enumerate(bound))
    session = server.sessions[-1]
    by_channel: dict[int, int] = {}
    for channel, each in session.asked:
        if isinstance(each, commands.Queue.Declare):
            by_channel[channel] = by_channel.get(channel, 0) + 1
    assert sorted(by_channel.values()) == [33, 34, 34]
    server.on(commands.Queue.Declare, refusal(403, "ACCESS_REFUSED - no"))
    with pytest.raises(Exception, match="ACCESS_REFUSED - no"):
        await transport.declare(Topology((), tuple(map(Queue, names)), ()))


async def test_each_consumer_has_a_channel_until_there_are_many(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    names = [f"q{number}" for number in range(34)]
    await transport.declare(Topology((), tuple(map(Queue, names)), ()))
    for name in names:
        await transport.consume(name, 1, Inbox())
    session = next(each for each in server.sessions if each.consumers)
    channels = [channel for channel, _ in session.consumers.values()]
    assert len(channels) == 34 and len({*channels}) == 32
    assert channels[0] == channels[32] and channels[1] == channels[33]
    assert type(transport_for(server.url("fast"))) is type(transport)


async def test_a_consumer_that_starts_again_does_so_on_one_channel_of_its_own(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.declare(Topology((), (Queue("q"), Queue("p")), ()))
    await transport.consume("p", 10, Inbox())
    await transport.consume("q", 10, Inbox())
    session = next(each for each in server.sessions if each.consumers)

    def place() -> tuple[str, int]:
        return next((t, channel) for t, (channel, name) in session.consumers.items() if name == "q")

    places = [place()]
    for _ in range(3):
        tag, channel = places[-1]
        del session.consumers[tag]
        session.say(commands.Basic.Cancel(tag, True), channel)
        await server.until(lambda: "q" in [name for _, name in session.consumers.values()])
        places.append(place())
    tags, channels = zip(*places, strict=True)
    assert len({*tags}) == 4 and channels[0] != channels[1] == channels[2] == channels[3]
