"""Whose turn it is to read a stream, and where it begins: against a queue played by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from jararaca.application.progress import Place, Progress
from jararaca.errors import BackendError, BrokerError
from jararaca.messagebus.streams.kept_position import Kept
from jararaca.messagebus.streams.turn import FENCE_SECONDS, RENEWED_SECONDS, Turn

from tests.support.virtual_time import run
from tests.unit.streams.by_hand import NAME, QUEUE, ByHand

OLDER, NEWER = Kept(3, 0, 4), Kept(10, 1, 11)


async def begun(by_hand: ByHand) -> Turn:
    """A turn whose own token went out, and which holds nothing yet."""
    turn = by_hand.turn()
    await turn.begin()
    return turn


async def loading(turn: Turn) -> asyncio.Task[Place | None]:
    """The place is asked for, and the fence is out."""
    task = asyncio.create_task(turn.load(NAME))
    await asyncio.sleep(0)
    return task


async def waits(task: asyncio.Task[Any]) -> bool:
    """Whether it is not over, after all that could be done at once."""
    for _ in range(10):
        await asyncio.sleep(0)
    return not task.done()


async def test_where_to_begin_is_known_once_all_older_tokens_have_come() -> None:
    """A process that ended has left two: the older comes first, and to begin there repeats."""
    by_hand = ByHand()
    turn = await begun(by_hand)
    await by_hand.gives(OLDER)
    task = await loading(turn)
    fence = by_hand.told[-1]
    assert fence.fence and fence.offset == OLDER.offset
    assert await waits(task), "it began at the older token: the newer one is still on its way"
    await by_hand.gives(NEWER)
    assert await waits(task)
    await by_hand.gives(fence)
    assert await task == Place(10, 1)
    await turn.end()


async def test_another_ones_fence_is_not_waited_for() -> None:
    by_hand = ByHand()
    turn = await begun(by_hand)
    await by_hand.gives(OLDER)
    task = await loading(turn)
    await by_hand.gives(Kept(3, 0, 4, "of somebody who ended"))
    await by_hand.gives(Kept(3, 0, 5))
    assert await waits(task)
    await by_hand.gives(by_hand.told[-1])
    assert await task == Place(3, 0)
    await turn.end()


async def test_each_turn_has_a_fence_of_its_own() -> None:
    by_hand = ByHand()
    turn = await begun(by_hand)
    await by_hand.gives(OLDER)
    for _ in range(2):
        task = await loading(turn)
        assert await waits(task), "an earlier fence let it pass"
        await by_hand.gives(by_hand.told[-1])
        await task
    assert by_hand.told[-1].fence != by_hand.told[-2].fence
    await turn.end()


async def test_where_nothing_was_begun_there_is_no_place() -> None:
    by_hand = ByHand()
    turn = await begun(by_hand)
    await by_hand.gives(Kept())
    task = await loading(turn)
    await by_hand.gives(by_hand.told[-1])
    assert await task is None
    await turn.end()


def test_a_fence_that_does_not_come_is_told_after_a_while() -> None:
    async def main() -> float:
        by_hand = ByHand()
        turn = await begun(by_hand)
        await by_hand.gives(OLDER)
        with pytest.raises(BackendError, match=f"{QUEUE} does not say where to begin"):
            await turn.load(NAME)
        await turn.end()
        return asyncio.get_running_loop().time()

    assert run(main()) == FENCE_SECONDS


async def test_a_fence_that_cannot_be_published_is_told() -> None:
    by_hand = ByHand()
    turn = await begun(by_hand)
    by_hand.failing = BrokerError("it is gone")
    with pytest.raises(BackendError, match="does not say where to begin: it is gone"):
        await turn.load(NAME)
    await turn.end()


async def test_who_begins_brings_a_token_along_that_says_nothing() -> None:
    by_hand = ByHand()
    turn = await begun(by_hand)
    assert by_hand.consumed == [QUEUE]
    assert by_hand.told == [Kept()]
    sent = by_hand.published[0]
    assert (sent.routing_key, sent.exchange, sent.mandatory) == (QUEUE, "", True)
    assert not turn.held
    assert not turn.in_transaction, "a handler's transaction knows nothing of it"
    await turn.end()


@pytest.mark.parametrize(
    ("in_hand", "comes", "kept"),
    [
        (Kept(5, 0, 3), Kept(), "first"),
        (Kept(5, 0, 3), Kept(4, 0, 9), "first"),
        (Kept(5, 0, 3), Kept(5, 1, 2), "first"),
        (Kept(5, 0, 3), Kept(5, 0, 3), "second"),
        (Kept(5, 0, 3), Kept(5, 1, 4), "second"),
        (Kept(5, 0, 3), Kept(6, 0, 1), "second"),
        (Kept(), Kept(-1, 1, 1), "second"),
    ],
)
async def test_of_two_tokens_the_one_that_says_most_is_kept(
    in_hand: Kept, comes: Kept, kept: str
) -> None:
    by_hand = ByHand()
    turn = await begun(by_hand)
    deliveries = {"first": await by_hand.gives(in_hand), "second": await by_hand.gives(comes)}
    assert turn.held and turn.number == 1
    await turn.end()
    other = deliveries["second" if kept == "first" else "first"]
    assert by_hand.settled == [("ack", other), ("requeue", deliveries[kept])]


async def test_a_turn_that_was_lost_and_comes_again_is_another() -> None:
    by_hand = ByHand()
    turn = await begun(by_hand)
    first = await by_hand.gives(NEWER)
    by_hand.lost.add(first)
    assert not turn.held
    await by_hand.gives(OLDER)
    assert (turn.held, turn.number) == (True, 2), "what was lost is no measure of what comes"
    await turn.end()
    assert [kind for kind, _ in by_hand.settled] == ["ack", "requeue"]


async def test_the_turn_is_waited_for() -> None:
    by_hand = ByHand()
    turn = await begun(by_hand)
    task = asyncio.create_task(turn.taken())
    assert await waits(task)
    first = await by_hand.gives(Kept())
    await task
    by_hand.lost.add(first)
    task = asyncio.create_task(turn.taken())
    assert await waits(task), "the connection is lost"
    await by_hand.gives(Kept())
    await task
    await turn.taken()
    await turn.end()


async def test_a_token_of_a_lost_connection_is_not_given_back() -> None:
    by_hand = ByHand()
    turn = await begun(by_hand)
    by_hand.lost.add(await by_hand.gives(NEWER))
    await turn.end()
    assert (by_hand.settled, by_hand.cancelled) == ([], 1)
    assert not turn.held


async def test_who_never_began_ends_without_a_word() -> None:
    by_hand = ByHand()
    await by_hand.turn().end()
    assert (by_hand.settled, by_hand.cancelled) == ([], 0)


async def test_each_offset_that_is_written_is_newer_than_all_before() -> None:
    by_hand = ByHand()
    turn = await begun(by_hand)
    await by_hand.gives(Kept(3, 0, 7))
    await turn.advance(Progress(NAME, "orders.stream", 3, 4, 0))
    await turn.advance(Progress(NAME, "orders.stream", 4, 5, 2))
    assert by_hand.told[1:] == [Kept(4, 0, 8), Kept(5, 2, 9)]
    await by_hand.gives(Kept(5, 2, 20))
    await turn.advance(Progress(NAME, "orders.stream", 5, 6))
    assert by_hand.told[-1] == Kept(6, 0, 21)
    await turn.end()


async def test_an_offset_that_cannot_be_written_is_told() -> None:
    by_hand = ByHand()
    turn = await begun(by_hand)
    by_hand.failing = BrokerError("it is gone")
    with pytest.raises(BackendError, match="it is gone"):
        await turn.advance(Progress(NAME, "orders.stream", 3, 4))
    await turn.end()


def test_a_token_is_renewed_before_the_broker_takes_it_back() -> None:
    async def main() -> list[Kept]:
        by_hand = ByHand()
        turn = await begun(by_hand)
        await asyncio.sleep(RENEWED_SECONDS + 1)
        assert len(by_hand.told) == 1, "there was none to renew"
        first = await by_hand.gives(Kept(3, 1, 7))
        by_hand.failing = BrokerError("not now")
        await asyncio.sleep(RENEWED_SECONDS)
        by_hand.failing = None
        await asyncio.sleep(RENEWED_SECONDS)
        by_hand.lost.add(first)
        await asyncio.sleep(RENEWED_SECONDS)
        await turn.end()
        await asyncio.sleep(2 * RENEWED_SECONDS)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return by_hand.told[1:]

    [renewed] = run(main())
    assert renewed.order > Kept(3, 1, 7).order
    assert (renewed.offset, renewed.strikes) == (3, 1)
