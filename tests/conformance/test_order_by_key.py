"""Order by a key: equal keys one at a time and in order, different ones side by side."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from jararaca import (
    ConfigurationError,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.contract import headers
from jararaca.contract.topology import dead_letter_queue
from jararaca.errors import PublishTimeoutError
from jararaca.handling import settling
from jararaca.routing.declarations import topology_of
from jararaca.routing.table import Route, Service
from jararaca.transport import Publication

from tests.conformance.conftest import Bench, Inbox, message
from tests.support.services import service_of

PATIENCE = 30


class Move(Message):
    """The `number`th of a piece's moves."""

    MESSAGE_TOPIC = "move"
    MESSAGE_TYPE = "task"
    piece: str
    number: int


class Fall(Message):
    """Another message about a piece."""

    MESSAGE_TOPIC = "fall"
    MESSAGE_TYPE = "task"
    piece: str


Body = Callable[[MessageOf[Move]], Awaitable[None]]


def service(bench: Bench, body: Body, **options: Any) -> Service:
    """A service whose one handler is ordered by the piece, or as `options` say."""
    given = {"ordered_by": lambda move: move.piece, **options}

    @MessageBusController()
    class Moves:
        @MessageHandler(Move, **given)
        async def move(self, message: MessageOf[Move]) -> None:
            await body(message)

    return service_of(
        route(
            operation="move",
            queue=bench.name,
            binding_keys=(bench.key,),
            message=Move,
            controller=Moves,
            handler=Moves.move,
        )
    )


async def started(bench: Bench, made: Service, prefetch: int = 50) -> Worker:
    worker = Worker(Microservice(made), await bench.connect(), prefetch=prefetch)
    await worker.start()
    return worker


async def publish(bench: Bench, *moves: tuple[str, int]) -> None:
    transport = await bench.connect()
    for piece, number in moves:
        body = Move(piece=piece, number=number).encode()
        await transport.publish(message(bench.key, body, mandatory=True))


class Board:
    """Notes every move, and that no piece moves twice at a time."""

    def __init__(self) -> None:
        self.moving: set[str] = set()
        self.tries: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.together = 0
        self.clashes: list[str] = []

    async def move(self, move: MessageOf[Move], seconds: float = 0.0) -> None:
        piece = move.payload().piece
        if piece in self.moving:
            self.clashes.append(piece)
        self.moving.add(piece)
        self.together = max(self.together, len(self.moving))
        self.tries[piece].append((move.payload().number, move.attempt))
        await asyncio.sleep(seconds)
        self.moving.discard(piece)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while sum(map(len, self.tries.values())) < count or self.moving:
                await asyncio.sleep(0.01)
        assert self.clashes == [], "two moves of one piece at a time"


async def test_equal_keys_are_handled_in_order_and_different_ones_side_by_side(
    bench: Bench,
) -> None:
    board = Board()
    worker = await started(bench, service(bench, lambda move: board.move(move, 0.02)))
    await publish(bench, *((piece, number) for number in range(6) for piece in ("rook", "queen")))
    await board.until(12)
    await worker.stop()
    assert board.together == 2
    for piece in ("rook", "queen"):
        assert board.tries[piece] == [(number, 1) for number in range(6)]


async def test_a_failure_is_tried_again_in_its_place_while_other_keys_go_on(bench: Bench) -> None:
    board = Board()
    passed = asyncio.Event()

    async def body(move: MessageOf[Move]) -> None:
        await board.move(move)
        if move.payload().piece == "queen":
            passed.set()
        elif (move.payload().number, move.attempt) == (0, 1):
            raise ValueError("the first time")
        elif move.payload().number == 0:
            assert passed.is_set(), "the queen had to wait for the rook"

    policy = RetryPolicy(initial_delay=0.5, jitter=0)
    worker = await started(bench, service(bench, body, retry=policy))
    await publish(bench, ("rook", 0), ("rook", 1), ("queen", 0))
    await board.until(4)
    await worker.stop()
    assert board.tries["rook"] == [(0, 1), (0, 2), (1, 1)]


async def test_a_failure_that_is_given_up_lets_the_next_of_its_key_through(bench: Bench) -> None:
    board = Board()

    async def body(move: MessageOf[Move]) -> None:
        await board.move(move)
        if move.payload().number == 0:
            raise ValueError("always")

    policy = RetryPolicy(max_retries=1, initial_delay=0.1)
    worker = await started(bench, service(bench, body, retry=policy))
    await publish(bench, ("rook", 0), ("rook", 1))
    await board.until(3)
    await worker.stop()
    assert board.tries["rook"] == [(0, 1), (0, 2), (1, 1)]


@pytest.mark.parametrize("options", [{}, {"ordered": True, "ordered_by": None}], ids=["key", "all"])
async def test_the_order_holds_when_one_worker_stops_and_another_takes_over(
    bench: Bench, options: dict[str, Any]
) -> None:
    board = Board()
    made = service(bench, lambda move: board.move(move, 0.05), **options)
    first = await started(bench, made, prefetch=6)
    pieces = ("rook", "queen", "king")
    # It stands by before there is work: the first would have done it all on a busy machine.
    second = await started(bench, made)
    await publish(bench, *((piece, number) for number in range(10) for piece in pieces))
    async with asyncio.timeout(PATIENCE):
        while sum(map(len, board.tries.values())) < 7 or not board.moving:
            await asyncio.sleep(0.001)
    assert await first.stop(), "it had to give up handlers in flight"
    await board.until(30)
    await second.stop()
    for piece in pieces:
        assert [number for number, _ in board.tries[piece]] == list(range(10))


