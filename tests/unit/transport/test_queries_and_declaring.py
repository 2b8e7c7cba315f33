"""Fetching, counting and comparing: what is asked, and what is said of the answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from jararaca import Exchange, Queue, QueueBinding, QueueNotFoundError, Topology
from jararaca.contract.topology import dead_letter_queue
from jararaca.errors import AccessRefusedError, TopologyMismatchError
from jararaca.transport import UNCOMPARED, UNSEEN, Finding, QueueDepth
from jararaca.transport.amqp.declaring.older_dead_letters import ROUTING_KEY, left
from pamqp import commands

from tests.support.amqp_server import AmqpServer, refusal
from tests.unit.transport.conftest import Connect

OWN = Topology((Exchange("shop"),), (Queue("orders"),), (QueueBinding("shop", "orders", "a"),))
DIFFERENT = (
    "PRECONDITION_FAILED - inequivalent arg '{}' for queue '{}' in vhost '/': received the value "
    "'1' of type 'longstr' but current is none"
)


def named(name: str, *, passive: bool) -> Callable[[Any], bool]:
    """A declaration of this name."""

    return lambda method: method.queue == name and method.passive is passive


async def test_one_message_is_fetched_and_stays_to_be_settled(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    server.queues.add("orders")
    properties = commands.Basic.Properties(message_id="id", priority=2)
    server.waiting["orders"] = deque([(b"1", properties)])
    fetched = await transport.fetch("orders")
    assert fetched is not None and (fetched.queue, fetched.body) == ("orders", b"1")
    assert (fetched.properties.message_id, fetched.properties.priority) == ("id", 2)
    assert transport.holds(fetched)
    await transport.requeue(fetched)
    assert not transport.holds(fetched)
    assert await transport.fetch("orders") is None
    assert [each.delivery_tag for each in server.asked(commands.Basic.Nack)] == [1]
    assert len(server.sessions[-1].of(commands.Channel.Open)) == 1, "one channel for all"


async def test_what_was_fetched_is_acked_or_rejected(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    server.queues.add("orders")
    empty = commands.Basic.Properties()
    server.waiting["orders"] = deque([(b"1", empty), (b"2", empty), (b"", empty)])
    first, second, third = [await transport.fetch("orders") for _ in range(3)]
    assert first is not None and second is not None and third is not None and third.body == b""
    await transport.ack(first)
    await transport.ack(first)
    await transport.requeue(second, failed=True)
    await transport.close()
    assert not transport.holds(third), "its channel is closed"
    assert [each.delivery_tag for each in server.asked(commands.Basic.Ack)] == [1]
    [rejected] = server.asked(commands.Basic.Reject)
    assert (rejected.delivery_tag, rejected.requeue) == (2, True)


async def test_messages_and_consumers_are_counted(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    server.queues.add("orders")
    server.depth = (5, 3)
    assert await transport.count("orders") == 5
    assert await transport.depth("orders") == QueueDepth(5, 3)
    assert all(each.passive for each in server.asked(commands.Queue.Declare))


async def test_a_queue_that_is_missing_is_told_and_the_next_question_answered(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    for ask in (transport.count, transport.depth, transport.fetch):
        with pytest.raises(QueueNotFoundError, match="no queue 'absent'"):
            await ask("absent")
    server.queues.add("orders")
    assert await transport.count("orders") == 0 and "absent" not in server.queues


async def test_each_queue_and_exchange_is_asked_for_and_then_compared(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    topology = Topology(
        (Exchange("shop"), Exchange(""), Exchange("amq.topic"), Exchange("absent")),
        (Queue("same"), Queue("absent"), Queue("other"), Queue("hidden"), Queue("unseen")),
    )
    server.exchanges.add("shop")
    server.queues |= {"same", "other", "hidden", "unseen"}
    no_right = refusal(403, "ACCESS_REFUSED - access to queue refused")
    other = refusal(406, DIFFERENT.format("x-y", "other"))
    declare = commands.Queue.Declare
    server.on(declare, other, 1, named("other", passive=False))
    server.on(declare, no_right, 1, named("hidden", passive=False))
    server.on(declare, no_right, 1, named("unseen", passive=True))
    found = await transport.inspect(topology)
    assert [(each.kind, each.name, each.state) for each in found] == [
        ("exchange", "shop", "same"),
        ("exchange", "absent", "missing"),
        ("queue", "same", "same"),
        ("queue", "absent", "missing"),
        ("queue", "other", "different"),
        ("queue", "hidden", "same"),
        ("queue", "unseen", "unknown"),
    ]
    assert "a different x-y" in found[4].detail
    assert (found[0].detail, found[2].detail) == ("", "")
    assert (found[5].detail, found[6].detail) == (UNCOMPARED, UNSEEN)
    assert server.exchanges == {"", "jararaca", "shop"} and "absent" not in server.queues
    assert len(server.asked(commands.Channel.Close)) == 2, "each that the broker has not closed"


async def test_all_that_delays_need_is_asked_for_on_demand(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect("&exchange=ours")
    topology = Topology((Exchange("jararaca", shared=True),))
    assert [each.name for each in await transport.inspect(topology)] == ["ours"]
    found = await transport.inspect(topology, provisioned=True)
    assert found[0].name == "ours" and len(found) > 60
    assert transport.exchange == "ours"
    usual = await connect()
    [mine] = await usual.inspect(Topology((Exchange("mine", shared=True),)))
    assert mine.name == "mine"


SHARED = "shop.dead-letters"
NEW = Queue("orders", arguments={"x-queue-type": "quorum", ROUTING_KEY: SHARED})
FRESH = Queue("fresh", arguments={ROUTING_KEY: SHARED})
LATER = Topology((), (NEW, Queue("plain"), FRESH), (), dead_letters=SHARED)
LEFT = dead_letter_queue("orders")


def older_broker(server: AmqpServer, times: int) -> None:
    """The broker has the queue as it was before its dead letters shared one queue."""
    server.queues |= {"orders", "plain", "fresh"}

    def is_new(method: commands.Queue.Declare) -> bool:
        return (
            method.queue == "orders"
            and not method.passive
            and (method.arguments or {}).get(ROUTING_KEY) == SHARED
        )

    text = DIFFERENT.format(ROUTING_KEY, "orders")
    server.on(commands.Queue.Declare, refusal(406, text), times, is_new)


async def test_a_queue_from_before_works_and_is_told_of(
    server: AmqpServer, connect: Connect
) -> None:
    older_broker(server, 2)
    transport = await connect()
    orders, plain, fresh = await transport.inspect(LATER)
    assert (orders.state, plain.state, fresh.state) == ("older", "same", "same")
    assert f"goes to {LEFT}, compiled {SHARED}" in orders.detail
    server.queues.add(LEFT)
    server.depth = (1, 0)
    *_, letters = await transport.inspect(LATER)
    assert letters == left(LEFT, 1) and letters.state == "left"
    assert (letters.kind, letters.name) == ("queue", LEFT)


def test_what_is_left_is_told_with_what_is_to_be_done() -> None:
    behind = "once its queue was declared anew"
    assert left("q", 0).detail == f"is no longer compiled; it is empty: delete it {behind}"
    for number, what in ((1, "1 dead letter waits"), (2, "2 dead letters wait")):
        assert left("q", number).detail == (
            f"is no longer compiled; {what} in it: replay or purge what is there, then delete it "
            f"{behind}"
        )


async def test_a_queue_from_before_is_declared_as_the_broker_has_it(
    server: AmqpServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    older_broker(server, 2)
    transport = await connect()
    await transport.declare(LATER)
    last = [e for e in server.asked(commands.Queue.Declare) if e.queue == "orders"][-1]
    assert last.arguments == {"x-queue-type": "quorum", ROUTING_KEY: LEFT}
    plain = [e for e in server.asked(commands.Queue.Declare) if e.queue == "plain"][-1]
    assert not plain.arguments
    fresh = [e for e in server.asked(commands.Queue.Declare) if e.queue == "fresh"][-1]
    assert fresh.arguments == {ROUTING_KEY: SHARED}
    assert any(each.startswith("1 queues still have dead-letter") for each in caplog.messages)
    server.sessions[-1].cut()
    await server.until(lambda: not transport.ready)
    await server.until(lambda: transport.ready)
    again = [e for e in server.asked(commands.Queue.Declare) if e.queue == "orders"][-1]
    assert again.arguments == last.arguments, "it is remembered so"


async def test_a_queue_that_differs_otherwise_stays_a_mismatch(
    server: AmqpServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    server.queues |= {"orders", "plain", "fresh"}

    def is_orders(method: commands.Queue.Declare) -> bool:
        return not method.passive and method.queue == "orders"

    text = DIFFERENT.format("x-queue-type", "orders")
    server.on(commands.Queue.Declare, refusal(406, text), 20, is_orders)
    transport = await connect()
    with pytest.raises(TopologyMismatchError, match="different x-queue-type"):
        await transport.declare(LATER)
    orders, plain, _ = await transport.inspect(LATER)
    assert (orders.state, plain.state) == ("different", "same")
    assert "x-queue-type" in orders.detail
    assert not any("queues still have" in each for each in caplog.messages)
    own = Queue("orders", arguments={ROUTING_KEY: "own"})
    elsewhere = Topology((), (own,), (), dead_letters=SHARED)
    [found] = await transport.inspect(elsewhere)
    assert found.state == "different"


async def test_declaring_says_all_of_a_queue_and_an_exchange(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    topology = Topology(
        (
            Exchange("shop", "direct", durable=False, auto_delete=True, arguments={"a": 1}),
            Exchange(""),
            Exchange("amq.topic"),
            Exchange("my.amq.own"),
        ),
        (Queue("orders", durable=False, exclusive=True, auto_delete=True, arguments={"b": 2}),),
        (QueueBinding("shop", "orders", "key", {"c": 3}),),
    )
    await transport.declare(topology)
    shop, own = server.asked(commands.Exchange.Declare)
    assert (shop.exchange, shop.exchange_type, shop.durable, shop.auto_delete) == (
        *("shop", "direct", False, True),
    )
    assert shop.arguments == {"a": 1} and own.exchange == "my.amq.own" and not shop.passive
    [queue] = server.asked(commands.Queue.Declare)
    assert (queue.queue, queue.durable, queue.exclusive, queue.auto_delete) == (
        *("orders", False, True, True),
    )
    assert queue.arguments == {"b": 2} and not queue.passive
    [bound] = server.asked(commands.Queue.Bind)
    assert (bound.exchange, bound.queue, bound.routing_key, bound.arguments) == (
        *("shop", "orders", "key", {"c": 3}),
    )
    assert len(server.asked(commands.Channel.Close)) == 1


async def test_an_account_without_the_right_is_told(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    server.on(commands.Queue.Declare, refusal(403, "ACCESS_REFUSED - access to queue refused"))
    with pytest.raises(AccessRefusedError, match="give the account that permission"):
        await transport.declare(OWN)
    assert Finding("queue", "orders", "missing") in await transport.inspect(OWN)
