"""The message of the benchmark, the work that it asks for, and the gate before all work."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from typing import Any

from jararaca import Message

from benchmarks.partitioned.cases import BURNT, WAITED
from benchmarks.partitioned.notes import NOTE

OPEN, SHUT = signal.SIGUSR1, signal.SIGUSR2


class Step(Message):
    """A message of a key; `work` is what its handler does."""

    MESSAGE_TOPIC = "bench.step"
    key: str
    number: int
    work: str

    def __partition_key__(self, headers: Mapping[str, Any]) -> object:
        """What it is kept in order by."""
        return self.key


class Bench:
    """This process's gate, and the file of its notes."""

    gate: asyncio.Event
    file: int

    @classmethod
    def begin(cls, notes: str) -> None:
        """In the event loop: the gate is open, and moves by signals."""
        cls.gate = asyncio.Event()
        cls.gate.set()
        cls.file = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(OPEN, cls.gate.set)
        loop.add_signal_handler(SHUT, cls.gate.clear)

    @classmethod
    async def work(cls, work: str) -> None:
        """What a handler does, once the gate is open."""
        await cls.gate.wait()
        if work == "computes":
            start = time.thread_time()
            while time.thread_time() - start < BURNT:
                pass
        elif work == "waits":
            await asyncio.sleep(WAITED)
        os.write(cls.file, NOTE.pack(time.monotonic(), time.process_time()))
