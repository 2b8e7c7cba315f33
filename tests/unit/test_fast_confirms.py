"""Confirms find their publications; whoever writes waits for room; the socket's protocol."""

from __future__ import annotations

import asyncio
from typing import Any

import pamqp.frame
import pytest
from jararaca.transport import Properties, Publication
from jararaca.transport.amqp.fast.confirms import Confirms, Late, Nacked, Returned
from jararaca.transport.amqp.fast.socket import HEARTBEAT, SIGN_OF_LIFE, FastSocket, SocketProtocol
from jararaca.transport.amqp.fast.write_buffer import WriteBuffer
from pamqp import commands


def sent(confirms: Confirms, count: int, **more: Any) -> list[asyncio.Future[None]]:
    futures = []
    for number in range(count):
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        properties = Properties(message_id=f"id-{number + 1}")
        confirms.sent(Publication("key", b"", properties=properties, **more), future)
        futures.append(future)
    return futures


async def test_an_ack_with_multiple_confirms_all_up_to_it_and_none_beyond() -> None:
    confirms = Confirms()
    futures = sent(confirms, 5)
    confirms.acked(2, multiple=False)
    confirms.acked(4, multiple=True)
    assert [future.done() for future in futures] == [True, True, True, True, False]
    assert len(confirms) == 1


async def test_a_number_that_was_never_sent_confirms_all_that_was_and_nothing_later() -> None:
    confirms = Confirms()
    first = sent(confirms, 3)
    confirms.acked(2, multiple=False)
    confirms.acked(2**63, multiple=True)
    assert all(future.done() for future in first)
    later = sent(confirms, 2)
    assert not later[0].done()
    confirms.acked(4, multiple=True)
    assert [future.done() for future in later] == [True, False]


async def test_a_nack_fails_what_it_names() -> None:
    confirms = Confirms()
    futures = sent(confirms, 3)
    confirms.nacked(2, multiple=False)
    confirms.acked(3, multiple=True)
    assert [future.exception() for future in (futures[0], futures[2])] == [None, None]
    assert isinstance(futures[1].exception(), Nacked)


async def test_a_returned_message_raises_though_the_broker_acks_it() -> None:
    confirms = Confirms()
    futures = sent(confirms, 3, mandatory=True)
    confirms.returned("key", "id-2", b"", "312 NO_ROUTE")
    confirms.acked(3, multiple=True)
    assert [type(future.exception()) for future in futures] == [type(None), Returned, type(None)]


async def test_of_two_messages_of_one_id_each_return_meets_one() -> None:
    confirms = Confirms()
    publication = Publication("key", b"", properties=Properties(message_id="same"), mandatory=True)
    loop = asyncio.get_running_loop()
    futures: list[asyncio.Future[None]] = [loop.create_future(), loop.create_future()]
    for future in futures:
        confirms.sent(publication, future)
        confirms.returned("key", "same", b"", "312 NO_ROUTE")
    confirms.acked(2, multiple=True)
    assert all(isinstance(future.exception(), Returned) for future in futures)


async def test_a_channel_that_ends_fails_all_that_has_no_confirm() -> None:
    confirms = Confirms()
    futures = sent(confirms, 3)
    futures[0].cancel()
    confirms.acked(2, multiple=False)
    confirms.fail(ConnectionError("gone"))
    assert isinstance(futures[2].exception(), ConnectionError)
    assert futures[1].exception() is None


async def test_who_writes_waits_while_the_socket_is_full() -> None:
    buffer = WriteBuffer(asyncio.get_running_loop())
    await buffer.room()
    buffer.pause()
    waiting = asyncio.ensure_future(buffer.room())
    await asyncio.sleep(0)
    assert buffer.full and not waiting.done()
    buffer.resume()
    await asyncio.wait_for(waiting, 5)


async def test_who_waits_for_room_is_let_go_when_the_connection_ends() -> None:
    buffer = WriteBuffer(asyncio.get_running_loop())
    buffer.pause()
    waiting = asyncio.ensure_future(buffer.room())
    await asyncio.sleep(0)
    buffer.close()
    await asyncio.wait_for(waiting, 5)


