"""Partitions: a key's messages in order, whoever consumes its partition and however they came."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

import pytest
from jararaca import (
    ConfigurationError,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.contract import headers
from jararaca.contract.partitions import partition_of
from jararaca.contract.topology import dead_letter_queue
from jararaca.routing.declarations import topology_of
from jararaca.routing.table import Service

from tests.conformance.conftest import Bench, Inbox, message
from tests.support.brokers import delete_queues
from tests.support.partitions import Move, partitioned
from tests.support.services import service_of

PATIENCE = 40
COUNT = 4
PIECES = [f"piece-{number}" for number in range(12)]

Body = Callable[[MessageOf[Move]], Awaitable[None]]


def service(
    bench: Bench, body: Body, count: int = COUNT, of: type[Move] = Move, **options: Any
) -> Service:
    """A service whose one handler takes a partitioned channel's messages."""

    @MessageBusController()
    class Moves:
        @MessageHandler(of, **options)
        async def move(self, message: MessageOf[Move]) -> None:
            await body(message)

    plain = service_of(
        route(
            operation="move",
            queue=bench.name,
            binding_keys=(Move.MESSAGE_TOPIC,),
            message=of,
            controller=Moves,
            handler=Moves.move,
        ),
        name=f"{bench.name}-service",
        exchange=bench.name,
    )
    return partitioned(plain, count)


class Board:
    """Notes every move by its piece, and who made it."""

    def __init__(self) -> None:
        self.moves: dict[str, list[int]] = defaultdict(list)
        self.moving: set[str] = set()
        self.queues: dict[str, set[str]] = defaultdict(set)
        self.together = 0
        self.clashes: list[str] = []

    async def move(self, move: MessageOf[Move]) -> None:
        """One is made."""
        piece = move.payload().piece
        if piece in self.moving:
            self.clashes.append(piece)
        self.moving.add(piece)
        self.queues[piece].add(move.delivery.queue)
        self.together = max(self.together, len(self.moving))
        await asyncio.sleep(0.002)
        self.moves[piece].append(move.payload().number)
        self.moving.discard(piece)

    async def until(self, count: int) -> None:
        """Once so many different moves were made, and none is being made."""
        async with asyncio.timeout(PATIENCE):
            while sum(len(set(each)) for each in self.moves.values()) < count or self.moving:
                await asyncio.sleep(0.01)

    def assert_in_order(self, count: int) -> None:
        """Every piece has made its moves, and none before the one that it follows."""
        for piece, numbers in self.moves.items():
            assert list(dict.fromkeys(numbers)) == list(range(count)), piece
        assert self.clashes == [], "two moves of one piece at a time"


