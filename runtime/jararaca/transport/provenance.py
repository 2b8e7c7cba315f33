"""Headers split at receipt: which of ours are believed, and which are the publisher's own.

Whoever may publish can write any header, so that a header of ours is believed on the broker's word
alone. It vouches for two things. One is the account: RabbitMQ refuses a message whose `user_id` is
not that of the connection it came by, and what we move on carries ours. The other is the exchange
that a delivery came through last: out of the delay chain comes only what somebody put in who has
the right to delay, and so to write to every topic; that is enough to believe its topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex
from types import MappingProxyType
from typing import Any

from jararaca.contract import headers

NOTHING: Mapping[str, Any] = MappingProxyType({})

ANYONES = frozenset((headers.REQUEST, headers.FAILURE, headers.HANDLER))
"""What any requester and replier may tell each other: it affects only the answer."""

DELAYED = ANYONES | {headers.TOPIC, headers.EXCHANGE}
"""What is believed of a message that comes out of the delay chain."""

SIGNED = DELAYED | {
    headers.ATTEMPT,
    headers.FIRST_FAILURE,
    headers.LAST_ERROR,
    headers.REASON,
    headers.ERROR_TYPE,
    headers.TRACEBACK,
    headers.QUEUE,
    headers.DEAD_LETTERED_AT,
    headers.CARRIED,
    headers.UNSETTLED,
    headers.STREAM,
    headers.OFFSET,
    headers.QUIET,
}
"""What is believed of a message that was published under our account, or a trusted one."""

UNREADABLE = f"{headers.PREFIX}unreadable-{token_hex(8)}"
"""Stands in the place of headers that cannot be decoded; no publisher can know the name."""

TIMESTAMP = f"{headers.PREFIX}timestamp-{token_hex(8)}"
"""Stands before the number of a time that a client cannot read; no publisher can know the name."""

DELIVERY_COUNT = "x-delivery-count"
"""How often a quorum queue had the message back unsettled; absent at its first delivery."""

STREAM_OFFSET = "x-stream-offset"
"""Where in its stream a message stands: the broker writes it on each that is read."""

BROKERS_OWN = ("CC", "BCC", "x-death", DELIVERY_COUNT, "x-acquired-count", STREAM_OFFSET)
BROKERS_OWN_STARTS = ("x-first-death-", "x-last-death-")
"""Headers that the broker reads or writes: copied, they would route or drop the next copy."""


def ours(given: Mapping[str, Any], believed: frozenset[str]) -> Mapping[str, Any]:
    """The headers of ours that are believed."""
    if not given:
        return NOTHING
    found = {name: value for name, value in given.items() if name in believed}
    return found or NOTHING


def theirs(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The headers without our names, believed or not: what a copy of the message keeps."""
    return {name: value for name, value in given.items() if not name.startswith(headers.PREFIX)}


def without_brokers(given: Mapping[str, Any]) -> dict[str, Any]:
    """The headers as they go out: without those that the broker reads or writes itself."""
    return {
        name: value
        for name, value in given.items()
        if name not in BROKERS_OWN and not name.startswith(BROKERS_OWN_STARTS)
    }
