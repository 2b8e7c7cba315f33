"""The chain of queues that delays: its form, and what of it is declared when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest
from jararaca import Exchange, ExchangeBinding, Queue, QueueBinding, Topology
from jararaca.contract.topics import matches
from jararaca.errors import AccessRefusedError, QueueNotFoundError
from jararaca.transport import DELAY_LEVELS
from jararaca.transport.amqp.delaying import delay_chain as module
from jararaca.transport.amqp.delaying import delays
from jararaca.transport.amqp.delaying.delay_chain import ENDS, DelayChain
from jararaca.transport.amqp.delaying.delays import (
    DELIVERY,
    FORGOTTEN,
    PARKED,
    TASKS,
    UNDELIVERABLE,
)
from jararaca.transport.amqp.delaying.provisioning import provisioned

LONGEST = 2**DELAY_LEVELS - 1


@pytest.mark.parametrize(
    ("delay", "units"),
    [
        (0.0, 1),
        (0.01, 1),
        (0.1, 1),
        (0.1000001, 2),
        (0.10000001, 1),
        (0.3, 3),
        (1.25, 13),
        (1e12, LONGEST),
    ],
)
def test_a_delay_is_rounded_up_to_tenths(delay: float, units: int) -> None:
    assert delays.units_of(delay) == units


def walked(units: int, destination: str, chain: delays.DelayTopology) -> tuple[int, str]:
    """The thousandths that a delayed message is kept for, and the exchange that it leaves last."""
    key = delays.routing_key(units, destination)
    place, kept = delays.entry(delays.level_of(units)), 0
    queues = {each.name: each.arguments for each in chain.topology.queues}
    while place.removeprefix(f"{delays.NAME}.").isdecimal():
        queue = [
            each.queue
            for each in chain.topology.bindings
            if each.exchange == place and matches(each.routing_key, key)
        ]
        onward = [
            each.destination
            for each in chain.between
            if each.source == place and matches(each.routing_key, key)
        ]
        assert len(queue) + len(onward) == 1, (place, key)
        if queue:
            kept += queues[queue[0]]["x-message-ttl"]
            place = queues[queue[0]]["x-dead-letter-exchange"]
        else:
            place = onward[0]
    return kept, place


@pytest.mark.parametrize("units", [1, 2, 3, 4, 37, 1_000, LONGEST - 1, LONGEST])
def test_a_message_is_kept_for_as_long_as_its_digits_say(units: int) -> None:
    assert delays.level_of(units) == len(f"{units:b}") - 1
    chain = delays.topology(delays.level_of(units))
    assert walked(units, "queue.orders", chain) == (units * 100, DELIVERY)


def test_the_end_of_the_chain_alone() -> None:
    chain = delays.topology(ENDS)
    assert chain.between == ()
    assert chain.topology.exchanges == (
        Exchange(UNDELIVERABLE, "fanout"),
        Exchange(DELIVERY, arguments={"alternate-exchange": UNDELIVERABLE}),
        Exchange(TASKS),
    )
    parked, forgotten, tasks = chain.topology.queues
    assert parked == Queue(
        PARKED, arguments={"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}
    )
    assert forgotten.arguments == {"x-queue-type": "classic", "x-message-ttl": 0}
    assert tasks == Queue(
        TASKS,
        arguments={
            "x-queue-type": "quorum",
            "x-message-ttl": 1,
            "x-dead-letter-exchange": TASKS,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )
    any_digits = ["*"] * DELAY_LEVELS
    assert chain.topology.bindings == (
        QueueBinding(UNDELIVERABLE, PARKED, ""),
        QueueBinding(DELIVERY, FORGOTTEN, ".".join([*any_digits, "event.#"])),
        QueueBinding(DELIVERY, TASKS, ".".join([*any_digits, "task.#"])),
    )


def test_levels_are_as_many_as_were_asked_for() -> None:
    chain = delays.topology(2)
    names = [each.name for each in chain.topology.exchanges]
    assert names[3:] == ["jararaca.delay.00", "jararaca.delay.01", "jararaca.delay.02"]
    assert [each.name for each in chain.topology.queues[3:]] == names[3:]
    assert len(chain.between) == 3


def test_what_a_message_is_delayed_for_is_read_back() -> None:
    key = delays.routing_key(5, "queue.orders.eu")
    assert key.split(".")[:DELAY_LEVELS] == ["~0"] * (DELAY_LEVELS - 3) + ["~1", "~0", "~1"]
    assert delays.destination_of(key) == "queue.orders.eu"
    assert delays.queue_of(key) == "orders.eu"
    assert delays.queue_of(delays.routing_key(1, "task.jararaca")) is None


def test_destinations_and_their_bindings() -> None:
    assert delays.destination("", "orders", mandatory=False) == delays.of_queue("orders")
    assert delays.destination("shop", "any", mandatory=True) == "task.shop"
    assert delays.destination("shop", "any", mandatory=False) == "event.shop"
    topology = Topology((Exchange("shop"), Exchange("")), (Queue("orders"),))
    assert delays.destinations(topology) == ("queue.orders", "event.shop", "task.shop")
    queue, event, task = map(delays.binding_of, delays.destinations(topology))
    assert queue == QueueBinding(DELIVERY, "orders", delays.delivery_key("queue.orders"))
    assert event == ExchangeBinding(DELIVERY, "shop", delays.delivery_key("event.shop"))
    assert task == ExchangeBinding(TASKS, "shop", delays.delivery_key("task.shop"))
    assert delays.delivery_key("x").split(".") == ["*"] * DELAY_LEVELS + ["x"]


def test_all_is_provisioned_for_those_who_declare_before_anybody_runs() -> None:
    own = Topology(
        (Exchange("shop"),),
        (Queue("work"),),
        (QueueBinding("shop", "work", "do.it"),),
        frozenset({"work"}),
    )
    made = provisioned(own)
    chain = delays.topology(DELAY_LEVELS - 1)
    names = [each.name for each in made.topology.exchanges]
    assert names[0] == "shop" and set(names) >= {e.name for e in chain.topology.exchanges}
    assert len(names) == len({*names})
    assert {each.name for each in made.topology.queues} == {
        "work",
        *(each.name for each in chain.topology.queues),
    }
    assert delays.binding_of("queue.work") in made.topology.bindings
    assert all(each in made.topology.bindings for each in chain.topology.bindings)
    assert delays.binding_of("event.shop") in made.between
    assert set(chain.between) < set(made.between) and made.topology.tasks == {"work"}
    assert walked(LONGEST, "queue.work", made) == (LONGEST * 100, DELIVERY)


class Broker:
    """What is declared and bound, in order; it refuses what it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log: list[Any] = []
        self.gone: set[str] = set()
        self.refuses = False
        self.gate = asyncio.Event()
        self.gate.set()
        monkeypatch.setattr(module, "between", self.between)
        self.chain = DelayChain(self.declare, self.bind)

    async def declare(self, connection: Any, topology: Topology) -> None:
        await self.gate.wait()
        if self.refuses:
            raise AccessRefusedError("no right to configure")
        self.log.append(("levels", len(topology.exchanges) - 3))

    async def bind(self, connection: Any, bindings: Sequence[QueueBinding]) -> None:
        for each in bindings:
            if each.queue in self.gone:
                raise QueueNotFoundError(each.queue)
            self.log.append(each.queue)

    async def between(self, connection: Any, bindings: Sequence[ExchangeBinding]) -> None:
        ends = [each.destination for each in bindings if each.source in (DELIVERY, TASKS)]
        self.log.append(ends or ("passing", len(bindings)))

    async def prepare(self, level: int, *destinations: str) -> list[Any]:
        self.log.clear()
        await self.chain.prepare(cast(Any, None), level, *destinations)
        return self.log

    async def restore(self) -> list[Any]:
        self.log.clear()
        await self.chain.restore(cast(Any, None))
        return self.log


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    return Broker(monkeypatch)