class Bank:
    """The workers of a test, each on a connection of its own."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.workers: list[Worker] = []

    async def start(self, made: Service, *, declare: bool = True) -> Worker:
        """One more worker."""
        transport = await self.bench.connect()
        worker = Worker(Microservice(made), transport, prefetch=20, declare=declare)
        await worker.start()
        self.workers.append(worker)
        return worker

    async def stop(self, worker: Worker) -> None:
        """One goes."""
        self.workers.remove(worker)
        await worker.stop()

    async def share(self, *shares: int) -> None:
        """Wait until the workers have so many partitions each, in any order."""
        async with asyncio.timeout(PATIENCE):
            while sorted(map(partitions_at, self.workers)) != sorted(shares):
                await asyncio.sleep(0.02)


def own_queue(bench: Bench, piece: str) -> str:
    """The partition of a piece."""
    return f"{bench.name}.p{partition_of(piece, COUNT)}"


def partitions_at(worker: Worker) -> int:
    """How many partitions a worker consumes."""
    return sum(".p" in name for name in worker.partitions)


@pytest.fixture
async def bank(bench: Bench) -> AsyncIterator[Bank]:
    made = Bank(bench)
    yield made
    for worker in list(made.workers):
        await made.stop(worker)
    if not bench.url.startswith("memory:"):
        names = [bench.name, *(f"{bench.name}.p{n}" for n in range(COUNT))]
        await delete_queues(bench.url, *names, f"{bench.name}-service.workers")


async def publish(bench: Bench, made: Service, moves: int, first: int = 0) -> None:
    transport = await bench.connect()
    await transport.declare(made.topology, passive=True)
    publisher = Publisher(transport)
    for number in range(first, first + moves):
        await publisher.publish_many(Move(piece=piece, number=number) for piece in PIECES)


async def test_the_moves_of_a_piece_are_in_order_and_pieces_move_side_by_side(
    bench: Bench, bank: Bank
) -> None:
    board = Board()
    made = service(bench, board.move)
    await bank.start(made)
    await publish(bench, made, 10)
    await board.until(10 * len(PIECES))
    board.assert_in_order(10)
    assert board.together > 1


async def test_our_publisher_leads_each_message_to_its_partition_itself(
    bench: Bench, bank: Bank
) -> None:
    made = service(bench, Board().move)
    transport = await bench.connect()
    await transport.declare(topology_of(made))
    await publish(bench, made, 1)
    expected: dict[str, int] = defaultdict(int)
    for piece in PIECES:
        expected[own_queue(bench, piece)] += 1
    for number in range(COUNT):
        name = f"{bench.name}.p{number}"
        assert await transport.count(name) == expected[name]
    assert await transport.count(bench.name) == 0


async def test_a_publisher_that_knows_only_exchange_and_key_takes_part(
    bench: Bench, bank: Bank
) -> None:
    board = Board()
    made = service(bench, board.move)
    await bank.start(made)
    transport = await bench.connect()
    for number in range(10):
        for piece in PIECES:
            body = Move(piece=piece, number=number).encode()
            lying = {"x-jararaca-partition": "0/16"} if number % 2 else {}
            await transport.publish(
                message(
                    Move.MESSAGE_TOPIC, body, exchange=bench.name, mandatory=True, headers=lying
                )
            )
    await board.until(10 * len(PIECES))
    board.assert_in_order(10)
    assert board.queues == {piece: {own_queue(bench, piece)} for piece in PIECES}


LYING: tuple[Any, ...] = (3, 3.5, "3/4 ", "03/4", "9/4", "-1/4", "", True, None, b"1/4", [0], {})
"""What publishers of other makes may write where ours say which partition it is."""
WITHOUT_KEY = (
    b'{"number": 1}',
    b'{"piece": 1, "number": 1}',
    b'{"piece": null, "number": 1}',
    b"x",
)


async def test_no_header_and_no_body_of_a_stranger_harms_another_message(
    bench: Bench, bank: Bank
) -> None:
    board, letters = Board(), Inbox()
    made = service(bench, board.move)
    await bank.start(made)
    transport = await bench.connect()
    for number, lying in enumerate(LYING):
        for body in (Move(piece="piece-3", number=number).encode(), *WITHOUT_KEY):
            told = {"x-jararaca-partition": lying}
            await transport.publish(
                message(Move.MESSAGE_TOPIC, body, exchange=bench.name, mandatory=True, headers=told)
            )
    await board.until(len(LYING))
    board.assert_in_order(len(LYING))
    await transport.consume(dead_letter_queue(bench.name), 50, letters)
    reasons = [(await letters.next()).headers[headers.REASON] for _ in LYING + LYING]
    assert all("not a valid Move" in reason for reason in reasons)


class Rented(Move):
    """What is kept in order by a header."""

    def __partition_key__(self, headers: Mapping[str, Any]) -> object:
        return headers["tenant"]


async def test_a_message_without_the_header_that_is_its_key_is_a_dead_letter_that_says_so(
    bench: Bench, bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    board, letters = Board(), Inbox()
    made = service(bench, board.move, of=Rented)
    await bank.start(made)
    transport = await bench.connect()
    body = Rented(piece="piece-0", number=0).encode()
    for told in ({}, {"tenant": 1.5}, {"tenant": "acme"}):
        await transport.publish(
            message(Move.MESSAGE_TOPIC, body, exchange=bench.name, mandatory=True, headers=told)
        )
    await board.until(1)
    await transport.consume(dead_letter_queue(bench.name), 50, letters)
    reasons = [(await letters.next()).headers[headers.REASON] for _ in range(2)]
    assert reasons == [
        "Rented has no partition key: there is no header 'tenant'",
        "Rented has no partition key: a partition key is a text or a whole number, not float",
    ]
    assert not [each for each in caplog.records if each.exc_info]


async def test_a_message_in_the_wrong_partition_is_put_into_its_own(
    bench: Bench, bank: Bank
) -> None:
    board = Board()
    made = service(bench, board.move)
    await bank.start(made)
    transport = await bench.connect()
    wrong = f"{bench.name}.p{(partition_of('piece-0', COUNT) + 1) % COUNT}"
    body = Move(piece="piece-0", number=0).encode()
    await transport.publish(message(wrong, body, exchange="", mandatory=True))
    await board.until(1)
    assert board.queues == {"piece-0": {own_queue(bench, "piece-0")}}


async def test_a_move_that_fails_keeps_its_place_and_other_pieces_go_on(
    bench: Bench, bank: Bank
) -> None:
    board, failures = Board(), {"piece-0": 2}
    others_first: list[bool] = []

    async def fails_first(move: MessageOf[Move]) -> None:
        piece = move.payload().piece
        if failures.get(piece, 0) > 0 and move.payload().number == 1:
            failures[piece] -= 1
            raise RuntimeError("not yet")
        if piece == "piece-0" and move.payload().number == 1:
            others_first.append(any(2 in board.moves[each] for each in PIECES[1:]))
        await board.move(move)

    retry = RetryPolicy(initial_delay=0.3, jitter=0)
    made = service(bench, fails_first, retry=retry)
    await bank.start(made)
    await publish(bench, made, 5)
    await board.until(5 * len(PIECES))
    board.assert_in_order(5)
    assert others_first == [True]


async def test_a_letter_of_a_partition_goes_to_the_queues_one_for_all(
    bench: Bench, bank: Bank
) -> None:
    async def fails(move: MessageOf[Move]) -> None:
        raise RuntimeError("never")

    made = service(bench, fails, retry=RetryPolicy(max_retries=0))
    await bank.start(made)
    transport, letters = await bench.connect(), Inbox()
    await publish(bench, made, 1)
    await transport.consume(dead_letter_queue(bench.name), 50, letters)
    told = [(await letters.next()) for _ in PIECES]
    for each in told:
        piece = Move.decode(each.body).piece
        assert each.headers["x-jararaca-queue"] == own_queue(bench, piece)


async def test_workers_come_and_go_and_share_evenly_in_order(bench: Bench, bank: Bank) -> None:
    board = Board()
    made = service(bench, board.move)
    first = await bank.start(made)
    await bank.share(4)
    publishing = asyncio.create_task(publish(bench, made, 60))
    await bank.start(made)
    await bank.share(2, 2)
    await bank.start(made)
    await bank.share(1, 1, 2)
    await bank.stop(first)
    await bank.share(2, 2)
    await publishing
    await publish(bench, made, 20, first=60)
    await bank.stop(bank.workers[0])
    await bank.share(4)
    await board.until(80 * len(PIECES))
    board.assert_in_order(80)


async def test_a_partition_is_handed_over_once_what_runs_of_it_is_finished(
    bench: Bench, bank: Bank
) -> None:
    board, go = Board(), asyncio.Event()

    async def waits(move: MessageOf[Move]) -> None:
        board.moving.add(move.payload().piece)
        await go.wait()
        board.moving.discard(move.payload().piece)
        await board.move(move)

    made = service(bench, waits)
    first = await bank.start(made)
    await publish(bench, made, 1)
    async with asyncio.timeout(PATIENCE):
        while len(board.moving) < len(PIECES):
            await asyncio.sleep(0.01)
        second = await bank.start(made)
        while not any(each.leaving for each in first._shares._consumed.values()):
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    assert partitions_at(second) == 0
    go.set()
    await bank.share(2, 2)
    await board.until(len(PIECES))
    assert board.moves == {piece: [0] for piece in PIECES}


async def test_more_workers_than_partitions_have_one_each(bench: Bench, bank: Bank) -> None:
    made = service(bench, Board().move)
    for _ in range(COUNT + 1):
        await bank.start(made)
    await bank.share(1, 1, 1, 1, 0)


async def test_a_delayed_message_takes_its_place_when_it_is_due(bench: Bench, bank: Bank) -> None:
    board = Board()
    made = service(bench, board.move)
    await bank.start(made)
    transport = await bench.connect()
    await transport.declare(topology_of(made))
    await Publisher(transport).publish(Move(piece="piece-3", number=0), delay=0.2)
    await board.until(1)
    assert board.moves == {"piece-3": [0]}


@pytest.mark.parametrize(
    "options",
    [{"ordered": True}, {"ordered_by": lambda move: move.piece}, {"batch": 5}, {"priority": 3}],
    ids=lambda options: next(iter(options)),
)
def test_an_option_that_says_otherwise_is_refused(options: dict[str, Any]) -> None:
    made = service(Bench(f"memory://{uuid4()}"), Board().move, **options)
    with pytest.raises(ConfigurationError, match=f"{next(iter(options))}="):
        topology_of(made)
