"""Between aiormq and us: its errors, its messages and its properties, translated once."""

from __future__ import annotations

import asyncio
import re
import shlex
import socket
import ssl
from collections.abc import Mapping
from typing import Any

from aio_pika.abc import AbstractIncomingMessage
from aiormq.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelAccessRefused,
    ChannelInvalidStateError,
    ChannelLockedResource,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
    ConnectionInternalError,
    ConnectionNotAllowed,
    ProbableAuthenticationError,
)
from jararaca_shared.network_errors import reason_of
from pamqp.commands import Basic

from jararaca.errors import (
    AccessRefusedError,
    BrokerError,
    BrokerUnreachableError,
    QueueNotFoundError,
)
from jararaca.transport import Delivery, Properties, provenance
from jararaca.transport.amqp.accounts import Accounts
from jararaca.transport.mismatch import mismatch
from jararaca.transport.timestamp import Timestamp
from jararaca.transport.url import BrokerUrl

LOST = (AMQPError, ChannelInvalidStateError, OSError, EOFError)
"""What aiormq raises when a channel or a connection is gone."""

CLOSED = re.compile("<.*> closed", re.DOTALL)
"""The text of the RuntimeError that aiormq raises for a connection that is closed.

Python's own ("Event loop is closed") say nothing of a connection.
"""

INEQUIVALENT = re.compile(
    r"inequivalent arg '(?P<argument>[^']+)' for (?P<kind>queue|exchange) '(?P<name>.+?)' in vhost "
    r"'.*?': received (?P<wanted>.+?) but current is (?P<found>.+)"
)
LIMITED = (
    "A process needs two connections, and a channel or more for each queue that it consumes: raise "
    "the limit (`rabbitmqctl set_user_limits`, `set_vhost_limits`), or run fewer processes"
)
QUEUE_LIMIT = "queue limit in vhost"
QUEUES_LIMITED = (
    "raise it (`rabbitmqctl set_vhost_limits`); `jararaca topology plan` lists all queues that are "
    "needed, and one dead-letter queue a service needs fewer (docs/operations.md)"
)

INEXACT = frozenset({bytearray, dict, list})
"""Types of header values that are, or may hold, what aiormq reads otherwise than it was sent:
octets, which it has as a bytearray, and times that no calendar reaches."""

VALUE = re.compile(r"(?:the value )?'(?P<value>.*?)'(?: of type '\w+')?")


def ended(error: BaseException) -> bool:
    """Whether an error says that channel or connection ended, not that our task is cancelled.

    aiormq passes a CancelledError on to those who wait on a channel that it closes.
    """
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or not task.cancelling()
    if type(error) is RuntimeError:
        return CLOSED.fullmatch(str(error)) is not None
    return isinstance(error, LOST)


def unreachable(url: BrokerUrl, error: BaseException) -> BrokerError:
    """The error of a connection that could not be made."""
    if isinstance(error, ProbableAuthenticationError | AuthenticationError):
        return AccessRefusedError(
            f"{url.shown} refused the user {url.user!r}: check user and password in the broker URL"
        )
    if isinstance(error, ConnectionNotAllowed):
        if "limit" in text(error):
            # No right lacks: whoever asks for one would look in the wrong place.
            return BrokerError(f"{url.shown}: {text(error)}. {LIMITED}")
        return AccessRefusedError(f"{url.shown}: {_not_allowed(url, text(error))}")
    cause = error.__cause__ or error
    why = reason_of(cause) or reason_of(error) or text(error)
    return BrokerUnreachableError(f"no connection to {url.shown} ({why}): {_advice(cause)}")


_OTHER_HOST = (62, 64)
_EXPIRED = 10
"""Of OpenSSL's X509_V_ERR_: HOSTNAME_MISMATCH and IP_ADDRESS_MISMATCH, CERT_HAS_EXPIRED."""


def _advice(cause: BaseException) -> str:
    """What to do about a connection that could not be made, as its cause tells."""
    if isinstance(cause, socket.gaierror):
        return "correct the host in the broker URL, or see to its name"
    if isinstance(cause, ssl.SSLCertVerificationError):
        code = getattr(cause, "verify_code", None)
        if code in _OTHER_HOST:
            return "the broker URL needs a host that the broker's certificate names"
        if code == _EXPIRED:
            return "the broker's certificate has to be renewed"
        return "cafile=FILE in the broker URL names the authority of the broker's certificate"
    if isinstance(cause, ssl.SSLError):
        return "amqps:// wants a port with TLS (5671), amqp:// one without (5672)"
    if isinstance(cause, asyncio.IncompleteReadError):
        return "RabbitMQ listens on 5672, or 5671 with TLS; it closes connections while it starts"
    return "is RabbitMQ running, and is the URL correct?"


