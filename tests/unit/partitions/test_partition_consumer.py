"""Leaving a partition: what runs is finished, then the rest goes back, and only then it is left."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from jararaca.messagebus.partitions.partition_consumer import PartitionConsumer, Tasks
from jararaca.messagebus.queue_receiver import QueueReceiver
from jararaca.transport import Consumer


class Played:
    """A receiver and a consumer that tell what they were asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def stop(self) -> None:
        """Begin nothing more."""
        self.asked.append("stop")

    def left(self) -> None:
        """All is given back."""
        self.asked.append("left")

    async def leave(self) -> None:
        """The broker may serve the next."""
        self.asked.append("leave")


def consumer(played: Played, running: Tasks) -> PartitionConsumer:
    return PartitionConsumer(
        cast(QueueReceiver, played), cast(Consumer, played), running, asyncio.Event()
    )


async def test_what_runs_is_finished_before_the_broker_serves_another() -> None:
    played, every = Played(), set[asyncio.Task[Any]]()
    running, over = Tasks(every), [asyncio.Event(), asyncio.Event()]
    made = consumer(played, running)

    async def handle(number: int) -> None:
        await over[number].wait()

    tasks = [asyncio.create_task(handle(number)) for number in range(2)]
    for task in tasks:
        running.add(task)
        task.add_done_callback(running.discard)
    assert every == {*tasks} == set(running)
    assert not made.leaving
    leaving = asyncio.create_task(made.leave(finish=True))
    for each in over:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert made.leaving and played.asked == ["stop"]
        each.set()
        await asyncio.sleep(0)
    await leaving
    assert played.asked == ["stop", "leave", "left"]
    assert every == set(running) == set()


async def test_where_somebody_else_waits_for_what_runs_it_is_left_at_once() -> None:
    played, every = Played(), set[asyncio.Task[Any]]()
    running = Tasks(every)
    task = asyncio.create_task(asyncio.Event().wait())
    running.add(task)
    await consumer(played, running).leave(finish=False)
    assert played.asked == ["stop", "leave", "left"]
    task.cancel()


async def test_the_tasks_of_another_partition_are_not_waited_for() -> None:
    played, every = Played(), set[asyncio.Task[Any]]()
    mine, others = Tasks(every), Tasks(every)
    task = asyncio.create_task(asyncio.Event().wait())
    others.add(task)
    await consumer(played, mine).leave(finish=True)
    assert (len(mine), every) == (0, {task})
    others.discard(task)
    assert every == set()
    task.cancel()
