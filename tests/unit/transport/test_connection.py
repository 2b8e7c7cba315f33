"""A connection is dialled, watched, and dialled again: the promises of `Link`."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from aiormq.exceptions import AMQPConnectionError
from jararaca import BrokerUnreachableError, ConfigurationError
from jararaca.errors import AccessRefusedError, TopologyMismatchError
from jararaca.transport import limits
from jararaca.transport.amqp import connection as module
from jararaca.transport.amqp.connection import Link, _tls
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.url import parse_broker_url
from pamqp import commands

from tests.support.amqp_server import CUT, SILENCE, AmqpServer, closing

Made = Callable[..., Link]


@pytest.fixture
async def made(server: AmqpServer) -> AsyncIterator[Made]:
    links: list[Link] = []

    def make(url: str = "", **more: Any) -> Link:
        links.append(Link(parse_broker_url(url or server.url()), "publishing", **more))
        return links[-1]

    yield make
    for each in links:
        await each.close()


async def test_what_was_never_opened_is_no_obstacle_and_gives_no_connection(made: Made) -> None:
    link = made()
    assert link.ready and not link.blocked and link.frame_max == limits.FRAME_MAX
    with pytest.raises(BrokerUnreachableError, match="await connect"):
        await link.connection()
    await link.close()


async def test_it_is_opened_once_whoever_asks(server: AmqpServer, made: Made) -> None:
    link = made()
    await asyncio.gather(link.open(), link.open())
    await link.open()
    assert len(server.sessions) == 1 and link.ready and link.frame_max == 131_072
    assert await link.connection() is await link.connection()


async def test_no_limit_on_frames_is_taken_for_the_usual_one(
    server: AmqpServer, made: Made
) -> None:
    server.on(commands.Connection.StartOk, commands.Connection.Tune(100, 0, 0))
    link = made()
    await link.open()
    assert link.frame_max == limits.FRAME_MAX


async def test_the_broker_is_told_who_connects_where_and_how_often_it_speaks(
    server: AmqpServer, made: Made
) -> None:
    plain = server.url(more="&heartbeat=7")
    await made(plain).open()
    named = plain.replace("/?", "/a%2Fb?").replace("guest:guest", "us:secret") + "&name=billing"
    await made(named).open()
    first, second = server.asked(commands.Connection.StartOk)
    assert first.client_properties["connection_name"] == "jararaca"
    assert second.client_properties["connection_name"] == "billing"
    assert second.response == b"\0us\0secret" or second.response == "\0us\0secret"
    assert [each.virtual_host for each in server.asked(commands.Connection.Open)] == ["/", "a/b"]
    assert [each.heartbeat for each in server.asked(commands.Connection.TuneOk)] == [7, 7]


async def test_closing_says_goodbye_and_takes_nobody_back(server: AmqpServer, made: Made) -> None:
    link = made()
    await link.open()
    await link.close()
    assert len(server.asked(commands.Connection.Close)) == 1
    await server.until(server.sessions[0].gone.is_set)
    assert not [each for each in asyncio.all_tasks() if "_supervise" in repr(each)]
    with pytest.raises(BrokerUnreachableError, match="not connected"):
        await link.connection()
    await link.open()
    assert len(server.sessions) == 2 and await link.connection()


async def test_whoever_closes_while_it_reconnects_is_not_connected_again(
    server: AmqpServer, made: Made
) -> None:
    link = made()
    await link.open()
    server.on(commands.Connection.StartOk, SILENCE)
    server.sessions[0].cut()
    await server.until(lambda: len(server.asked(commands.Connection.StartOk)) == 2)
    async with asyncio.timeout(10):
        await link.close()
    await server.until(lambda: all(each.gone.is_set() for each in server.sessions))


async def test_a_lost_connection_comes_back_and_says_so(
    server: AmqpServer, made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    link = made()
    await link.open()
    before = await link.connection()
    server.on(commands.Connection.StartOk, CUT)
    server.sessions[0].say(closing(320, "CONNECTION_FORCED - maintenance"))
    await server.until(lambda: not link.ready)
    after = await asyncio.wait_for(link.connection(), 20)
    await asyncio.wait_for(before.closed(), 20)
    assert after is not before and after.is_opened and before.is_closed and link.ready
    told = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    shown = f"amqp://127.0.0.1:{server.port}/%2F"
    assert told[0].startswith(f"{shown}: lost the publishing connection (")
    assert "CONNECTION_FORCED - maintenance" in told[0]
    assert told[1] == f"{shown}: reconnecting in 0.0 s (attempt 1)"
    assert told[2].startswith(f"no connection to {shown}")
    assert told[3] == f"{shown}: reconnecting in 0.0 s (attempt 2)"
    assert told[4] == f"{shown}: the publishing connection is back"
    assert len(told) == 5


async def test_it_waits_before_each_new_try(
    server: AmqpServer, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(attempt: int, chance: float) -> float:
        asked.append(attempt)
        return 0.0 if len(asked) < 3 else 3_600.0

    monkeypatch.setattr(module, "backoff", counted)
    link = made()
    await link.open()
    server.on(commands.Connection.StartOk, CUT, times=2)
    server.sessions[0].cut()
    await server.until(lambda: len(asked) == 3)
    await asyncio.sleep(0.02)
    assert asked == [1, 2, 3] and len(server.sessions) == 3 and not link.ready


async def test_who_asks_while_it_is_away_gets_the_next_one(server: AmqpServer, made: Made) -> None:
    link = made()
    await link.open()
    server.sessions[0].cut()
    await server.until(lambda: not link.ready)
    assert (await asyncio.wait_for(link.connection(), 20)).is_opened
    assert len(server.sessions) == 2


async def test_who_asks_before_the_loss_is_seen_gets_the_next_one(
    server: AmqpServer, made: Made
) -> None:
    link = made()
    await link.open()
    up = await link.connection()
    gone: Any = SimpleNamespace(is_opened=False)
    link._connection = gone
    asking = asyncio.ensure_future(link.connection())
    await asyncio.sleep(0)
    link._connection = up
    assert await asyncio.wait_for(asking, 20) is up


async def test_a_reason_that_nobody_gave_is_told_as_silence(
    server: AmqpServer, made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    link = made()
    loop = asyncio.get_running_loop()
    cancelled, failed, ended = (loop.create_future() for _ in range(3))
    cancelled.cancel()
    failed.set_exception(AMQPConnectionError())
    ended.set_result(None)
    for end in (cancelled, failed, ended):
        gone: Any = SimpleNamespace(closing=end)
        assert await link._watch(gone) == "no answer from the broker"
    told = loop.create_future()
    told.set_exception(AMQPConnectionError("heartbeat"))
    assert await link._watch(SimpleNamespace(closing=told)) == "heartbeat"  # type: ignore[arg-type]


async def test_hosts_are_tried_in_turn_and_the_last_good_one_first(
    server: AmqpServer, made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    dead = server.url().replace("127.0.0.1", "127.0.0.1:1,127.0.0.1:2,127.0.0.1")
    link = made(dead)
    await link.open()
    tried = [each for each in caplog.messages if "no connection to" in each]
    assert [each.split(" (")[0].rpartition(":")[2] for each in tried] == ["1/%2F", "2/%2F"]
    caplog.clear()
    server.sessions[0].cut()
    await server.until(lambda: len(server.sessions) == 2)
    await link.connection()
    assert not [each for each in caplog.messages if "no connection to" in each]
    caplog.clear()
    away = made("amqp://guest:guest@127.0.0.1:1,127.0.0.1:2/")
    with pytest.raises(BrokerUnreachableError, match="127.0.0.1:2/"):
        await away.open()
    assert away.ready and len(caplog.messages) == 1, "the last one is told by the error"


async def test_a_connection_is_looked_at_now_and_then(
    server: AmqpServer, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WATCH_SECONDS", 3_600)
    looks: list[FastConnection] = []

    async def look(connection: FastConnection) -> None:
        looks.append(connection)

    link = made()
    monkeypatch.setattr(link, "_note_blocked", look)
    await link.open()
    await asyncio.sleep(0.01)
    assert looks == []


async def test_the_librarys_own_logs_are_quietened(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(module, "quieten", lambda: asked.append(True))
    Link(parse_broker_url("amqp://localhost"), "publishing")
    assert asked == [True]


async def test_a_broker_that_does_not_answer_is_given_up_in_time(
    server: AmqpServer, made: Made
) -> None:
    server.on(commands.Connection.StartOk, SILENCE)
    with pytest.raises(BrokerUnreachableError, match="no answer in time"):
        await made(server.url(more="&connection_timeout=0.05")).open()


async def test_what_is_no_answer_of_a_broker_is_not_taken_for_one(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(self: FastConnection, timeout: float | None = None) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(FastConnection, "connect", failing)
    with pytest.raises(ZeroDivisionError):
        await made().open()


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (TopologyMismatchError("another"), TopologyMismatchError),
        (AccessRefusedError("no right"), AccessRefusedError),
        (AMQPConnectionError("gone"), BrokerUnreachableError),
        (TimeoutError(), BrokerUnreachableError),
        (ZeroDivisionError("ours"), ZeroDivisionError),
    ],
)
async def test_a_connection_on_which_not_all_can_be_restored_is_closed(
    server: AmqpServer, made: Made, raised: Exception, expected: type[Exception]
) -> None:
    async def restore(connection: FastConnection) -> None:
        assert connection.is_opened
        raise raised

    told = "no answer in time" if type(raised) is TimeoutError else None
    with pytest.raises(expected, match=told):
        await made(restore=restore).open()
    await server.until(lambda: server.sessions[0].gone.is_set())
    assert len(server.asked(commands.Connection.Close)) == 1


async def test_restoring_is_done_before_anybody_uses_a_connection(
    server: AmqpServer, made: Made
) -> None:
    gate = asyncio.Event()
    restored: list[FastConnection] = []

    async def restore(connection: FastConnection) -> None:
        await gate.wait()
        restored.append(connection)

    link = made(restore=restore)
    opening = asyncio.ensure_future(link.open())
    await server.until(lambda: server.asked(commands.Connection.Open))
    await asyncio.sleep(0.01)
    assert not opening.done()
    gate.set()
    await opening
    gate.clear()
    server.sessions[0].cut()
    await server.until(lambda: not link.ready)
    waiting = asyncio.ensure_future(link.connection())
    await server.until(lambda: len(server.asked(commands.Connection.Open)) == 2)
    await asyncio.sleep(0.01)
    assert not waiting.done() and not link.ready
    gate.set()
    assert restored[:1] != [await waiting] == restored[1:]


async def test_restoring_may_not_wait_without_end(
    server: AmqpServer, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.01)

    async def restore(_: FastConnection) -> None:
        await asyncio.Event().wait()

    with pytest.raises(BrokerUnreachableError, match="no answer in time"):
        await made(restore=restore).open()


async def test_blocked_publishers_are_told_of_once_and_of_the_end(
    server: AmqpServer, made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    link = made()
    await link.open()
    connection = await link.connection()
    await link._note_blocked(connection)
    assert not link.blocked and not caplog.messages
    [session] = server.sessions
    session.say(commands.Connection.Blocked("low on memory"))
    await server.until(lambda: link.blocked)
    for _ in range(3):
        await link._note_blocked(connection)
    assert link.blocked
    waiting = [each for each in asyncio.all_tasks() if "Connection.ready" in repr(each)]
    assert len(waiting) <= 1, "a look that found it blocked has ended"
    session.say(commands.Connection.Unblocked())
    await server.until(lambda: not link.blocked)
    told = [each for each in caplog.messages if "the broker " in each]
    assert [each.partition(": the broker ")[2] for each in told] == [
        "blocks publishers (memory or disk alarm)",
        "takes messages again",
    ]


async def test_a_connection_that_is_gone_blocks_nobody(server: AmqpServer, made: Made) -> None:
    link = made()
    await link.open()
    connection = await link.connection()
    server.sessions[0].say(commands.Connection.Blocked("low on memory"))
    await server.until(lambda: link.blocked)
    server.sessions[0].cut()
    await server.until(lambda: connection.is_closed)
    await server.until(lambda: link.ready and not link.blocked)


def test_no_certificates_without_tls() -> None:
    url = parse_broker_url("amqp://localhost/")
    assert _tls(url) is None


def test_certificates_are_those_that_the_url_names(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Any] = []

    class Context:
        def load_cert_chain(self, *given: Any) -> None:
            loaded.append(given)

    def context(cafile: Any = None) -> Any:
        loaded.append(cafile)
        return Context()

    monkeypatch.setattr(ssl, "create_default_context", context)
    url = parse_broker_url("amqps://localhost/?cafile=ca.pem&certfile=me.pem&keyfile=key.pem")
    assert isinstance(_tls(url), Context)
    assert loaded == ["ca.pem", ("me.pem", "key.pem")]
    loaded.clear()
    assert isinstance(_tls(replace(url, files={})), Context)
    assert loaded == [None]


def test_a_certificate_that_cannot_be_read_is_named() -> None:
    url = parse_broker_url("amqps://localhost/?cafile=/nowhere/ca.pem")
    with pytest.raises(ConfigurationError, match=r"cafile=/nowhere/ca.pem in the broker URL: No"):
        _tls(url)
