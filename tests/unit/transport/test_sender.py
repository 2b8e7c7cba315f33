"""Publishing with confirms: what is sent again, what is refused, and why something is late."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from jararaca import (
    PublishNackedError,
    PublishParameterError,
    PublishTimeoutError,
    UnroutableError,
)
from jararaca.errors import AccessRefusedError
from jararaca.transport import Properties, Publication, Terms
from jararaca.transport.amqp import sender as module
from jararaca.transport.amqp.sender import Lost, Sender
from pamqp import commands

from tests.support.amqp_server import CUT, SILENCE, AmqpServer, closing, refusal
from tests.unit.transport.conftest import Connect

PUBLISH = commands.Basic.Publish


@pytest.fixture(autouse=True)
def no_pauses_between_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.001)


def keyed(key: str) -> Any:
    """Whether a publication has this routing key."""
    return lambda method: method.routing_key == key


def came(server: AmqpServer) -> list[str]:
    """The routing keys of what has come, in order."""
    return [each.method.routing_key for each in server.published]


async def test_a_publication_goes_out_as_it_is_persistent_and_with_an_id(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.publish(Publication("a", b"1"))
    given = Properties(message_id="mine", type="t", app_id="app", priority=3)
    await transport.publish(
        Publication("b", b"2", "other", given, {"h": 1, "x-death": [1]}, mandatory=True)
    )
    await transport.publish(Publication("q", b"", "", headers={"h": 1}, onward="on"))
    first, second, third = server.published
    assert (first.method.exchange, first.method.mandatory, first.body) == ("jararaca", False, b"1")
    assert first.properties.delivery_mode == 2 and len(first.properties.message_id) >= 16
    assert first.properties.priority is None
    assert (second.method.exchange, second.method.mandatory) == ("other", True)
    sent = second.properties
    assert (sent.message_id, sent.message_type, sent.app_id, sent.priority) == (
        *("mine", "t", "app", 3),
    )
    assert sent.headers == {"h": 1}
    assert third.method.exchange == "" and third.properties.headers == {"h": 1, "CC": ["on"]}


async def test_terms_are_the_brokers_to_keep(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    await transport.publish(Publication("a", b"", terms=Terms(50, False, "guest")))
    [sent] = server.published
    assert (sent.properties.expiration, sent.properties.delivery_mode) == ("50", 1)
    assert sent.properties.user_id == "guest"


async def test_what_is_signed_goes_out_under_the_accounts_name(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.publish(Publication("a", b"", signed=True))
    await transport.publish(Publication("b", b""))
    assert [each.properties.user_id for each in server.published] == ["guest", None]


async def test_what_cannot_be_sent_is_not(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    with pytest.raises(PublishParameterError):
        await transport.publish(Publication("a", b"", headers={"h": "x" * 140_000}))
    assert came(server) == []


async def test_one_that_nobody_receives_comes_back(server: AmqpServer, connect: Connect) -> None:
    def returned(method: Any, text: bytes) -> list[Any]:
        return [commands.Basic.Return(312, "NO_ROUTE", method.exchange, method.routing_key)]

    transport = await connect()
    original = server._reply

    def replied(session: Any, channel: int, answer: Any) -> None:
        if isinstance(answer, list):
            publication = server.published[-1]
            server._content(session, channel, answer[0], publication.body, publication.properties)
            answer = commands.Basic.Ack(session.confirms[channel])
        original(session, channel, answer)

    server._reply = replied  # type: ignore[method-assign]
    server.on(PUBLISH, returned, where=keyed("lost"))
    with pytest.raises(
        UnroutableError, match=r"no queue receives 'lost' from the exchange 'jararaca': start a"
    ):
        await transport.publish(Publication("lost", b"1", mandatory=True))
    await transport.publish(Publication("lost", b"1", mandatory=True))
    assert came(server) == ["lost", "lost"]


async def test_one_that_the_broker_does_not_take_is_refused(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    server.on(PUBLISH, lambda method, text: commands.Basic.Nack(1, False, False))
    with pytest.raises(PublishNackedError, match="refused 'a': a queue is full or failed"):
        await transport.publish(Publication("a", b""))
    assert came(server) == ["a"]


@pytest.mark.parametrize(
    ("publication", "answer", "kind", "told"),
    [
        (
            Publication("a", b"", "absent"),
            refusal(404, "NOT_FOUND - no exchange 'absent' in vhost '/'"),
            UnroutableError,
            "there is no exchange 'absent' on this broker",
        ),
        (
            Publication("a", b""),
            refusal(403, "ACCESS_REFUSED - access to exchange 'jararaca' in vhost '/' refused"),
            AccessRefusedError,
            "the account may not publish to the exchange 'jararaca': `jararaca topology perm",
        ),
        (
            Publication("a", b"", ""),
            refusal(403, "ACCESS_REFUSED - access to exchange 'amq.default' in vhost '/' refused"),
            AccessRefusedError,
            "the account may not publish to the default exchange, that of queues: `jararaca",
        ),
        (
            Publication("a.b", b""),
            refusal(403, "ACCESS_REFUSED - access to topic 'a.b' in exchange 'jararaca' refused"),
            AccessRefusedError,
            "the account may not publish the topic 'a.b'",
        ),
        (
            Publication("a", b"12345"),
            refusal(406, "PRECONDITION_FAILED - message size 5 is larger than the maximum 4"),
            PublishNackedError,
            "the broker refused 'a': PRECONDITION_FAILED - message size 5",
        ),
        (
            Publication("a", b"", terms=Terms(user_id="me")),
            refusal(
                406,
                "PRECONDITION_FAILED - user_id property set to 'me' but authenticated user was "
                "'guest'",
            ),
            AccessRefusedError,
            "'a' names the account 'me', and this connection's is 'guest'",
        ),
    ],
)
async def test_a_channel_that_is_closed_over_a_publication_tells_why(
    server: AmqpServer,
    connect: Connect,
    publication: Publication,
    answer: Any,
    kind: type[Exception],
    told: str,
) -> None:
    transport = await connect()
    server.on(PUBLISH, answer)
    with pytest.raises(kind) as raised:
        await transport.publish(publication)
    assert told in str(raised.value)
    await transport.publish(Publication("next", b""))
    assert came(server) == [publication.routing_key, "next"]


@pytest.mark.parametrize(
    "answer",
    [
        refusal(404, "NOT_FOUND - no exchange 'absent' in vhost '/'"),
        refusal(403, "ACCESS_REFUSED - access to exchange 'absent' in vhost '/' refused"),
        refusal(403, "ACCESS_REFUSED - access to topic 'b' in exchange 'jararaca' refused"),
        refusal(406, "PRECONDITION_FAILED - message size 5 is larger than the maximum 4"),
        refusal(406, "user_id property set to 'x' but authenticated user was 'guest'"),
    ],
)
async def test_one_that_was_in_flight_when_the_broker_refused_another_is_sent_again(
    server: AmqpServer, connect: Connect, answer: Any
) -> None:
    transport = await connect()
    server.on(PUBLISH, answer)
    await transport.publish(Publication("a", b""))
    await transport.publish(Publication("b", b"", terms=Terms(user_id="guest")))
    assert came(server) == ["a", "a", "b"]
    opened = server.asked(commands.Confirm.Select)
    assert len(opened) == 2, "what is not suspected needs no channel beside"


async def test_a_name_alone_does_not_make_a_refusal(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    server.on(PUBLISH, refusal(406, "no exchange 'jararaca' in vhost '/'"))
    server.on(PUBLISH, refusal(406, "access to exchange 'jararaca' in vhost '/' refused"))
    await transport.publish(Publication("a", b""))
    assert came(server) == ["a"] * 3


async def test_it_goes_alone_once_its_channel_was_closed_under_it_twice(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    about_another = refusal(404, "NOT_FOUND - no exchange 'absent' in vhost '/'")
    server.on(PUBLISH, about_another, times=3)
    with pytest.raises(PublishNackedError, match="the broker refused 'a': .*no exchange 'absent'"):
        await transport.publish(Publication("a", b""))
    assert came(server) == ["a"] * 3


async def test_the_end_of_a_connection_is_nobodys_fault_however_often(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    server.on(PUBLISH, CUT, times=4)
    await transport.publish(Publication("a", b""))
    assert came(server) == ["a"] * 5 and len(server.sessions) == 5


async def test_the_culprit_of_several_is_found_one_by_one(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    await transport.publish(Publication("first", b""))

    def until_the_end(method: Any, text: bytes) -> Any:
        return None if server.asked(commands.Channel.CloseOk) else SILENCE

    server.on(PUBLISH, until_the_end, 9, lambda method: method.routing_key in "ab")
    server.on(PUBLISH, refusal(406, "PRECONDITION_FAILED - invalid"), 2, keyed("culprit"))
    publishing = [
        asyncio.ensure_future(transport.publish(Publication(key, b"")))
        for key in ("a", "culprit", "b")
    ]
    outcomes = await asyncio.gather(*publishing, return_exceptions=True)
    assert [type(each) for each in outcomes] == [type(None), PublishNackedError, type(None)]
    assert "the broker refused 'culprit': " in str(outcomes[1])
    assert came(server).count("culprit") == 2
    assert transport._sender._apart is None and transport._sender._suspects == 0
    selected = len(server.asked(commands.Confirm.Select))
    await transport.publish(Publication("afterwards", b""))
    assert len(server.asked(commands.Confirm.Select)) <= selected + 1


@pytest.mark.parametrize("code", [501, 502, 505, 541])
async def test_what_ends_a_connection_over_a_frame_is_not_sent_again(
    server: AmqpServer, connect: Connect, code: int
) -> None:
    transport = await connect()
    server.on(PUBLISH, closing(code, "FRAME"))
    with pytest.raises(PublishNackedError, match=r"whether it took 'a', so this is not sent again"):
        await transport.publish(Publication("a", b""))
    await transport.publish(Publication("b", b""))
    assert came(server) == ["a", "b"]


async def test_a_connection_that_never_tells_why_it_ended_is_not_waited_for(
    server: AmqpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLOSING_SECONDS", 0.001)
    loop = asyncio.get_running_loop()
    connection: Any = type("Connection", (), {"closing": loop.create_future()})()
    await module.over_a_frame(connection, Publication("a", b""))
    connection.closing.cancel()
    await module.over_a_frame(connection, Publication("a", b""))


async def test_what_has_no_confirm_in_time_is_late_and_why(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect("&publish_timeout=0.1")
    server.on(PUBLISH, SILENCE)
    with pytest.raises(PublishTimeoutError, match=r"'a' was not confirmed in 0.1 s: no confirm"):
        await transport.publish(Publication("a", b""))
    [session] = server.sessions
    session.say(commands.Connection.Blocked("low on memory"))
    await server.until(lambda: not transport.sends)
    server.on(PUBLISH, SILENCE)
    with pytest.raises(PublishTimeoutError, match=r"0.1 s: the broker blocks publishers"):
        await transport.publish(Publication("b", b""))
    session.say(commands.Connection.Unblocked())
    await server.until(lambda: transport.sends)
    server.on(commands.Connection.StartOk, CUT, times=1_000)
    session.cut()
    await server.until(lambda: not transport.ready)
    assert not transport.sends
    with pytest.raises(PublishTimeoutError, match=r"0.1 s: there is no connection to the broker"):
        await transport.publish(Publication("c", b""))
    server._rules.clear()
    await server.until(lambda: transport.sends)


async def test_a_timeout_of_the_callers_own_is_the_callers(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    server.on(PUBLISH, SILENCE)
    with pytest.raises(TimeoutError) as raised:
        async with asyncio.timeout(None) as own:

            async def pass_time() -> None:
                await server.until(lambda: server.published)
                own.reschedule(0)

            passing = asyncio.ensure_future(pass_time())
            await transport.publish(Publication("a", b""))
    await passing
    assert not isinstance(raised.value, PublishTimeoutError)
    await transport.publish(Publication("b", b""))


async def test_a_cancelled_publication_is_not_tried_again(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    server.on(PUBLISH, SILENCE)
    publishing = asyncio.ensure_future(transport.publish(Publication("a", b"")))
    await server.until(lambda: server.published)
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publishing
    await transport.publish(Publication("b", b""))
    assert came(server) == ["a", "b"]


async def test_closing_closes_the_channel_first(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    await transport.publish(Publication("a", b""))
    closed = len(server.asked(commands.Channel.Close))
    await transport._sender.close()
    assert len(server.asked(commands.Channel.Close)) == closed + 1


async def test_no_channel_is_opened_twice(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    await asyncio.gather(*(transport.publish(Publication("a", b"")) for _ in range(3)))
    assert len(server.asked(commands.Confirm.Select)) == 1
    server.on(commands.Confirm.Select, closing(320, "FORCED"))
    server.sessions[0].cut()
    await server.until(lambda: not transport.ready)
    await transport.publish(Publication("b", b""))
    assert came(server)[-1] == "b" and len(server.asked(commands.Confirm.Select)) == 3


class Told(Sender):
    """A sender whose tries end as they are told to."""

    tries = 0
    outcome: Exception | None = None

    async def _once(self, publication: Publication, exchange: str) -> None:
        self.tries += 1
        if self.outcome is not None:
            raise self.outcome
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise Lost from None


LINK: Any = SimpleNamespace(frame_max=131_072, blocked=False, ready=True)


async def test_a_cancellation_that_aiormq_takes_for_the_end_of_the_channel_is_one() -> None:
    sender = Told(LINK, 30)
    publishing = asyncio.ensure_future(sender.send(Publication("a", b""), "", None))
    await asyncio.sleep(0)
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(publishing, 20)
    assert sender.tries == 1


async def test_tries_are_spaced_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 3_600)
    sender = Told(LINK, 30)
    sender.outcome = Lost()
    publishing = asyncio.ensure_future(sender.send(Publication("a", b""), "", None))
    for _ in range(5):
        await asyncio.sleep(0)
    publishing.cancel()
    assert sender.tries == 1


async def test_what_no_broker_has_said_is_raised_as_it_is() -> None:
    sender = Told(LINK, 30)
    connection: Any = None
    with pytest.raises(ZeroDivisionError):
        await sender._translate(connection, ZeroDivisionError(), Publication("a", b""), "")


async def test_a_suspects_channel_is_closed_too() -> None:
    closed: list[Sender] = []

    class Closing(Told):
        async def close(self) -> None:
            closed.append(self)

    sender, beside = Told(LINK, 30), Closing(LINK, 30)
    sender._apart = beside
    await sender.close()
    assert closed == [beside]


@pytest.mark.parametrize("over", ["plain"])
async def test_two_of_one_id_take_turns(server: AmqpServer, connect: Connect) -> None:
    transport = await connect()
    server.on(PUBLISH, SILENCE)
    twin = Publication("a", b"", properties=Properties(message_id="same"))
    first = asyncio.ensure_future(transport.publish(twin))
    await server.until(lambda: server.published)
    second = asyncio.ensure_future(transport.publish(twin))
    await transport.publish(Publication("b", b""))
    assert came(server) == ["a", "b"] and not first.done()
    first.cancel()
    await asyncio.wait_for(second, 20)
    assert came(server) == ["a", "b", "a"]
    assert transport._sender._sending == {}


@pytest.mark.parametrize("over", ["plain"])
async def test_a_channel_that_cannot_be_opened_is_another_try(
    server: AmqpServer, connect: Connect
) -> None:
    transport = await connect()
    server.on(commands.Confirm.Select, CUT)
    await transport.publish(Publication("a", b""))
    assert came(server) == ["a"]
