"""What a loop's turn has to say goes out in few writes, and the socket says when it is full."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, cast

import pytest
from jararaca.transport.amqp.fast.acknowledgements import Acknowledgements
from jararaca.transport.amqp.fast.socket import (
    HEARTBEAT,
    SIGN_OF_LIFE,
    FastSocket,
    SocketProtocol,
)
from jararaca.transport.amqp.fast.wire import frames
from jararaca.transport.amqp.fast.write_buffer import AT_ONCE, WriteBuffer
from pamqp import commands


class Turns:
    """A loop that runs what is due when it is told to."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []
        self.create_future = asyncio.get_running_loop().create_future

    def call_soon(self, call: Callable[[], None]) -> None:
        self.due.append(call)

    def turn(self) -> int:
        """Run it; how many calls there were."""
        due, self.due = self.due, []
        for call in due:
            call()
        return len(due)


class Transport:
    """Keeps each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.ending = self.aborted = False
        self.socket = socket.socket()

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def is_closing(self) -> bool:
        return self.ending

    def abort(self) -> None:
        self.aborted = True

    def get_extra_info(self, name: str) -> socket.socket | None:
        return self.socket if name == "socket" else None


@pytest.fixture
async def turns() -> Turns:
    return Turns()


@pytest.fixture
async def transport() -> Transport:
    return Transport()


@pytest.fixture
async def buffer(turns: Turns, transport: Transport) -> WriteBuffer:
    made = WriteBuffer(cast(Any, turns))
    made.open(cast(Any, transport))
    return made


async def test_one_turn_is_one_write_with_settlements_behind(
    turns: Turns, transport: Transport, buffer: WriteBuffer
) -> None:
    acks = Acknowledgements(1, buffer.settled)
    for round_ in range(2):
        acks.delivered(round_ + 1)
        acks.ack(round_ + 1)
        buffer.write(b"a")
        buffer.write(b"b")
        assert len(transport.writes) == round_
        assert turns.turn() == 1, "each turn is begun once, however much is written"
        ack = frames.method(commands.Basic.Ack(round_ + 1, True), 1)
        assert transport.writes[round_:] == [b"ab" + ack]
    assert turns.turn() == 0


async def test_much_does_not_wait_for_the_turn(
    turns: Turns, transport: Transport, buffer: WriteBuffer
) -> None:
    half = b"a" * (AT_ONCE // 2)
    for _ in range(2):
        buffer.write(half)
        assert transport.writes == []
        buffer.write(half)
        assert transport.writes == [half + half], "the broker can begin while others are prepared"
        transport.writes.clear()
    buffer.write(b"b")
    turns.turn()
    assert transport.writes == [b"b"], "what is left goes with the turn"


async def test_what_is_flushed_is_not_written_again_and_nothing_is_not_written(
    turns: Turns, transport: Transport, buffer: WriteBuffer
) -> None:
    buffer.write(b"a")
    buffer.flush()
    assert transport.writes == [b"a"]
    turns.turn()
    assert transport.writes == [b"a"]
    buffer.write(b"b")
    turns.turn()
    assert transport.writes == [b"a", b"b"]


async def test_a_socket_that_closes_gets_nothing(
    turns: Turns, transport: Transport, buffer: WriteBuffer
) -> None:
    transport.ending = True
    buffer.write(b"a")
    turns.turn()
    transport.ending = False
    buffer.close()
    buffer.write(b"b")
    turns.turn()
    buffer.abort()
    assert transport.writes == [] and not transport.aborted


async def test_before_there_is_a_socket_nothing_is_written_or_ended(turns: Turns) -> None:
    buffer = WriteBuffer(cast(Any, turns))
    buffer.abort()
    buffer.write(b"a")
    assert turns.turn() == 1


async def test_an_abort_ends_the_socket(transport: Transport, buffer: WriteBuffer) -> None:
    buffer.abort()
    assert transport.aborted


async def test_all_who_wait_go_on_with_the_first_room(buffer: WriteBuffer) -> None:
    buffer.pause()
    waiting = [asyncio.ensure_future(buffer.room()) for _ in range(2)]
    await asyncio.sleep(0)
    buffer.pause()
    waiting[0].cancel()
    await asyncio.wait({waiting[0]}, timeout=20)
    assert waiting[0].cancelled() and not waiting[1].done() and buffer.full
    buffer.resume()
    buffer.resume()
    await asyncio.wait_for(waiting[1], 20)
    assert not buffer.full


async def test_who_is_let_go_and_finds_it_full_again_waits_again(buffer: WriteBuffer) -> None:
    buffer.pause()
    waiting = asyncio.ensure_future(buffer.room())
    await asyncio.sleep(0)
    buffer.resume()
    buffer.pause()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    buffer.resume()
    await asyncio.wait_for(waiting, 20)


async def test_the_sockets_word_reaches_our_writers_and_aiormqs() -> None:
    loop = asyncio.get_running_loop()
    shared, reader = FastSocket(loop), asyncio.StreamReader()
    protocol = SocketProtocol(reader, loop, shared)
    shared._decoder = protocol.decoder
    transport = Transport()
    protocol.connection_made(cast(Any, transport))
    writer = asyncio.StreamWriter(cast(Any, transport), protocol, reader, loop)
    protocol.pause_writing()
    drained = asyncio.ensure_future(writer.drain())
    for _ in range(5):
        await asyncio.sleep(0)
    assert shared.buffer.full and not drained.done()
    protocol.resume_writing()
    await asyncio.wait_for(drained, 20)
    assert not shared.buffer.full
    shared.buffer.write(b"a")
    shared.buffer.flush()
    assert transport.writes == [b"a"]
    transport.ending = True
    protocol.connection_lost(None)
    assert shared.is_lost and await reader.read() == b""


async def test_a_sign_of_life_is_shown_a_second_after_anything_was() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    protocol = SocketProtocol(reader, loop, FastSocket(loop))
    now = loop.time() + 1_000
    protocol._time = lambda: now
    theirs, half = frames.method(commands.Channel.OpenOk(), 1), HEARTBEAT[:3]
    protocol.data_received(theirs)
    now += SIGN_OF_LIFE * 0.75
    protocol.data_received(theirs)
    now += SIGN_OF_LIFE * 0.75
    protocol.data_received(half)
    assert reader._buffer == theirs * 2  # type: ignore[attr-defined]
    now += SIGN_OF_LIFE * 0.25
    protocol.data_received(b"")
    assert reader._buffer == theirs * 2 + HEARTBEAT  # type: ignore[attr-defined]
