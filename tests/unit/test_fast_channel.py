"""A channel of ours at the bytes: what it writes, and which answer it takes for which question."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pamqp.frame
import pytest
from aiormq.exceptions import AMQPConnectionError, ChannelPreconditionFailed
from jararaca.transport import Delivery
from jararaca.transport.amqp.fast.channel import FastChannel
from jararaca.transport.amqp.fast.socket import FastSocket
from jararaca.transport.amqp.fast.wire.decoder import Decoder
from jararaca.transport.amqp.fast.wire.tables import FrameError
from jararaca.transport.amqp.subscription import Subscription
from pamqp import commands, header
from pamqp.base import Frame

NUMBER = 9


class Socket:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def is_closing(self) -> bool:
        return False

    @property
    def methods(self) -> list[str]:
        """The names of all methods that were written."""
        names, rest = [], self.data
        while rest:
            length, _, method = pamqp.frame.unmarshal(rest)
            names.append(cast(Frame, method).name)
            rest = rest[length:]
        return names


@pytest.fixture
async def socket() -> Socket:
    return Socket()


@pytest.fixture
async def channel(socket: Socket) -> FastChannel:
    opened = FastSocket(asyncio.get_running_loop())
    opened._decoder = Decoder(lambda _: None)
    opened.buffer.open(cast(asyncio.BaseTransport, socket))
    connection = SimpleNamespace(accept_consumer_cancel_ok=True)
    return FastChannel(cast(Any, connection), opened, NUMBER, 131_072)


def payload(method: Frame) -> bytes:
    """What the decoder hands over of a method."""
    return pamqp.frame.marshal(method, NUMBER)[7:-1]


def delivered(tag: str, number: int) -> tuple[bytes, bytes, bytes]:
    content = pamqp.frame.marshal(header.ContentHeader(0, 1, commands.Basic.Properties()), NUMBER)
    return payload(commands.Basic.Deliver(tag, number, False, "", "q")), content[7:-1], b"x"


async def test_queues_may_answer_before_and_behind_the_channel(channel: FastChannel) -> None:
    """RabbitMQ's channel answers basic.qos itself, and a queue answers basic.consume."""
    done: list[str] = []

    async def consume(tag: str, prefetch: int) -> None:
        taken = Subscription(f"queue of {tag}", prefetch, {})
        await channel.consume(tag, taken, lambda _: None, lambda: None)
        done.append(tag)

    consuming = asyncio.gather(consume("a", 1), consume("b", 3))
    await asyncio.sleep(0)
    for answer in (commands.Basic.QosOk(), commands.Basic.QosOk(), commands.Basic.ConsumeOk("b")):
        channel.on_method(payload(answer))
    await asyncio.sleep(0.01)
    assert done == ["b"]
    channel.on_method(payload(commands.Basic.ConsumeOk("a")))
    await asyncio.wait_for(consuming, 5)


async def test_an_answer_for_a_consumer_that_nobody_asked_about_is_no_amqp(
    channel: FastChannel,
) -> None:
    with pytest.raises(FrameError, match="nobody asked"):
        channel.on_method(payload(commands.Basic.ConsumeOk("stranger")))


async def test_a_cancel_that_is_never_answered_does_not_take_the_next_answer(
    channel: FastChannel,
) -> None:
    with pytest.raises(TimeoutError):
        await channel.basic_cancel("gone", timeout=0.01)
    closing = asyncio.create_task(channel.close(5))
    await asyncio.sleep(0)
    channel.on_method(payload(commands.Channel.CloseOk()))
    await closing
    assert channel.is_closed


async def test_what_is_settled_is_written_before_the_close(
    channel: FastChannel, socket: Socket
) -> None:
    channel.acks.delivered(1)
    closing = asyncio.create_task(channel.close(5))
    # Settled before the close begins, and due to be written after it has.
    channel.acks.ack(1)
    await asyncio.sleep(0.01)
    assert socket.methods == ["Basic.Ack", "Channel.Close"]
    channel.on_method(payload(commands.Channel.CloseOk()))
    await closing


async def test_what_comes_for_a_cancelled_consumer_goes_back(
    channel: FastChannel, socket: Socket
) -> None:
    taken: list[Delivery] = []
    subscription = Subscription("q", 5, {})
    consuming = asyncio.create_task(channel.consume("a", subscription, taken.append, lambda: None))
    await asyncio.sleep(0)
    for answer in (commands.Basic.QosOk(), commands.Basic.ConsumeOk("a")):
        channel.on_method(payload(answer))
    await consuming
    channel.on_delivery(*delivered("a", 1))
    cancelling = asyncio.create_task(channel.basic_cancel("a", timeout=5))
    await asyncio.sleep(0)
    channel.on_delivery(*delivered("a", 2))
    channel.on_method(payload(commands.Basic.CancelOk("a")))
    await cancelling
    assert [delivery.queue for delivery in taken] == ["q"]
    assert channel.acks.open == 1, "what was handed over stays to be settled"
    await asyncio.sleep(0.01)
    assert socket.methods[-1] == "Basic.Nack"


