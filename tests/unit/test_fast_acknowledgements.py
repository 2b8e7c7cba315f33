"""The settlements of a channel: few frames, and never one for a delivery that is open or gone."""

from __future__ import annotations

import random
import struct

from jararaca.transport.amqp.fast.acknowledgements import (
    ACK,
    MULTIPLE,
    REJECT,
    REQUEUE,
    Acknowledgements,
)
from jararaca.transport.amqp.fast.wire.frames import method
from pamqp import commands

CHANNEL = 7


class Broker:
    """What RabbitMQ makes of a channel's settlements; an unknown tag closes the channel."""

    def __init__(self) -> None:
        self.open: set[int] = set()
        self.acked: set[int] = set()
        self.requeued: set[int] = set()
        self.counted: set[int] = set()
        self.frames = 0

    def deliver(self, tag: int) -> None:
        self.open.add(tag)

    def settle(self, data: bytes) -> None:
        for start in range(0, len(data), 21):
            kind, channel, size, method, tag, bits, end = struct.unpack_from(
                ">BHI4sQBB", data, start
            )
            assert (kind, channel, size, end) == (1, CHANNEL, 13, 0xCE)
            self.frames += 1
            tags = {t for t in self.open if t <= tag} if bits & MULTIPLE else {tag}
            assert tags <= self.open and tag in self.open, "PRECONDITION_FAILED: unknown tag"
            self.open -= tags
            if method == ACK:
                self.acked |= tags
            else:
                assert REQUEUE[method] == bits
                self.requeued |= tags
                if method == REJECT:
                    self.counted |= tags


def acks_of(count: int) -> tuple[Acknowledgements, Broker, list[Acknowledgements]]:
    dirty: list[Acknowledgements] = []
    acks, broker = Acknowledgements(CHANNEL, dirty.append), Broker()
    for tag in range(1, count + 1):
        acks.delivered(tag)
        broker.deliver(tag)
    return acks, broker, dirty


def test_a_run_of_acks_from_the_lowest_open_delivery_is_one_frame() -> None:
    acks, broker, dirty = acks_of(200)
    for tag in random.sample(range(1, 201), 200):
        acks.ack(tag)
    broker.settle(acks.collect())
    assert (broker.frames, len(broker.acked), len(dirty)) == (1, 200, 1)


def test_an_open_delivery_is_never_covered_by_an_ack_above_it() -> None:
    acks, broker, _ = acks_of(5)
    for tag in (1, 2, 4, 5):
        acks.ack(tag)
    broker.settle(acks.collect())
    assert broker.open == {3}
    acks.ack(3)
    broker.settle(acks.collect())
    assert broker.acked == {1, 2, 3, 4, 5}


def test_a_requeued_delivery_is_not_acked_by_the_run_that_passes_over_it() -> None:
    acks, broker, _ = acks_of(3)
    acks.ack(1)
    acks.ack(3)
    acks.requeue(2)
    broker.settle(acks.collect())
    assert (broker.acked, broker.requeued) == ({1, 3}, {2})


def test_what_comes_back_over_a_failure_is_rejected_so_that_the_broker_counts_it() -> None:
    acks, broker, _ = acks_of(3)
    acks.requeue(1)
    acks.requeue(2, failed=True)
    acks.ack(3)
    broker.settle(acks.collect())
    assert (broker.acked, broker.requeued, broker.counted) == ({3}, {1, 2}, {2})


def test_a_delivery_is_settled_once_however_often_it_is_asked_for() -> None:
    acks, broker, _ = acks_of(2)
    acks.ack(1)
    acks.requeue(1)
    broker.settle(acks.collect())
    acks.ack(1)
    acks.requeue(2)
    acks.requeue(2)
    broker.settle(acks.collect())
    assert (broker.acked, broker.requeued) == ({1}, {2})


def test_nothing_is_told_of_a_channel_that_is_gone() -> None:
    acks, _, dirty = acks_of(3)
    acks.ack(1)
    acks.close()
    acks.ack(2)
    assert (acks.collect(), len(dirty)) == (b"", 1)


