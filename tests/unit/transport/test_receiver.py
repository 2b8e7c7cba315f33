"""A consumer of one queue: what it asks for, and that it comes back after whatever ended it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from jararaca import Queue, QueueBinding, QueueNotFoundError, Topology
from jararaca.transport import Delivery
from jararaca.transport.amqp import receiver as module
from jararaca.transport.amqp.fast import receiver as fast
from jararaca.transport.amqp.receiver import Receiver
from jararaca.transport.amqp.transport import AmqpTransport
from pamqp import commands

from tests.support.amqp_server import CUT, SILENCE, AmqpServer, refusal
from tests.unit.transport.conftest import Connect

OWN = Topology((), (Queue("orders"),), ())
PATIENCE = 20


class Inbox:
    """Deliveries as they come."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()

    async def __call__(self, delivery: Delivery) -> None:
        self._queue.put_nowait(delivery)

    async def next(self) -> Delivery:
        return await asyncio.wait_for(self._queue.get(), PATIENCE)


def consumed(server: AmqpServer) -> list[tuple[int, str]]:
    """The consumers that there are."""
    return [each for session in server.sessions for each in session.consumers.values()]


def prefetches(server: AmqpServer) -> list[int]:
    """What was asked for, where it was for a consumer."""
    return [each.prefetch_count for each in server.asked(commands.Basic.Qos) if each.prefetch_count]


async def begun(transport: AmqpTransport, prefetch: int, inbox: Inbox, **more: Any) -> Receiver:
    """A consumer of the queue."""
    return cast(Receiver, await transport.consume("orders", prefetch, inbox, **more))


async def settled(server: AmqpServer, count: int) -> list[str]:
    """The settlements, once there are so many."""
    kinds = (commands.Basic.Ack, commands.Basic.Nack, commands.Basic.Reject)

    def found() -> list[str]:
        told = [each for session in server.sessions for _, each in session.asked]
        return [
            f"{each.name.removeprefix('Basic.')} {each.delivery_tag}"
            f"{'' if getattr(each, 'requeue', True) else ' dropped'}"
            for each in told
            if isinstance(each, kinds)
        ]

    await server.until(lambda: len(found()) >= count)
    return found()


async def test_deliveries_are_settled_once_and_as_was_said(
    server: AmqpServer, connect: Connect
) -> None:
    transport, inbox = await connect(), Inbox()
    await transport.declare(OWN)
    await transport.consume("orders", 10, inbox)
    held = []
    for number in range(3):
        await server.deliver("orders", b"%d" % number)
        held.append(await inbox.next())
    assert [each.body for each in held] == [b"0", b"1", b"2"]
    assert all(transport.holds(each) for each in held)
    await transport.requeue(held[1])
    await transport.requeue(held[2], failed=True)
    await transport.ack(held[0])
    for each in held:
        await transport.ack(each)
        await transport.requeue(each)
    assert not any(transport.holds(each) for each in held)
    await transport.close()
    assert sorted(await settled(server, 3)) == ["Ack 1", "Nack 2", "Reject 3"]


async def test_what_came_by_a_channel_that_is_gone_is_nobodys_to_settle(
    server: AmqpServer, connect: Connect
) -> None:
    transport, inbox = await connect(), Inbox()
    await transport.declare(OWN)
    await transport.consume("orders", 10, inbox)
    await server.deliver("orders", b"")
    held = await inbox.next()
    server.sessions[-1].cut()
    await server.until(lambda: not transport.ready)
    assert not transport.holds(held)
    await transport.ack(held)
    await server.until(lambda: transport.ready)
    assert await settled(server, 0) == []