async def test_what_cannot_be_dead_lettered_yet_is_not_overtaken(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "BROKER_PAUSE", 0.05)
    board = Board()

    async def body(move: MessageOf[Move]) -> None:
        await board.move(move)
        if move.payload().number == 0:
            raise ValueError("always")

    made = service(bench, body, retry=RetryPolicy(max_retries=0))
    transport = await bench.connect()
    publish_for_real = transport.publish
    refused = 3

    async def unlucky(publication: Publication) -> None:
        nonlocal refused
        refused -= 1
        if refused >= 0:
            assert board.tries["rook"] == [(0, 1)]
            raise PublishTimeoutError("not now")
        await publish_for_real(publication)

    worker = Worker(Microservice(made), transport, prefetch=10)
    await worker.start()
    monkeypatch.setattr(transport, "publish", unlucky)
    await publish(bench, ("rook", 0), ("rook", 1))
    await board.until(2)
    dead = Inbox()
    await (await bench.connect()).consume(dead_letter_queue(bench.name), 1, dead)
    assert Move.decode((await dead.next()).body).number == 0
    await worker.stop()
    assert board.tries["rook"] == [(0, 1), (1, 1)]


async def test_a_message_without_a_key_goes_to_the_dead_letters(bench: Bench) -> None:
    board = Board()
    made = service(bench, board.move, ordered_by=lambda move: {"queen": "q"}[move.piece])
    worker = await started(bench, made)
    await publish(bench, ("rook", 0), ("queen", 0))
    dead = Inbox()
    await (await bench.connect()).consume(dead_letter_queue(bench.name), 1, dead)
    letter = await dead.next()
    assert letter.headers[headers.REASON] == "no key to order it by: KeyError: 'rook'"
    await board.until(1)
    await worker.stop()
    assert board.tries == {"queen": [(0, 1)]}


async def test_the_handlers_of_a_queue_share_their_keys(bench: Bench) -> None:
    running: set[str] = set()
    seen: list[str] = []

    clashes: list[str] = []

    async def work(name: str) -> None:
        clashes.extend(running)
        running.add(name)
        await asyncio.sleep(0.05)
        running.discard(name)
        seen.append(name)

    @MessageBusController()
    class Both:
        @MessageHandler(Move, ordered_by=lambda move: move.piece)
        async def move(self, message: MessageOf[Move]) -> None:
            await work("move")

        @MessageHandler(Fall, ordered_by=lambda fall: fall.piece)
        async def fall(self, message: MessageOf[Fall]) -> None:
            await work("fall")

    made = service_of(
        route(
            operation="move",
            queue=bench.name,
            binding_keys=(f"{bench.name}.move",),
            message=Move,
            controller=Both,
            handler=Both.move,
        ),
        route(
            operation="fall",
            queue=bench.name,
            binding_keys=(f"{bench.name}.fall",),
            message=Fall,
            controller=Both,
            handler=Both.fall,
        ),
    )
    worker = await started(bench, made)
    transport = await bench.connect()
    for number in range(3):
        move, fall = Move(piece="rook", number=number), Fall(piece="rook")
        await transport.publish(message(f"{bench.name}.move", move.encode(), mandatory=True))
        await transport.publish(message(f"{bench.name}.fall", fall.encode(), mandatory=True))
    async with asyncio.timeout(PATIENCE):
        while len(seen) < 6:
            await asyncio.sleep(0.01)
    await worker.stop()
    assert (seen, clashes) == (["move", "fall"] * 3, [])


async def test_a_consumer_of_a_higher_priority_is_served_first(bench: Bench) -> None:
    transport, other = await bench.declared(), await bench.connect()
    low, high = Inbox(), Inbox()
    await other.consume(bench.name, 10, low)
    await transport.consume(bench.name, 2, high, priority=5)
    for number in range(4):
        await transport.publish(message(bench.key, b"%d" % number))
    assert await high.bodies(2) == [b"0", b"1"]
    assert await low.bodies(2) == [b"2", b"3"]
    assert (high.waiting, low.waiting) == (0, 0)


def test_handlers_of_one_queue_agree_on_order_and_priority() -> None:
    def mixed(one: dict[str, Any], two: dict[str, Any]) -> Service:
        @MessageBusController()
        class Mixed:
            @MessageHandler(Move, **one)
            async def move(self, message: MessageOf[Move]) -> None: ...

            @MessageHandler(Fall, **two)
            async def fall(self, message: MessageOf[Fall]) -> None: ...

        def row(message: Any, handler: Any) -> Route:
            return route(
                operation="o",
                queue="mixed",
                binding_keys=("key",),
                message=message,
                controller=Mixed,
                handler=handler,
            )

        return service_of(row(Move, Mixed.move), row(Fall, Mixed.fall))

    key: dict[str, Any] = {"ordered_by": lambda move: move.piece}
    with pytest.raises(ConfigurationError, match=r"Mixed\.fall is not ordered, and another"):
        topology_of(mixed(key, {}))
    with pytest.raises(ConfigurationError, match="is ordered, .* is ordered by a key"):
        topology_of(mixed(key, {"ordered": True}))
    with pytest.raises(ConfigurationError, match="have different priorities"):
        topology_of(mixed({"priority": 1}, {}))
    arguments = topology_of(mixed(key, key)).queues[0].arguments
    assert arguments["x-single-active-consumer"] is True
    with pytest.raises(ValueError, match="ordered_by"):
        MessageHandler(Move, ordered=True, ordered_by=lambda move: move.piece)
