"""What waits for one client is bounded, by count and by bytes."""

from __future__ import annotations

import asyncio
from typing import Any

from jararaca.integrations.websockets.connection import Connection, Limits
from jararaca.integrations.websockets.frames import Frame
from jararaca.integrations.websockets.rooms import Rooms

NOBODY: Any = None


def connection(frames: int = 10, size: int = 1000) -> Connection:
    return Connection(NOBODY, Rooms(), Limits(frames, size))


async def test_too_many_frames_that_wait_drop_the_client() -> None:
    client = connection(frames=3)
    for _ in range(3):
        client.put("x")
    assert not client.closing.done()
    client.put("x")
    assert client.closing.result().code == 1013


async def test_too_many_bytes_that_wait_drop_the_client() -> None:
    client = connection(size=100)
    client.put(b"x" * 60)
    client.put(b"x" * 40)
    assert not client.closing.done()
    client.put(b"x")
    assert client.closing.result().code == 1013


async def test_one_frame_that_is_larger_than_all_that_may_wait_is_sent() -> None:
    client = connection(size=100)
    client.put(b"x" * 1000)
    assert not client.closing.done()


async def test_what_was_sent_makes_room() -> None:
    client = connection(frames=2, size=100)
    sent: list[Frame] = []

    async def send(frame: Frame) -> None:
        sent.append(frame)

    sending = asyncio.create_task(client.drain(send))
    for number in range(50):
        client.put(f"{number:90}")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    sending.cancel()
    assert [int(frame) for frame in sent] == list(range(50))
    assert not client.closing.done()


async def test_a_frame_on_its_way_still_counts() -> None:
    client = connection(frames=2)
    stalled = asyncio.Event()

    async def send(frame: Frame) -> None:
        await stalled.wait()

    sending = asyncio.create_task(client.drain(send))
    client.put("on its way")
    await asyncio.sleep(0)
    client.put("waits")
    client.put("too many")
    assert client.closing.result().code == 1013
    sending.cancel()


async def test_a_reason_is_cut_to_what_a_close_frame_has_room_for() -> None:
    client = connection()
    client.close(1007, "é" * 100)
    assert client.closing.result().reason == "é" * 61