async def test_a_consumer_that_the_broker_has_ended_is_cancelled_and_gets_nothing_in_a_loop(
    channel: FastChannel, socket: Socket
) -> None:
    """RabbitMQ 4.3 keeps a consumer that was too slow: what goes back would come to it again."""
    ended: list[bool] = []
    subscription = Subscription("q", 5, {})
    consuming = asyncio.create_task(
        channel.consume("a", subscription, lambda _: None, lambda: ended.append(True))
    )
    await asyncio.sleep(0)
    for answer in (commands.Basic.QosOk(), commands.Basic.ConsumeOk("a")):
        channel.on_method(payload(answer))
    await consuming
    channel.on_method(payload(commands.Basic.Cancel("a")))
    await asyncio.sleep(0.01)
    assert socket.methods[-2:] == ["Basic.CancelOk", "Basic.Cancel"], "nothing more need come"
    channel.on_delivery(*delivered("a", 1))
    channel.on_delivery(*delivered("a", 2))
    await asyncio.sleep(0.01)
    assert ended == [True]
    assert socket.methods[-4:] == ["Basic.CancelOk", "Basic.Cancel", "Basic.Nack", "Basic.Nack"]


async def test_what_nobody_ever_consumed_is_cancelled_before_it_goes_back(
    channel: FastChannel, socket: Socket
) -> None:
    channel.on_delivery(*delivered("stranger", 1))
    channel.on_delivery(*delivered("stranger", 2))
    await asyncio.sleep(0.01)
    assert socket.methods == ["Basic.Cancel", "Basic.Nack", "Basic.Nack"]


async def test_nothing_is_settled_behind_the_close_of_a_channel(
    channel: FastChannel, socket: Socket
) -> None:
    """RabbitMQ ends the whole connection over an ack on a channel that it has closed."""
    channel.acks.delivered(1)
    closing = asyncio.create_task(channel.close(5))
    await asyncio.sleep(0.01)
    channel.on_delivery(*delivered("a", 2))
    channel.acks.ack(1)
    await asyncio.sleep(0.01)
    assert socket.methods == ["Channel.Close"]
    channel.on_method(payload(commands.Channel.CloseOk()))
    await closing


async def test_what_comes_while_a_consumer_retires_is_taken_and_what_comes_later_goes_back(
    channel: FastChannel, socket: Socket
) -> None:
    taken: list[Delivery] = []
    wanted = Subscription("q", 5, {})
    consuming = asyncio.create_task(channel.consume("a", wanted, taken.append, lambda: None))
    await asyncio.sleep(0)
    for answer in (commands.Basic.QosOk(), commands.Basic.ConsumeOk("a")):
        channel.on_method(payload(answer))
    await consuming
    retiring = asyncio.create_task(channel.retire("a", timeout=5))
    await asyncio.sleep(0)
    channel.on_delivery(*delivered("a", 1))
    channel.on_method(payload(commands.Basic.CancelOk("a")))
    await retiring
    channel.on_delivery(*delivered("a", 2))
    await asyncio.sleep(0.01)
    assert [delivery.token[1] for delivery in taken] == [1] and channel.acks.open == 1
    assert socket.methods[-1] == "Basic.Nack"


async def test_a_channel_that_has_ended_takes_no_call_and_writes_nothing(
    channel: FastChannel, socket: Socket
) -> None:
    channel.lost()
    wanted = Subscription("q", 5, {})
    for call in (
        lambda: channel.consume("a", wanted, lambda _: None, lambda: None),
        lambda: channel.declare(b"frames"),
        lambda: channel.basic_cancel("a", 5),
        lambda: channel.retire("a", 5),
        lambda: channel.call(commands.Basic.Qos()),
    ):
        with pytest.raises(AMQPConnectionError):
            await call()
    await channel.close(5)
    await asyncio.sleep(0.01)
    assert socket.data == b""


async def test_the_first_end_of_a_channel_is_the_one_that_is_told(
    channel: FastChannel, socket: Socket
) -> None:
    call = asyncio.ensure_future(channel.call(commands.Basic.Qos()))
    await asyncio.sleep(0)
    channel.on_method(payload(commands.Channel.Close(406, "PRECONDITION_FAILED", 0, 0)))
    channel.lost()
    await asyncio.sleep(0.01)
    assert socket.methods == ["Basic.Qos", "Channel.CloseOk"]
    with pytest.raises(ChannelPreconditionFailed):
        await call
    assert isinstance(channel.closing.exception(), ChannelPreconditionFailed)


async def test_the_prefetch_is_asked_for_where_it_changes(
    channel: FastChannel, socket: Socket
) -> None:
    for number, prefetch in enumerate((5, 5, 6)):
        wanted = Subscription("q", prefetch, {})
        consuming = asyncio.create_task(
            channel.consume(str(number), wanted, lambda _: None, lambda: None)
        )
        await asyncio.sleep(0)
        if number != 1:
            channel.on_method(payload(commands.Basic.QosOk()))
        channel.on_method(payload(commands.Basic.ConsumeOk(str(number))))
        await consuming
    await asyncio.sleep(0.01)
    asked = ["Basic.Qos", "Basic.Consume", "Basic.Consume", "Basic.Qos", "Basic.Consume"]
    assert socket.methods == asked
