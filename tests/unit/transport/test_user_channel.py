"""The channel of `use_amqp()`: opened once, made again as it was, and its own affair."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiormq.exceptions import AMQPConnectionError
from jararaca import BrokerUnreachableError
from jararaca.errors import AccessRefusedError
from jararaca.transport.amqp.user_channel import KeptChannel, SupervisedConnection, UserChannel
from pamqp import commands

from tests.support.amqp_server import CUT, SILENCE, AmqpServer, refusal
from tests.unit.transport.conftest import Connect


@pytest.fixture
def over() -> str:
    """It is the same over both transports."""
    return "plain"


async def test_it_is_opened_once_and_again_when_it_was_closed(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    first, second = await asyncio.gather(transport.amqp(), transport.amqp())
    assert first is second is await transport.amqp()
    assert len(server.asked(commands.Channel.Open)) == 1
    await first.close()
    third = await transport.amqp()
    assert third is not first and not third.is_closed
    await transport.close()
    assert third.is_closed
    assert not [each for each in asyncio.all_tasks() if "UserChannel._keep" in repr(each)]
    assert len(server.asked(commands.Channel.Close)) == 2


async def test_what_was_made_on_it_comes_back_with_the_connection(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    channel = await transport.amqp()
    await channel.set_qos(prefetch_count=9)
    queue = await channel.declare_queue("mine")
    received: list[bytes] = []

    async def take(message: Any) -> None:
        received.append(message.body)

    await queue.consume(take)
    server.queues.discard("mine")
    server.sessions[0].cut()
    await server.until(lambda: len(server.sessions) == 2 and server.sessions[1].consumers)
    await server.deliver("mine", b"again")
    await server.until(lambda: received)
    assert received == [b"again"] and "mine" in server.queues
    assert server.sessions[1].of(commands.Basic.Qos)[-1].prefetch_count == 9
    assert await transport.amqp() is channel
    server.sessions[1].cut()
    await server.until(lambda: len(server.sessions) == 3 and server.sessions[2].consumers)


async def test_who_asks_during_an_outage_gets_it_once_it_is_over(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    channel = await transport.amqp()
    server.sessions[0].cut()
    assert await asyncio.wait_for(transport.amqp(), 20) is channel
    await server.until(lambda: len(server.sessions) == 2 and transport.ready)
    server.on(commands.Channel.Open, CUT)
    server.sessions[1].cut()
    await server.until(lambda: len(server.sessions) >= 3)
    assert await asyncio.wait_for(transport.amqp(), 20) is not None
    assert not (await transport.amqp()).is_closed


async def test_a_connection_that_is_lost_while_it_opens_is_no_refusal(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    server.on(commands.Channel.Open, CUT)
    channel = await asyncio.wait_for(transport.amqp(), 20)
    assert not channel.is_closed and len(server.sessions) == 2


async def test_what_cannot_be_made_again_leaves_an_empty_one(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    channel = after = await transport.amqp()
    await channel.declare_queue("mine")
    server.on(commands.Queue.Declare, refusal(403, "ACCESS_REFUSED - access refused"), times=99)
    server.sessions[0].cut()
    async with asyncio.timeout(20):
        while after is channel:
            with suppress(AccessRefusedError):
                after = await transport.amqp()
            await asyncio.sleep(0)
    assert not after.is_closed
    server.sessions[1].cut()
    await server.until(lambda: len(server.sessions) == 3 and transport.ready)
    assert await transport.amqp() is after, "it has nothing that could be refused"


async def test_what_was_lost_this_very_moment_is_seen() -> None:
    link: Any = None
    given = UserChannel(link, 1)
    seen: list[bool] = []

    async def opened() -> Any:
        return bool(seen)

    given._open = opened  # type: ignore[method-assign]
    asyncio.get_running_loop().call_soon(seen.append, True)
    assert await given.get()
    await given.close()
    assert given._connection.is_closed


async def test_a_channel_that_was_refused_is_forgotten_at_once() -> None:
    loop = asyncio.get_running_loop()
    connection: Any = SimpleNamespace(closing=loop.create_future(), is_closed=False)

    async def next_connection() -> Any:
        return connection

    link: Any = SimpleNamespace(connection=next_connection)
    given = UserChannel(link, 1)
    given._channel = cast(Any, Unrestorable())
    with pytest.raises(AccessRefusedError):
        await given.get()
    assert given._channel is None


async def test_a_channel_that_nobody_has_opened_is_not_made_again() -> None:
    loop = asyncio.get_running_loop()
    connection: Any = SimpleNamespace(closing=loop.create_future(), is_closed=False)

    async def next_connection() -> Any:
        return connection

    link: Any = SimpleNamespace(connection=next_connection)
    for initialized in (False, None):
        given = UserChannel(link, 1)
        if initialized is not None:
            given._channel = cast(Any, Unrestorable())
            given._channel.is_initialized = initialized  # type: ignore[misc]
        before = given._channel
        keeping = asyncio.ensure_future(given._keep())
        for _ in range(5):
            await asyncio.sleep(0)
        assert not keeping.done() and given._channel is before
        keeping.cancel()


class Unrestorable:
    """A channel that the broker does not let be as it was."""

    is_initialized = True
    closed_by_hand = False

    async def restored(self) -> None:
        raise AccessRefusedError("no right")


@pytest.mark.parametrize("lost", [False, True])
async def test_a_channel_that_is_not_what_it_was_is_told_of(
    lost: bool, caplog: pytest.LogCaptureFixture
) -> None:
    loop = asyncio.get_running_loop()
    connection: Any = SimpleNamespace(closing=loop.create_future(), is_closed=lost)
    asked: list[Any] = []

    async def next_connection() -> Any:
        asked.append(connection)
        if len(asked) == 2:
            keeping.cancel()
        return connection

    link: Any = SimpleNamespace(connection=next_connection)
    given = UserChannel(link, 1)
    given._channel = kept = cast(Any, Unrestorable())
    keeping = asyncio.ensure_future(given._keep())
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(asked) == 1, "it waits for the connection's end"
    assert (given._channel is kept) is lost and bool(caplog.messages) is not lost
    if not lost:
        assert "(no right): the next call gives an empty one" in caplog.messages[0]
    connection.closing.set_result(None)
    with pytest.raises(asyncio.CancelledError):
        await keeping


async def test_what_the_broker_refuses_while_it_is_asked_for_is_told_and_forgotten(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    server.on(commands.Channel.Open, refusal(403, "ACCESS_REFUSED - no channels"))
    with pytest.raises(AccessRefusedError, match="no channels"):
        await transport.amqp()
    assert not (await transport.amqp()).is_closed


async def test_without_a_connection_in_time_it_says_so(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect("&publish_timeout=0.05")
    server.on(commands.Connection.StartOk, SILENCE, times=9)
    server.sessions[0].cut()
    with pytest.raises(BrokerUnreachableError, match=r"no connection to the broker for 0.05 s"):
        await transport.amqp()
    server._rules.clear()
    server.sessions[-1].cut()
    await server.until(lambda: transport.ready)
    await transport.amqp()


async def test_a_timeout_of_the_callers_own_is_the_callers(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    server.on(commands.Channel.Open, SILENCE)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await transport.amqp()


async def test_closing_ends_whoever_waits_for_a_connection(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    link: Any = transport._sending
    supervised = SupervisedConnection(link)
    assert not supervised.is_closed and supervised.transport is supervised
    await supervised.ready()
    connection = await link.connection()
    assert supervised.connection is connection.underlay
    assert supervised.fresh_number() > 0
    closed = asyncio.ensure_future(supervised.closed())
    await asyncio.sleep(0)
    closed.cancel()
    closed = asyncio.ensure_future(supervised.closed())
    server.on(commands.Connection.StartOk, SILENCE, times=9)
    server.sessions[0].cut()
    await server.until(lambda: not link.ready)
    waiting = asyncio.ensure_future(supervised.ready())
    await asyncio.sleep(0)
    assert not waiting.done() and not closed.done()
    supervised.close()
    supervised.close()
    with pytest.raises(AMQPConnectionError, match="the application has stopped"):
        await waiting
    assert supervised.is_closed and await closed is True
    assert not [each for each in asyncio.all_tasks() if "Link.connection" in repr(each)]


async def test_closing_what_was_never_asked_for(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    given = UserChannel(transport._sending, 1)
    await given.close()
    await given.close()
    channel = KeptChannel(SupervisedConnection(transport._sending))
    assert not channel.closed_by_hand
    await channel.restored()
    assert channel.is_initialized and len(server.asked(commands.Channel.Open)) == 1
    await channel.close()
    assert channel.closed_by_hand


async def test_closing_ends_who_makes_it_again() -> None:
    link: Any = None
    given = UserChannel(link, 1)
    keeper: Any = asyncio.ensure_future(asyncio.Event().wait())
    given._keeper = keeper
    await asyncio.sleep(0)
    await given.close()
    assert keeper.cancelled()
