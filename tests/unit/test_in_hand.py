"""Many alike messages cost no more, each, than few: who waits for a turn is woken once."""

from __future__ import annotations

import asyncio

import pytest
from jararaca.messagebus.in_hand import InHand
from jararaca.transport import Delivery, Properties
from jararaca.transport.memory.broker import MemoryBroker
from jararaca.transport.memory.transport import MemoryTransport

MANY = 200


def receipt(message_id: str, body: bytes = b"{}") -> Delivery:
    """One receipt of a message."""
    return Delivery("q", "tick", "ex", body, Properties(message_id), {}, False, object())


@pytest.fixture
def hand() -> InHand:
    """Nothing is handled yet."""
    return InHand(MemoryTransport(MemoryBroker()), "handler")


async def handle(hand: InHand, delivery: Delivery, order: list[Delivery]) -> None:
    """As a worker does: wait for the turn, and take some turns of the loop."""
    await hand.turn(delivery)
    assert hand.twin(delivery) is None
    hand.begin(delivery)
    await asyncio.sleep(0)
    order.append(delivery)
    hand.end(delivery)


async def test_copies_take_turns_as_they_came_and_each_is_woken_once(
    hand: InHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    twin = InHand.twin

    def counted(self: InHand, delivery: Delivery) -> Delivery | None:
        nonlocal looks
        looks += 1
        return twin(self, delivery)

    monkeypatch.setattr(InHand, "twin", counted)
    copies = [receipt("same") for _ in range(MANY)]
    order: list[Delivery] = []
    await asyncio.gather(*(handle(hand, each, order) for each in copies))
    assert order == copies
    assert looks <= 4 * MANY


async def test_one_who_gives_up_its_place_holds_up_nobody(hand: InHand) -> None:
    first, second, third = (receipt("same") for _ in range(3))
    hand.begin(first)
    order: list[Delivery] = []
    waiting = [asyncio.create_task(handle(hand, each, order)) for each in (second, third)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    hand.end(first)
    await asyncio.wait(waiting, timeout=5)
    assert order == [third]


def test_other_topics_bodies_and_messages_without_an_id_are_no_twins(hand: InHand) -> None:
    hand.begin(receipt("1"))
    hand.begin(receipt("1", b"[]"))
    other = receipt("1")
    other.routing_key = "tock"
    assert hand.twin(other) is None
    hand.begin(Delivery("q", "tick", "ex", b"0", Properties(), {}, False, object()))
    assert hand.twin(Delivery("q", "tick", "ex", b"0", Properties(), {}, False, object())) is None


class Noted:
    """A transport that notes what is settled, by its token."""

    def __init__(self) -> None:
        self.acked: list[object] = []
        self.requeued: list[object] = []
        self.held: set[object] = set()

    async def ack(self, delivery: Delivery) -> None:
        self.acked.append(delivery.token)

    async def requeue(self, delivery: Delivery, *, failed: bool = False) -> None:
        self.requeued.append(delivery.token)

    def holds(self, delivery: Delivery) -> bool:
        return delivery.token in self.held


def again(message_id: str, *, redelivered: bool = True, body: bytes = b"{}") -> Delivery:
    """The message is delivered once more."""
    properties = Properties(message_id)
    return Delivery("q", "tick", "ex", body, properties, {}, redelivered, object())


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def watched(noted: Noted) -> InHand:
    return InHand(noted, "handler")  # type: ignore[arg-type]


async def test_a_message_that_comes_again_while_it_is_handled_joins_its_handler(
    watched: InHand, noted: Noted
) -> None:
    first, newer = receipt("1"), again("1")
    stale = first.token
    watched.begin(first)
    assert await watched.join(newer)
    assert first.token is newer.token, "the handler settles the newer delivery"
    assert noted.acked == [stale], "the older one is nobody's any more"
    assert [each for each, _ in watched.running()] == [first]
    assert watched.end(first), "what joined may have come too late to be settled"


async def test_nothing_joins_that_is_another_message_or_came_for_the_first_time(
    watched: InHand, noted: Noted
) -> None:
    first = receipt("1")
    watched.begin(first)
    assert not await watched.join(again("1", redelivered=False))
    assert not await watched.join(again("2"))
    assert not await watched.join(again("1", body=b"[]"))
    assert noted.acked == []
    assert not watched.end(first)


async def test_the_latest_of_several_receipts_is_joined(watched: InHand) -> None:
    first, second = receipt("1"), receipt("1")
    watched.begin(first)
    watched.begin(second)
    newer = again("1")
    assert watched.twin(newer) is second
    assert await watched.join(newer)
    assert second.token is newer.token and first.token is not newer.token


async def test_what_joined_goes_back_if_it_is_still_held(watched: InHand, noted: Noted) -> None:
    delivery = receipt("1")
    await watched.give_back(delivery)
    assert noted.requeued == []
    noted.held.add(delivery.token)
    await watched.give_back(delivery)
    assert noted.requeued == [delivery.token]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_of_several_with_one_body_each_is_in_hand_until_it_ends(
    watched: InHand, order: tuple[int, ...]
) -> None:
    receipts = [receipt(str(number)) for number in range(3)]
    for each in receipts:
        watched.begin(each)
    left = set(receipts)
    for number in order:
        assert {each for each, _ in watched.running()} == left
        assert b"{}" in watched.bodies
        assert not watched.end(receipts[number])
        left.discard(receipts[number])
    assert list(watched.running()) == [] and b"{}" not in watched.bodies


async def test_nothing_is_kept_of_what_has_ended(watched: InHand) -> None:
    """A worker runs for months, and the next delivery goes the short way again."""
    first, copy, alone = again("1"), again("1"), again("2", body=b"[]")
    for each in (first, copy, alone):
        watched.begin(each)
    waiting = asyncio.create_task(watched.turn(again("1")))
    await asyncio.sleep(0)
    assert await watched.join(again("1"))
    assert [watched.end(each) for each in (alone, copy, first)].count(True) == 1
    await asyncio.wait_for(waiting, 5)
    del waiting
    kept = (watched._firsts, watched._others, watched._joined, watched._ends, watched._lines)
    assert not any(kept)