async def test_a_queue_that_is_not_there_is_told(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    with pytest.raises(QueueNotFoundError, match="no queue 'orders'"):
        await transport.consume("orders", 10, Inbox())
    assert transport.ready


async def test_what_a_consumer_asks_for(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    await transport.declare(OWN)
    consumer = await begun(transport, 7, Inbox(), priority=-1, timeout=2)
    [asked] = server.asked(commands.Basic.Consume)
    assert asked.arguments == {"x-priority": -1, "x-consumer-timeout": 2_000}
    assert prefetches(server) == [7] and consumer.ready and not asked.no_ack
    await transport.consume("orders", 1, Inbox())
    assert server.asked(commands.Basic.Consume)[1].arguments in ({}, None)


async def test_a_careful_consumer_takes_one_until_it_is_told_otherwise(
    server: AmqpServer, connect: Connect
) -> None:
    transport, inbox = await connect(), Inbox()
    await transport.declare(OWN)
    consumer = await begun(transport, 7, inbox, careful=True)
    assert prefetches(server) == [1] and consumer.careful
    await consumer.be_careful(True)
    assert len(server.asked(commands.Basic.Consume)) == 1
    for careful, prefetch in ((False, 7), (True, 1)):
        before = [each for session in server.sessions for each in session.consumers]
        await consumer.be_careful(careful)
        [now] = [each for session in server.sessions for each in session.consumers]
        assert [now] != before and consumer.careful is careful
        assert prefetches(server)[-1] == prefetch
    assert len(server.asked(commands.Basic.Cancel)) == 2
    await server.deliver("orders", b"one")
    assert (await inbox.next()).body == b"one"
    await consumer.cancel()
    await consumer.be_careful(False)
    assert len(server.asked(commands.Basic.Consume)) == 3 and consumer.careful


async def test_two_at_a_time_can_be_careful_too(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    await transport.declare(OWN)
    consumer = await begun(transport, 2, Inbox())
    await consumer.be_careful(True)
    assert prefetches(server) == [2, 1]


async def test_one_at_a_time_is_careful_enough(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    await transport.declare(OWN)
    consumer = await begun(transport, 1, Inbox(), careful=True)
    assert not consumer.careful
    await consumer.be_careful(True)
    assert len(server.asked(commands.Basic.Consume)) == 1 and not consumer.careful


async def test_who_changes_while_it_is_lost_begins_as_it_began(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.declare(OWN)
    consumer = await begun(transport, 7, Inbox(), careful=True)
    await consumer.be_careful(False)
    server.sessions[-1].cut()
    await server.until(lambda: not consumer.ready)
    await consumer.be_careful(True)
    await server.until(lambda: transport.ready and consumer.ready)
    assert consumer.careful and prefetches(server)[-1] == 1
    assert len(consumed(server)) == 2  # Of which one is of the session that was cut.


async def test_no_more_is_taken_after_cancel_and_what_is_held_can_be_settled(
    server: AmqpServer, connect: Connect
) -> None:
    transport, inbox = await connect(), Inbox()
    await transport.declare(OWN)
    consumer = await begun(transport, 7, inbox)
    await server.deliver("orders", b"")
    held = await inbox.next()
    await consumer.cancel()
    assert consumed(server) == [] and consumer.ready and transport.ready
    await consumer.cancel()
    assert len(server.asked(commands.Basic.Cancel)) == 1
    assert transport.holds(held)
    await transport.ack(held)
    assert await settled(server, 1) == ["Ack 1"]
    server.sessions[-1].cut()
    await server.until(lambda: len(server.sessions) == 3)
    await server.until(lambda: transport.ready)
    assert len(server.asked(commands.Basic.Consume)) == 1, "it does not consume again"


async def test_cancelling_waits_for_a_silent_broker_no_longer_than_it_must(
    server: AmqpServer, connect: Connect, monkeypatch: pytest.MonkeyPatch, over: str
) -> None:
    monkeypatch.setattr(module if over == "plain" else fast, "CANCEL_SECONDS", 0.01)
    transport = await connect()
    await transport.declare(OWN)
    consumer = await begun(transport, 7, Inbox())
    server.on(commands.Basic.Cancel, SILENCE)
    await consumer.cancel()
    await server.until(lambda: len(server.asked(commands.Basic.Cancel)) == 1)


async def test_closing_ends_the_channel_and_nobody_consumes_again(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.declare(OWN)
    consumer = await begun(transport, 7, Inbox())
    [session] = [each for each in server.sessions if each.consumers]
    closed = len(session.of(commands.Channel.Close))
    await consumer.close()
    assert len(session.of(commands.Channel.Close)) == closed + 1 and consumed(server) == []
    assert not server.asked(commands.Basic.Cancel) and consumer.ready
    await consumer.cancel()
    await asyncio.sleep(0.01)
    assert len(server.asked(commands.Basic.Consume)) == 1


async def test_a_consumer_that_the_broker_ends_declares_its_queue_and_begins_again(
    server: AmqpServer, connect: Connect, caplog: pytest.LogCaptureFixture, over: str
) -> None:
    transport, inbox = await connect(), Inbox()
    await transport.declare(OWN)
    consumer = await begun(transport, 7, inbox)
    [session] = [each for each in server.sessions if each.consumers]
    [(tag, (channel, _))] = session.consumers.items()
    server.queues.discard("orders")
    session.consumers.clear()
    caplog.clear()
    closed = [at for at, each in session.asked if isinstance(each, commands.Channel.Close)]
    session.say(commands.Basic.Cancel(tag), channel)
    await server.until(lambda: consumed(server) and consumer.ready)
    now = [at for at, each in session.asked if isinstance(each, commands.Channel.Close)]
    assert (channel in now[len(closed) :]) is (over == "plain"), "a fast one is used further"
    assert "orders" in server.queues
    assert [each for each in caplog.messages if each.startswith("orders:")] == [
        "orders: the broker ended the consumer (the queue was deleted, or a message was not acked "
        "within the consumer timeout)",
        "orders: consuming again",
    ]
    await server.deliver("orders", b"again")
    assert (await inbox.next()).body == b"again"


async def test_a_channel_that_the_broker_ends_is_told_of_with_its_reason(
    server: AmqpServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    transport, inbox = await connect(), Inbox()
    await transport.declare(OWN)
    consumer = await begun(transport, 7, inbox)
    [session] = [each for each in server.sessions if each.consumers]
    [(channel, _)] = session.consumers.values()
    session.consumers.clear()
    caplog.clear()
    session.say(refusal(406, "PRECONDITION_FAILED - delivery timed out"), channel)
    await server.until(lambda: consumed(server) and consumer.ready)
    told = [each for each in caplog.messages if each.startswith("orders:")]
    assert told[0].startswith("orders: the broker ended the consumer (")
    assert "delivery timed out)" in told[0] and told[1] == "orders: consuming again"
    assert len(told) == 2
    await server.deliver("orders", b"again")
    assert (await inbox.next()).body == b"again"


async def test_after_a_lost_connection_all_is_declared_once_and_consumed_in_silence(
    server: AmqpServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    transport, inbox = await connect(), Inbox()
    await transport.declare(OWN)
    consumer = await begun(transport, 7, inbox)
    server.queues.discard("orders")
    before = len([e for e in server.asked(commands.Queue.Declare) if e.queue == "orders"])
    server.sessions[-1].cut()
    await server.until(lambda: not consumer.ready)
    await server.until(lambda: consumer.ready)
    assert len([e for e in server.asked(commands.Queue.Declare) if e.queue == "orders"]) == (
        before + 1
    )
    assert not [each for each in caplog.messages if each.startswith("orders:")]
    await server.deliver("orders", b"again")
    assert (await inbox.next()).body == b"again"


async def test_it_tries_again_until_it_consumes(
    server: AmqpServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    transport = await connect()
    await transport.declare(OWN)
    consumer = await begun(transport, 7, Inbox())
    missing = refusal(404, "NOT_FOUND - no queue 'orders' in vhost '/'")
    server.on(commands.Basic.Consume, missing, times=2)
    server.sessions[-1].cut()
    await server.until(lambda: len(server.asked(commands.Basic.Consume)) == 4 and consumer.ready)
    told = [each for each in caplog.messages if each.startswith("orders:")]
    assert len(told) == 3 and told[2] == "orders: consuming again"
    assert all("orders: not consumed yet: the broker says" in each for each in told[:2])
    declared = [e for e in server.asked(commands.Queue.Declare) if e.queue == "orders"]
    assert len(declared) == 4, "at first, with the connection, and before each further try"


async def test_a_broker_that_does_not_answer_a_consumer_loses_its_connection(
    server: AmqpServer,
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    transport = await connect()
    await transport.declare(OWN)
    consumer = await begun(transport, 7, Inbox())
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.3)
    server.on(commands.Basic.Consume, SILENCE)
    server.sessions[-1].cut()
    await server.until(lambda: len(server.sessions) >= 4 and consumer.ready)
    assert "orders: not consumed yet: the broker does not answer" in caplog.messages
    assert server.sessions[2].gone.is_set()


async def test_each_try_is_spaced_out(
    server: AmqpServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(attempt: int, chance: float) -> float:
        asked.append(attempt)
        return 0.0 if len(asked) < 2 else 3_600.0

    transport = await connect()
    await transport.declare(OWN)
    await transport.consume("orders", 7, Inbox())
    [session] = [each for each in server.sessions if each.consumers]
    [(channel, _)] = session.consumers.values()
    monkeypatch.setattr(module, "backoff", counted)
    missing = refusal(404, "NOT_FOUND - no queue 'orders' in vhost '/'")
    server.on(commands.Basic.Consume, missing, times=9)
    session.say(refusal(406, "PRECONDITION_FAILED"), channel)
    await server.until(lambda: len(asked) == 2)
    await asyncio.sleep(0.02)
    assert asked == [1, 2] and len(server.asked(commands.Basic.Consume)) == 3


async def test_ended_tasks_are_forgotten(server: AmqpServer, connect: Connect) -> None:
    transport, inbox = await connect(), Inbox()
    await transport.declare(OWN)
    await transport.consume("orders", 7, inbox)
    await server.deliver("orders", b"")
    await inbox.next()
    [receiver] = transport._receivers
    await server.until(lambda: not receiver._tasks and not getattr(receiver, "_handling", ()))


async def test_handlers_are_kept_alive_while_they_run(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    await transport.declare(OWN)
    gate = asyncio.Event()

    async def handle(_: Delivery) -> None:
        await gate.wait()

    await transport.consume("orders", 7, handle)
    await server.deliver("orders", b"")
    [receiver] = transport._receivers
    running = cast(Any, receiver)
    await server.until(lambda: running._tasks or getattr(running, "_handling", ()))
    gate.set()


async def test_what_was_bound_while_away_is_there_when_it_consumes(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    bound = Topology((), (Queue("orders"),), (QueueBinding("jararaca", "orders", "a"),))
    await transport.declare(bound)
    await transport.consume("orders", 7, Inbox())
    server.on(commands.Connection.StartOk, CUT)
    server.sessions[-1].cut()
    await server.until(lambda: not transport.ready)
    await server.until(lambda: transport.ready)
    session = server.sessions[-1]
    order = [type(each).__name__ for _, each in session.asked if getattr(each, "queue", "")]
    assert order.index("Bind") < order.index("Consume")
    assert isinstance(transport._receivers[0], Receiver)