class Silent:
    """A receiver that takes everything."""

    def on_method(self, method: bytes) -> None: ...

    def on_content(self, method: bytes, content: bytes, body: bytes) -> None: ...

    def on_delivery(self, method: bytes, content: bytes, body: bytes) -> None: ...


class Clock(SocketProtocol):
    """The protocol at a time that the test sets."""

    now = 100.0

    def __init__(self, reader: asyncio.StreamReader, socket: FastSocket) -> None:
        super().__init__(reader, socket.loop, socket)
        self._time = lambda: self.now
        self._shown = self.now
        self.decoder.own(5, Silent())


async def test_aiormq_is_shown_a_sign_of_life_while_only_our_frames_come() -> None:
    reader = asyncio.StreamReader()
    protocol = Clock(reader, FastSocket(asyncio.get_running_loop()))
    ours = pamqp.frame.marshal(commands.Basic.Ack(1), 5)
    protocol.data_received(ours)
    protocol.now += SIGN_OF_LIFE
    protocol.data_received(ours[:5])
    protocol.data_received(ours[5:] + ours)
    reader.feed_eof()
    assert await reader.read() == HEARTBEAT


async def test_bytes_that_are_no_amqp_end_the_connection() -> None:
    reader = asyncio.StreamReader()
    protocol = Clock(reader, FastSocket(asyncio.get_running_loop()))
    protocol.data_received(b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"\0" * 4096)
    protocol.data_received(b"\x01\x00\x05\x00\x00\x00\x01XX")
    with pytest.raises(ConnectionError):
        await reader.read()


async def test_what_is_unconfirmed_for_too_long_is_given_up_and_nothing_else() -> None:
    confirms = Confirms()
    loop = asyncio.get_running_loop()
    futures: list[asyncio.Future[None]] = [loop.create_future() for _ in range(3)]
    for future, moment in zip(futures, (10.0, 11.0, 12.0), strict=True):
        confirms.sent(Publication("key", b""), future, moment)
    confirms.acked(1, multiple=False)
    confirms.expire(12.0)
    assert futures[0].exception() is None
    assert isinstance(futures[1].exception(), Late)
    assert not futures[2].done()


async def test_what_nobody_waits_for_any_more_is_answered_for_without_harm() -> None:
    for answer in ("acked", "returned", "nacked", "expire", "fail"):
        confirms, future = Confirms(), asyncio.get_running_loop().create_future()
        properties = Properties(message_id="id")
        confirms.sent(Publication("k", b"", properties=properties, mandatory=True), future, 1.0)
        future.cancel()
        match answer:
            case "acked":
                confirms.acked(1, multiple=False)
            case "returned":
                confirms.returned("k", "id", b"", "312 NO_ROUTE")
                confirms.acked(1, multiple=True)
            case "nacked":
                confirms.nacked(1, multiple=False)
            case "expire":
                confirms.expire(2.0)
            case "fail":
                confirms.fail(ConnectionError())
        assert future.cancelled() and len(confirms) == (answer == "expire")
        confirms.acked(7, multiple=False)


async def test_a_return_meets_the_mandatory_one_of_its_id_key_and_without_an_id_body() -> None:
    confirms, loop = Confirms(), asyncio.get_running_loop()

    def wrote(key: str, body: bytes, message_id: str | None, mandatory: bool = True) -> Any:
        future = loop.create_future()
        properties = Properties(message_id=message_id)
        confirms.sent(
            Publication(key, body, properties=properties, mandatory=mandatory), future, 0.0
        )
        return future

    others = [
        wrote("k", b"1", "id", mandatory=False),
        wrote("k", b"1", "other"),
        wrote("l", b"1", "id"),
        wrote("k", b"2", None),
        wrote("l", b"1", None),
    ]
    with_id, without = wrote("k", b"2", "id"), wrote("k", b"1", None)
    confirms.returned("k", "id", b"1", "312 NO_ROUTE")
    confirms.returned("k", None, b"1", "312 NO_ROUTE")
    assert len(confirms) == 7
    confirms.acked(7, multiple=True)
    assert [type(each.exception()) for each in (with_id, without)] == [Returned, Returned]
    assert all(each.exception() is None for each in others) and len(confirms) == 0
