"""aiormq's errors and messages become ours: which is which, and what a person is told."""

from __future__ import annotations

import asyncio
import socket
import ssl
from types import SimpleNamespace
from typing import Any

import pytest
from aiormq.exceptions import (
    AMQPConnectionError,
    AuthenticationError,
    ChannelAccessRefused,
    ChannelClosed,
    ChannelInvalidStateError,
    ChannelLockedResource,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
    ConnectionInternalError,
    ConnectionNotAllowed,
    ProbableAuthenticationError,
)
from jararaca.errors import (
    AccessRefusedError,
    BrokerError,
    BrokerUnreachableError,
    QueueNotFoundError,
    TopologyMismatchError,
)
from jararaca.transport.amqp.accounts import Accounts
from jararaca.transport.amqp.translate import (
    LIMITED,
    QUEUES_LIMITED,
    delivery_of,
    ended,
    own_headers,
    refused,
    text,
    unreachable,
)
from jararaca.transport.url import parse_broker_url
from pamqp.commands import Basic

URL = parse_broker_url("amqp://clerk:secret@broker:5672/or%2Fders")


def refused_by(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("not accepted")
    error.verify_code = code
    return error


def caused_by(cause: Exception) -> AMQPConnectionError:
    """As aiormq tells of it."""
    error = AMQPConnectionError("lost")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        AMQPConnectionError("x"),
        ChannelClosed(404, "x"),
        ChannelInvalidStateError("x"),
        ConnectionResetError("x"),
        EOFError(),
        RuntimeError('<Connection: "amqp://broker" at 0x7f> closed'),
    ],
)
async def test_the_end_of_a_channel_is_known(error: Exception) -> None:
    assert ended(error) is True


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("no running loop"),
        RuntimeError("Event loop is closed"),
        RuntimeError("cannot schedule new futures after the pool is closed"),
        ValueError("closed"),
        NotImplementedError(" closed"),
    ],
)
async def test_nothing_else_is_taken_for_the_end_of_a_channel(error: Exception) -> None:
    assert ended(error) is False


async def test_a_cancellation_of_ours_is_no_end_of_a_channel() -> None:
    found: list[bool] = []
    task = asyncio.current_task()
    assert task is not None and ended(asyncio.CancelledError()) is True
    task.cancel()
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError as error:
        found.append(ended(error))
    task.uncancel()
    assert found == [False]


async def test_a_cancellation_outside_of_all_tasks_is_the_end_of_a_channel() -> None:
    found: list[bool] = []
    asyncio.get_running_loop().call_soon(lambda: found.append(ended(asyncio.CancelledError())))
    await asyncio.sleep(0)
    assert found == [True]


SHOWN = "amqp://broker:5672/or%2Fders"


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (
            ProbableAuthenticationError("ACCESS_REFUSED"),
            AccessRefusedError,
            f"{SHOWN} refused the user 'clerk': check user and password in the broker URL",
        ),
        (
            AuthenticationError("ACCESS_REFUSED"),
            AccessRefusedError,
            f"{SHOWN} refused the user 'clerk': check user and password in the broker URL",
        ),
        (
            ConnectionNotAllowed("NOT_ALLOWED - connection limit (3) is reached"),
            BrokerError,
            f"{SHOWN}: NOT_ALLOWED - connection limit (3) is reached. {LIMITED}",
        ),
        (
            ConnectionNotAllowed("NOT_ALLOWED - vhost or/ders not found"),
            AccessRefusedError,
            f"{SHOWN}: there is no virtual host 'or/ders' on this broker: create it "
            "(`rabbitmqctl add_vhost or/ders`), or correct the end of the broker URL",
        ),
        (
            ConnectionNotAllowed("NOT_ALLOWED - access to vhost 'or/ders' refused for user"),
            AccessRefusedError,
            f"{SHOWN}: the user 'clerk' may not use the virtual host 'or/ders': `rabbitmqctl "
            "set_permissions -p or/ders clerk '.*' '.*' '.*'` allows it",
        ),
        (
            ConnectionNotAllowed("NOT_ALLOWED - for a reason of its own"),
            AccessRefusedError,
            f"{SHOWN}: the broker refused the connection (NOT_ALLOWED - for a reason of its own)",
        ),
        (
            TimeoutError(),
            BrokerUnreachableError,
            f"no connection to {SHOWN} (no answer in time): is RabbitMQ running, and is the URL "
            "correct?",
        ),
        (
            OSError("no route"),
            BrokerUnreachableError,
            f"no connection to {SHOWN} (no route): is RabbitMQ running, and is the URL correct?",
        ),
        (
            caused_by(socket.gaierror(-2, "Name or service not known")),
            BrokerUnreachableError,
            f"no connection to {SHOWN} (Name or service not known): correct the host in the broker "
            "URL, or see to its name",
        ),
        (
            caused_by(ssl.SSLCertVerificationError("self-signed certificate")),
            BrokerUnreachableError,
            f"no connection to {SHOWN} (the certificate is not accepted: self-signed certificate): "
            "cafile=FILE in the broker URL names the authority of the broker's certificate",
        ),
        (
            caused_by(refused_by(62)),
            BrokerUnreachableError,
            f"no connection to {SHOWN} (the certificate is not accepted: not accepted): the broker "
            "URL needs a host that the broker's certificate names",
        ),
        (
            caused_by(refused_by(10)),
            BrokerUnreachableError,
            f"no connection to {SHOWN} (the certificate is not accepted: not accepted): the "
            "broker's certificate has to be renewed",
        ),
        (
            caused_by(ssl.SSLError("wrong version number")),
            BrokerUnreachableError,
            f"no connection to {SHOWN} (wrong version number): amqps:// wants a port with TLS "
            "(5671), amqp:// one without (5672)",
        ),
        (
            caused_by(asyncio.IncompleteReadError(b"", 1)),
            BrokerUnreachableError,
            f"no connection to {SHOWN} (lost): RabbitMQ listens on 5672, or 5671 with TLS; it "
            "closes connections while it starts",
        ),
    ],
)
def test_why_there_is_no_connection(error: Exception, kind: type[Exception], told: str) -> None:
    found = unreachable(URL, error)
    assert type(found) is kind and str(found) == told


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (
            ChannelPreconditionFailed(
                "PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'orders' in vhost "
                "'/': received the value 'quorum' of type 'longstr' but current is none"
            ),
            TopologyMismatchError,
            "queue 'orders' exists on the broker with a different x-queue-type: compiled 'quorum', "
            "on the broker none",
        ),
        (
            ChannelNotFoundEntity("NOT_FOUND - no queue 'orders' in vhost '/'"),
            QueueNotFoundError,
            "the broker says NOT_FOUND - no queue 'orders' in vhost '/': `jararaca topology apply`",
        ),
        (
            ChannelAccessRefused("ACCESS_REFUSED - access to queue 'orders' refused"),
            AccessRefusedError,
            "the broker says ACCESS_REFUSED - access to queue 'orders' refused: give the account",
        ),
        (
            ChannelLockedResource("RESOURCE_LOCKED - exclusive."),
            BrokerError,
            "the broker says RESOURCE_LOCKED - exclusive. An exclusive queue belongs to one",
        ),
        (
            ConnectionNotAllowed("channel limit"),
            BrokerError,
            f"the broker says channel limit. {LIMITED}",
        ),
        (
            ConnectionInternalError("Feature `transient_nonexcl_queues` is deprecated"),
            BrokerError,
            "the broker refuses queues with `durable: false` (RabbitMQ 4.3 and newer)",
        ),
        (
            ConnectionInternalError("INTERNAL_ERROR"),
            BrokerError,
            "the broker failed (INTERNAL_ERROR): its log tells more",
        ),
        (
            ChannelPreconditionFailed("queue limit in vhost '/' (2) is reached"),
            BrokerError,
            f"the broker says queue limit in vhost '/' (2) is reached: {QUEUES_LIMITED}",
        ),
        (
            ChannelPreconditionFailed("unknown delivery tag"),
            BrokerError,
            "the broker says unknown delivery tag",
        ),
        (
            AMQPConnectionError("heartbeat missed"),
            BrokerUnreachableError,
            "the connection was lost (heartbeat missed)",
        ),
        (
            AMQPConnectionError("about transient_nonexcl_queues"),
            BrokerUnreachableError,
            "the connection was lost (about transient_nonexcl_queues)",
        ),
    ],
)
def test_why_the_broker_refuses(error: Exception, kind: type[Exception], told: str) -> None:
    found = refused(error)
    assert type(found) is kind and str(found).startswith(told)


