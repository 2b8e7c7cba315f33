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
