"""Fifty workers that come and go on eight partitions: even shares, in order, nothing lost."""

from __future__ import annotations

import asyncio
import random

from jararaca import Publisher
from jararaca.routing.table import Service

from tests.conformance.conftest import ONE_OF_EACH, Bench
from tests.conformance.test_partitions import PIECES, Bank, Board, bank, service
from tests.support.brokers import delete_queues
from tests.support.partitions import Move

__all__ = ["bank"]
WORKERS, PARTITIONS = 50, 8


class Moving:
    """Publishes a move of each piece, again and again, until it is told to stop."""

    def __init__(self, bench: Bench, made: Service) -> None:
        self._bench, self._made = bench, made
        self.moves = 0
        self.over = asyncio.Event()

    async def go_on(self) -> None:
        transport = await self._bench.connect()
        await transport.declare(self._made.topology, passive=True)
        publisher = Publisher(transport)
        while not self.over.is_set():
            number, self.moves = self.moves, self.moves + 1
            await publisher.publish_many(Move(piece=piece, number=number) for piece in PIECES)
            await asyncio.sleep(0.01)


@ONE_OF_EACH
async def test_fifty_workers_come_and_go_and_every_move_is_made_in_order(
    bench: Bench, bank: Bank
) -> None:
    chance, board = random.Random(8), Board()
    made = service(bench, board.move, PARTITIONS)
    await bank.start(made)
    moving = Moving(bench, made)
    at_work = asyncio.create_task(moving.go_on())
    for _ in range(WORKERS // 5):
        await asyncio.gather(*(bank.start(made) for _ in range(5)))
        for worker in chance.sample(bank.workers, min(3, len(bank.workers) - 1)):
            await bank.stop(worker)
    await bank.share(*[1] * PARTITIONS, *[0] * (len(bank.workers) - PARTITIONS))
    while len(bank.workers) > 3:
        await asyncio.gather(*map(bank.stop, chance.sample(bank.workers, 3)))
    left = len(bank.workers)
    await bank.share(*(len(range(number, PARTITIONS, left)) for number in range(left)))
    moving.over.set()
    await at_work
    await board.until(moving.moves * len(PIECES))
    board.assert_in_order(moving.moves)
    if bench.url.startswith("amqp"):
        await delete_queues(bench.url, *(f"{bench.name}.p{n}" for n in range(PARTITIONS)))