def _not_allowed(url: BrokerUrl, told: str) -> str:
    """Why the broker did not open the connection, and what to do."""
    vhost = shlex.quote(url.vhost)
    if told.endswith("not found"):
        return (
            f"there is no virtual host {url.vhost!r} on this broker: create it (`rabbitmqctl "
            f"add_vhost {vhost}`), or correct the end of the broker URL"
        )
    if "refused" in told:
        return (
            f"the user {url.user!r} may not use the virtual host {url.vhost!r}: `rabbitmqctl "
            f"set_permissions -p {vhost} {shlex.quote(url.user)} '.*' '.*' '.*'` allows it"
        )
    return f"the broker refused the connection ({told})"


def refused(error: BaseException) -> BrokerError:
    """The error of a broker that closed channel or connection over what it was asked."""
    found = INEQUIVALENT.search(text(error))
    if found:
        wanted, has = _value(found["wanted"]), _value(found["found"])
        return mismatch(found["kind"], found["name"], found["argument"], wanted, has)
    if isinstance(error, ChannelNotFoundEntity):
        return QueueNotFoundError(
            f"the broker says {text(error)}: `jararaca topology apply` declares what is missing"
        )
    if isinstance(error, ChannelAccessRefused):
        return AccessRefusedError(
            f"the broker says {text(error)}: give the account that permission, or declare the "
            "topology with another account (`jararaca topology apply`) and start with --no-declare"
        )
    if isinstance(error, ChannelLockedResource):
        return BrokerError(
            f"the broker says {text(error)} An exclusive queue belongs to one connection: stop the "
            "other process, or leave `exclusive` out of the document"
        )
    if isinstance(error, ConnectionNotAllowed):
        return BrokerError(f"the broker says {text(error)}. {LIMITED}")
    if isinstance(error, ConnectionInternalError) and "transient_nonexcl_queues" in text(error):
        return BrokerError(
            "the broker refuses queues with `durable: false` (RabbitMQ 4.3 and newer): leave it "
            "out of the document, or make the queue exclusive; `jararaca codegen` names the queue "
            f"({text(error)})"
        )
    if isinstance(error, ConnectionInternalError):
        return BrokerError(f"the broker failed ({text(error)}): its log tells more")
    if isinstance(error, ChannelPreconditionFailed):
        more = f": {QUEUES_LIMITED}" if QUEUE_LIMIT in text(error) else ""
        return BrokerError(f"the broker says {text(error)}{more}")
    return BrokerUnreachableError(f"the connection was lost ({text(error)})")


def text(error: BaseException) -> str:
    """What an error says, on one line."""
    told = ", ".join(str(part) for part in error.args if part not in (None, "")) or repr(error)
    return " ".join(told.split())


def _value(described: str) -> str:
    found = VALUE.fullmatch(described.strip())
    return repr(found["value"]) if found else described.strip()


def delivery_of(
    queue: str,
    message: AbstractIncomingMessage,
    found: Basic.Properties,
    token: Any,
    accounts: Accounts,
) -> Delivery:
    """A received message as we hand it over."""
    given = message.headers
    if any(type(each) in INEXACT for each in given.values()):
        given = {name: _exact(each) for name, each in given.items()}
    exchange = message.exchange or ""
    return Delivery(
        queue,
        message.routing_key or "",
        exchange,
        message.body,
        Properties(
            message_id=found.message_id,
            type=found.message_type,
            content_type=found.content_type,
            content_encoding=found.content_encoding,
            correlation_id=found.correlation_id,
            reply_to=found.reply_to,
            timestamp=found.timestamp,
            priority=found.priority,
            app_id=found.app_id,
        ),
        given,
        bool(message.redelivered),
        token,
        accounts.believed(found.user_id, exchange, given),
    )


def _exact(value: Any) -> Any:
    match value:
        case bytearray():
            return bytes(value)
        case {provenance.TIMESTAMP: text}:
            return Timestamp(text)
        case dict():
            return {name: _exact(each) for name, each in value.items()}
        case list():
            return [_exact(each) for each in value]
    return value


def own_headers(given: Mapping[str, Any], onward: str | None = None) -> dict[str, Any]:
    """The headers as they go out, without the broker's own.

    `onward` is ours alone to say: the topic that a delayed message goes on by, AMQP's `CC`.
    """
    own = provenance.without_brokers(given)
    if onward is not None:
        own["CC"] = [onward]
    return own
