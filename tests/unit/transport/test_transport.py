"""The transport of RabbitMQ as a whole: readiness, declaring, delaying, and its end."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest
from jararaca import Exchange, NoAmqpError, Queue, QueueBinding, Topology
from jararaca.contract import headers
from jararaca.errors import AccessRefusedError, BrokerUnreachableError, TopologyMismatchError
from jararaca.transport import DELAY_LEVELS, Delivery, Publication, Terms
from jararaca.transport.amqp.delaying import delays, jobs
from jararaca.transport.amqp.fast import FastTransport
from jararaca.transport.connect import transport_for
from pamqp import commands

from tests.support.amqp_server import SILENCE, AmqpServer, refusal
from tests.unit.transport.conftest import Connect

WORK = Topology(
    (Exchange("jararaca", shared=True),),
    (Queue("work"),),
    (QueueBinding("jararaca", "work", "do.it"),),
    frozenset({"work"}),
)


async def nothing(_: Delivery) -> None:
    """Take a delivery."""


async def back(server: AmqpServer, transport: Any, session: int) -> None:
    """Cut a connection and wait for the next."""
    number = len(server.sessions)
    server.sessions[session].cut()
    await server.until(lambda: len(server.sessions) > number and transport.ready)


def declared(server: AmqpServer, name: str) -> int:
    """How often a queue or an exchange was declared."""
    asked = [*server.asked(commands.Queue.Declare), *server.asked(commands.Exchange.Declare)]
    return sum(name in (getattr(e, "queue", ""), getattr(e, "exchange", "")) for e in asked)


async def test_it_is_ready_while_both_connections_and_all_consumers_are(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    assert transport.ready and transport.sends and len(server.sessions) == 1
    await transport.declare(WORK)
    consumer = await transport.consume("work", 1, nothing)
    assert transport.ready and len(server.sessions) == 2
    [receiver] = transport._receivers
    assert receiver is consumer
    receiver._tag, tag = None, receiver._tag
    assert not transport.ready and transport.sends
    receiver._tag = tag
    for session, sends in ((1, True), (0, False)):
        server.on(commands.Connection.StartOk, object(), 1)
        server.sessions[session].cut()
        await server.until(lambda: not transport.ready)
        assert transport.sends is sends
        server.sessions[-1].cut()
        await server.until(lambda: transport.ready and transport.sends)


async def test_connections_open_when_they_are_needed(server: AmqpServer, over: str) -> None:
    server.queues.add("q")
    for use in ("fetch", "count", "depth"):
        transport: Any = transport_for(server.url(over))
        await getattr(transport, use)("q")
        with pytest.raises(BrokerUnreachableError, match="await connect"):
            await asyncio.wait_for(transport.publish(Publication("a", b"")), 20)
        await transport.close()
    transport = transport_for(server.url(over))
    assert await transport.inspect(Topology()) == ()
    await transport.close()
    transport = transport_for(server.url(over))
    await transport.consume("q", 1, nothing)
    await transport.close()
    assert len(server.sessions) == 5
    await server.until(lambda: all(each.gone.is_set() for each in server.sessions))


async def test_its_own_exchange_is_the_urls_the_topologys_or_the_usual_one(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    assert transport.exchange == "jararaca"
    await transport.declare(Topology((Exchange("mine", shared=True),)))
    await transport.publish(Publication("a", b""))
    await transport.publish(Publication("b", b"", "other"))
    await transport.publish(Publication("c", b"", ""))
    assert transport.exchange == "mine"
    assert [each.method.exchange for each in server.published] == ["mine", "other", ""]
    given = await connect("&exchange=ours")
    assert given.exchange == "ours"
    await given.declare(Topology((Exchange("mine", shared=True),)))
    assert given.exchange == "ours" and declared(server, "ours") == 1
    await given.declare(Topology())
    assert given.exchange == "ours"


async def test_what_was_declared_is_declared_again_on_each_new_connection(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.declare(WORK)
    assert declared(server, "work") == 1
    await back(server, transport, -1)
    assert declared(server, "work") == 2


async def test_others_declare_where_that_was_said(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    await transport.declare(WORK, passive=True)
    assert len(server.sessions) == 1 and not server.asked(commands.Queue.Declare)
    server.queues.add("work")
    await transport.consume("work", 1, nothing)
    await transport.publish(Publication("a", b"", delay=1))
    assert not server.asked(commands.Queue.Declare)
    assert not server.asked(commands.Exchange.Declare)


async def test_a_topology_that_differs_is_told(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    text = (
        "PRECONDITION_FAILED - inequivalent arg 'durable' for exchange 'jararaca' in vhost '/': "
        "received 'true' but current is 'false'"
    )
    server.on(commands.Exchange.Declare, refusal(406, text), 9)
    with pytest.raises(TopologyMismatchError, match="different durable"):
        await transport.declare(WORK)


def ends(server: AmqpServer) -> set[str]:
    """The queues that are bound to the end of the delay chain."""
    bound = server.asked(commands.Queue.Bind)
    return {each.queue for each in bound if each.exchange == delays.DELIVERY}


async def test_a_consumed_queue_is_bound_to_the_end_of_the_delay_chain(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.declare(WORK)
    await transport.consume("work", 1, nothing)
    await server.until(lambda: "work" in ends(server))
    await server.until(lambda: jobs.known("jararaca", "do.it") in server.exchanges)
    assert declared(server, delays.entry(0)) == 0, "no level before something is delayed"
    server.exchanges.discard(jobs.known("jararaca", "do.it"))
    bound = len(server.asked(commands.Queue.Bind))
    await back(server, transport, -1)
    await server.until(lambda: jobs.known("jararaca", "do.it") in server.exchanges)
    assert len(server.asked(commands.Queue.Bind)) > bound and declared(server, delays.DELIVERY) >= 2


async def test_provisioning_declares_all_that_delays_need(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.provision(WORK)
    levels = {delays.entry(level) for level in range(DELAY_LEVELS)}
    assert levels < server.queues and levels < server.exchanges and "work" in server.queues
    assert not [each for each in server.queues if each == delays.entry(DELAY_LEVELS)]
    assert "work" in ends(server)
    assert jobs.known("jararaca", "do.it") in server.exchanges
    [unbound] = server.asked(commands.Queue.Unbind)
    assert (unbound.queue, unbound.exchange, unbound.routing_key) == (
        *(delays.UNDELIVERABLE, delays.UNDELIVERABLE, ""),
    )
    for session in server.sessions:
        opened = [at for at, each in session.asked if isinstance(each, commands.Channel.Open)]
        closed = [at for at, each in session.asked if isinstance(each, commands.Channel.Close)]
        assert sorted(opened) == sorted(closed)
    fed = {each.destination for each in server.asked(commands.Exchange.Bind)}
    assert {"jararaca", jobs.beside("jararaca")} < fed


@pytest.mark.parametrize("mandatory", [False, True])
async def test_a_delayed_publication_goes_through_the_chain(
    server: AmqpServer, connect: Connect, mandatory: bool
) -> None:
    transport = await connect()
    server.queues.add("work")
    later = Publication("do.it", b"1", delay=0.4, mandatory=mandatory, headers={"h": 1})
    await transport.publish(later)
    await transport.publish(Publication("work", b"2", "", delay=0.1))
    first, second = server.published
    kind = "task" if mandatory else "event"
    assert first.method.exchange == delays.entry(2) and first.method.mandatory
    assert first.method.routing_key == delays.routing_key(4, f"{kind}.jararaca")
    assert first.properties.user_id == "guest"
    assert first.properties.headers == {
        headers.TOPIC: "do.it",
        headers.EXCHANGE: "jararaca",
        "h": 1,
        "CC": ["do.it"],
    }
    assert second.method.routing_key == delays.routing_key(1, "queue.work")
    assert "CC" not in second.properties.headers and second.method.exchange == delays.entry(0)
    assert delays.entry(2) in server.queues
    assert delays.entry(3) not in server.queues


async def test_a_delayed_task_is_parked_where_its_way_is_known(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.declare(WORK)
    server.exchanges.add(jobs.known("jararaca", "do.it"))
    await transport.publish(Publication("do.it", b"", delay=1, mandatory=True))
    [sent] = server.published
    assert delays.destination_of(sent.method.routing_key) == "job.jararaca"
    asked = declared(server, jobs.known("jararaca", "do.it"))
    await transport.publish(Publication("do.it", b"", delay=1, mandatory=True))
    assert declared(server, jobs.known("jararaca", "do.it")) == asked
    server.exchanges.discard(jobs.known("jararaca", "do.it"))
    await back(server, transport, 0)
    await transport.publish(Publication("do.it", b"", delay=1, mandatory=True))
    assert delays.destination_of(server.published[-1].method.routing_key) == "task.jararaca"


async def test_a_topic_may_be_known_by_what_others_have_declared(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    pattern = replace(WORK, bindings=(QueueBinding("jararaca", "work", "do.#"),))
    await transport.declare(pattern, passive=True)
    transport._delays.passive = False
    server.exchanges.add(jobs.known("jararaca", "do.#"))
    await transport.publish(Publication("do.it", b"", delay=1, mandatory=True))
    assert delays.destination_of(server.published[0].method.routing_key) == "job.jararaca"


async def test_who_publishes_later_has_the_chain_again_on_a_new_connection(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.publish(Publication("a", b"", delay=0.1))
    before = declared(server, delays.entry(0))
    await back(server, transport, 0)
    assert declared(server, delays.entry(0)) == 2 * before > 0


async def test_a_delay_of_nothing_is_none(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    await transport.publish(Publication("a", b"", delay=0))
    await transport.publish(Publication("b", b"", delay=0.001))
    direct, later = server.published
    assert direct.method.routing_key == "a" and later.method.exchange == delays.entry(0)


def other_account(method: Any, text: bytes) -> Any:
    """RabbitMQ knows the connection by the name in its token."""
    told = "user_id property set to 'guest' but authenticated user was 'token'"
    return refusal(406, f"PRECONDITION_FAILED - {told}")


@pytest.mark.parametrize(
    "publication", [Publication("a", b"", signed=True), Publication("a", b"", delay=0.5)]
)
async def test_an_account_that_the_broker_knows_by_another_name_is_learnt(
    server: AmqpServer, connect: Connect, publication: Publication
) -> None:
    transport = await connect()
    server.on(commands.Basic.Publish, other_account)
    await transport.publish(publication)
    assert [each.properties.user_id for each in server.published] == ["guest", "token"]
    await transport.publish(Publication("b", b"", signed=True))
    assert server.published[-1].properties.user_id == "token"


async def test_a_name_that_the_publisher_gave_is_the_publishers_mistake(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    server.on(commands.Basic.Publish, other_account)
    with pytest.raises(AccessRefusedError, match="names the account 'guest'"):
        await transport.publish(Publication("a", b"", terms=Terms(user_id="guest")))


async def test_another_loop_hands_over_what_it_publishes_and_gets_no_channel(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    outcomes: list[object] = []

    async def abroad() -> None:
        await transport.publish(Publication("a", b"1"))
        try:
            await transport.amqp()
        except NoAmqpError as error:
            outcomes.append(error)

    thread = threading.Thread(target=lambda: asyncio.run(abroad()))
    thread.start()
    await asyncio.to_thread(thread.join)
    assert transport.home.is_running and len(server.published) == 1
    assert "lives in the event loop" in str(outcomes[0])


async def test_closing_gives_all_back_and_says_goodbye(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.declare(WORK)
    await transport.consume("work", 1, nothing)
    await transport.count("work")
    await transport.publish(Publication("a", b""))
    channel = await transport.amqp()
    await server.until(lambda: "work" in ends(server))
    await transport.close()
    assert channel.is_closed and transport.ready
    assert len(server.asked(commands.Connection.Close)) == 2
    for session in server.sessions:
        opened = [at for at, each in session.asked if isinstance(each, commands.Channel.Open)]
        closed = [at for at, each in session.asked if isinstance(each, commands.Channel.Close)]
        assert sorted(opened) == sorted(closed), "each channel before its connection"


async def test_nothing_of_a_closed_transport_runs_on(server: AmqpServer, connect: Connect) -> None:
    """Wherever the end comes: here while a queue is being bound to the end of the delays."""
    transport: Any = await connect()
    await transport.declare(WORK)
    if isinstance(transport, FastTransport):
        server.on(commands.Basic.Qos, SILENCE, where=lambda _: "work" in ends(server))
    await transport.consume("work", 1, nothing)
    await server.until(lambda: "work" in ends(server))
    before = asyncio.all_tasks()
    await transport.close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert [each for each in left if "AmqpServer" not in repr(each)] == []
    ended = [each for each in before if each.done() and not each.cancelled()]
    assert [each.exception() for each in ended if each.exception()] == []