def test_any_order_of_settlements_in_any_ticks_settles_each_delivery_as_asked() -> None:
    for seed in range(300):
        chance = random.Random(seed)
        acks, broker, _ = acks_of(0)
        open_tags: list[int] = []
        acked, requeued, tag = set(), set(), 0
        for _ in range(chance.randrange(60)):
            for _ in range(chance.randrange(6)):
                tag += 1
                acks.delivered(tag)
                broker.deliver(tag)
                open_tags.append(tag)
            chance.shuffle(open_tags)
            for _ in range(chance.randrange(len(open_tags) + 1)):
                settled = open_tags.pop()
                if chance.random() < 0.2:
                    acks.requeue(settled)
                    requeued.add(settled)
                else:
                    acks.ack(settled)
                    acked.add(settled)
            broker.settle(acks.collect())
        assert (broker.acked, broker.requeued) == (acked, requeued)
        assert acks.open == len(broker.open)


def test_a_delivery_that_stays_open_for_long_does_not_make_the_ledger_grow() -> None:
    acks, broker, _ = acks_of(1)
    for tag in range(2, 5_000):
        acks.delivered(tag)
        broker.deliver(tag)
        acks.ack(tag)
        broker.settle(acks.collect())
    assert acks.open == 1
    assert not acks._acked and not acks._refused


def test_settlements_are_read_by_others_as_they_are_meant() -> None:
    acks, _, _ = acks_of(9)
    for tag in (1, 2, 6, 8):
        acks.ack(tag)
    acks.requeue(3)
    acks.requeue(4, failed=True)
    expected = [
        commands.Basic.Nack(3, multiple=False, requeue=True),
        commands.Basic.Reject(4, requeue=True),
        commands.Basic.Ack(2, multiple=True),
        commands.Basic.Ack(6, multiple=False),
        commands.Basic.Ack(8, multiple=False),
    ]
    assert acks.collect() == b"".join(method(each, CHANNEL) for each in expected)
    assert acks.open == 3 and acks.holds(5) and not acks.holds(6) and acks.collect() == b""


def test_only_the_first_settlement_of_a_turn_is_told() -> None:
    for first, second in ((True, True), (True, False), (False, True), (False, False)):
        acks, _, dirty = acks_of(4)
        for tag, acked in ((1, first), (2, second)):
            (acks.ack if acked else acks.requeue)(tag)
            assert dirty == [acks]
        acks.collect()
        acks.ack(3)
        assert dirty == [acks, acks]


def gathering(count: int, together: int) -> tuple[Acknowledgements, Broker, list[str]]:
    told: list[str] = []
    acks, broker = Acknowledgements(CHANNEL, lambda _: told.append("now")), Broker()
    acks.gather(together, lambda _: told.append("later"))
    for tag in range(1, count + 1):
        acks.delivered(tag)
        broker.deliver(tag)
    return acks, broker, told


def test_acks_that_are_gathered_are_told_once_there_are_enough_or_later() -> None:
    acks, broker, told = gathering(9, 4)
    acks.ack(1)
    assert told == ["later"], "there may be no more of them"
    acks.ack(2)
    acks.ack(3)
    assert told == ["later"]
    acks.ack(4)
    assert told == ["later", "now"]
    acks.ack(5)
    assert told == ["later", "now"], "it goes with those before it"
    broker.settle(acks.collect())
    assert (broker.frames, broker.acked) == (1, {1, 2, 3, 4, 5})
    acks.ack(6)
    assert told == ["later", "now", "later"]


def test_what_is_given_back_does_not_wait_for_acks() -> None:
    acks, broker, told = gathering(4, 4)
    acks.ack(1)
    acks.requeue(2)
    assert told == ["later", "now"]
    for tag in (3, 4):
        acks.ack(tag)
    assert told == ["later", "now"]
    broker.settle(acks.collect())
    assert (broker.acked, broker.requeued) == ({1, 3, 4}, {2})


def test_a_few_acks_that_are_gathered_are_told_one_by_one_where_the_prefetch_is_small() -> None:
    acks, _, told = gathering(2, 0)
    acks.ack(1)
    acks.collect()
    acks.ack(2)
    assert told == ["now", "now"]