async def test_only_what_is_missing_is_declared(broker: Broker) -> None:
    assert await broker.prepare(ENDS) == [("levels", 0)]
    assert await broker.prepare(ENDS) == []
    assert await broker.prepare(1, "queue.a") == [("levels", 2), ("passing", 2), "a"]
    assert await broker.prepare(0, "queue.a") == []
    assert await broker.prepare(1, "queue.a", "queue.b", "event.shop") == ["b", ["shop"]]
    assert await broker.prepare(1, "event.shop") == []
    assert await broker.prepare(1, "task.shop") == [["shop"]]
    assert await broker.prepare(2, "queue.a") == [("levels", 3), ("passing", 3)]


async def test_two_at_once_declare_it_once(broker: Broker) -> None:
    broker.gate.clear()
    asking = [asyncio.ensure_future(broker.prepare(1, "queue.a")) for _ in range(2)]
    await asyncio.sleep(0)
    broker.gate.set()
    await asyncio.gather(*asking)
    assert broker.log == [("levels", 2), ("passing", 2), "a"]


async def test_what_was_refused_is_not_taken_for_bound(broker: Broker) -> None:
    broker.gone.add("a")
    with pytest.raises(QueueNotFoundError):
        await broker.prepare(0, "queue.a")
    broker.gone.clear()
    assert await broker.prepare(0, "queue.a") == ["a"]


async def test_an_account_without_the_right_leaves_it_to_others(broker: Broker) -> None:
    broker.refuses = True
    assert not broker.chain.passive
    assert await broker.prepare(1, "queue.a") == [] and broker.chain.passive
    broker.refuses = False
    assert await broker.prepare(2, "queue.a") == [] == await broker.restore()


async def test_who_was_told_to_leave_it_asks_nothing(broker: Broker) -> None:
    broker.chain.passive = True
    assert await broker.prepare(ENDS, "queue.a") == []
    broker.chain.passive = False
    assert await broker.prepare(ENDS, "queue.a") == [("levels", 0), "a"]


async def test_nothing_is_restored_where_nothing_was(broker: Broker) -> None:
    assert await broker.restore() == []


async def test_all_that_was_prepared_is_restored(broker: Broker) -> None:
    await broker.prepare(ENDS)
    assert await broker.restore() == [("levels", 0)]
    await broker.prepare(1, "queue.b", "queue.a", "task.shop")
    assert await broker.restore() == [("levels", 2), ("passing", 2), "a", "b", ["shop"]]


async def test_a_queue_that_is_gone_is_let_go_and_the_others_stay(broker: Broker) -> None:
    await broker.prepare(0, "queue.a", "queue.b", "queue.c")
    broker.gone.add("b")
    assert (await broker.restore())[-2:] == ["a", "c"]
    broker.gone.clear()
    assert await broker.restore() == [("levels", 1), ("passing", 1), "a", "c"]
    assert await broker.prepare(0, "queue.b") == ["b"]