def test_a_refusal_with_nothing_to_add_ends_there() -> None:
    assert str(refused(ChannelPreconditionFailed("unknown tag"))) == "the broker says unknown tag"


def test_an_error_is_told_on_one_line() -> None:
    assert text(ChannelClosed(404, "no\n queue")) == "404, no queue"
    assert text(ChannelClosed(None, "", "gone")) == "gone"
    assert text(EOFError()) == "EOFError()"


def received(headers: dict[str, Any], **more: Any) -> Any:
    given = {"exchange": "jararaca", "routing_key": "orders", "redelivered": 1, **more}
    return SimpleNamespace(headers=headers, body=b"{}", **given)


def test_a_delivery_has_all_that_came() -> None:
    found = Basic.Properties(
        message_id="id",
        message_type="placed",
        content_type="application/json",
        content_encoding="gzip",
        correlation_id="c",
        reply_to="r",
        priority=0,
        app_id="a",
    )
    token = object()
    told = delivery_of("q", received({"n": 1}), found, token, Accounts("guest"))
    assert (told.queue, told.routing_key, told.exchange) == ("q", "orders", "jararaca")
    assert (told.body, told.redelivered, told.token) == (b"{}", True, token)
    written = told.properties
    assert (written.message_id, written.type, written.content_type) == (
        "id",
        "placed",
        "application/json",
    )
    assert (written.content_encoding, written.correlation_id, written.reply_to) == (
        *("gzip", "c", "r"),
    )
    assert (written.priority, written.app_id, written.timestamp) == (0, "a", None)
    bare = received({}, exchange=None, routing_key=None, redelivered=None)
    told = delivery_of("q", bare, Basic.Properties(), None, Accounts("guest"))
    assert (told.exchange, told.routing_key, told.redelivered) == ("", "", False)


def test_octets_of_headers_are_bytes_wherever_they_stand() -> None:
    octets = {"b": bytearray(b"x"), "l": [bytearray(b"y"), 1], "d": {"e": bytearray(b"z")}}
    told = delivery_of("q", received(octets), Basic.Properties(), None, Accounts(""))
    given = dict(told.headers)
    assert given == {"b": b"x", "l": [b"y", 1], "d": {"e": b"z"}}
    assert type(given["b"]) is bytes and type(given["l"][0]) is bytes
    plain = {"n": 1, "t": "text"}
    assert (
        delivery_of("q", received(plain), Basic.Properties(), None, Accounts("")).headers is plain
    )


def test_headers_go_out_without_the_brokers_own() -> None:
    given = {"x-death": [1], "CC": ["sec"], "mine": 1}
    assert own_headers(given) == {"mine": 1}
    assert own_headers(given, "orders.placed") == {"mine": 1, "CC": ["orders.placed"]}
