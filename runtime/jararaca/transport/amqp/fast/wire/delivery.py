"""A delivery as the decoder finds it: properties and headers are read when somebody asks."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jararaca.contract import headers
from jararaca.transport import Delivery, Properties, provenance
from jararaca.transport.amqp.accounts import Accounts
from jararaca.transport.amqp.fast.wire import content as contents
from jararaca.transport.amqp.fast.wire.tables import FrameError, text
from jararaca.transport.provenance import NOTHING

ENCODING = contents.CONTENT_ENCODING >> 8
HEADERS_OR_ENCODING = contents.HEADERS >> 8 | ENCODING
PREFIX = headers.PREFIX.encode()
NOBODYS = Accounts()
_TAG = struct.Struct(">QB")


class FastDelivery(Delivery):
    """A `Delivery` whose properties and headers are decoded when they are first asked for."""

    __slots__ = ("_believed", "_content", "_headers", "_offset", "_ours", "_properties", "accounts")

    def __init__(
        self,
        queue: str,
        routing_key: str,
        exchange: str,
        body: bytes,
        properties: Properties | None,
        headers: Mapping[str, Any] | None,
        redelivered: bool,
        token: Any,
        believed: frozenset[str] | None = None,
        content: bytes = b"",
    ) -> None:
        self.queue = queue
        self.routing_key = routing_key
        self.exchange = exchange
        self.body = body
        self.redelivered = redelivered
        self.token = token
        self._properties = properties
        self._headers = headers
        self._content = content
        self._believed = believed
        self._ours: Mapping[str, Any] | None = None
        self._offset: int | None = None
        self.accounts = NOBODYS

    @property
    def properties(self) -> Properties:  # type: ignore[override]
        """The AMQP basic properties."""
        if self._properties is None:
            self._properties, _ = contents.read(self._content)
        return self._properties

    @property
    def content_encoding(self) -> str | None:
        """The property of that name; where it is not there, nothing is decoded."""
        if self._content and not self._content[contents.FLAGS_AT] & ENCODING:
            return None
        return self.properties.content_encoding

    @property
    def headers(self) -> Mapping[str, Any]:  # type: ignore[override]
        """The header table."""
        if self._headers is None:
            self._headers = contents.headers_of(self._content)
        return self._headers

    @property
    def offset(self) -> int | None:
        """Where in its stream it stands."""
        if self._offset is None:
            found = self.headers.get(provenance.STREAM_OFFSET)
            self._offset = found if type(found) is int else None
        return self._offset

    @property
    def believed(self) -> frozenset[str]:  # type: ignore[override]
        """The headers of ours that are believed, by the account and the exchange it came by."""
        if self._believed is None:
            user_id = contents.user_id_of(self._content)
            self._believed = self.accounts.believed(user_id, self.exchange, self.headers)
        return self._believed

    @property
    def ours(self) -> Mapping[str, Any]:
        """The headers of ours that are believed: for most messages none, and nothing is decoded."""
        if self._ours is None:
            mentioned = self._mentions_ours
            self._ours = provenance.ours(self.headers, self.believed) if mentioned else NOTHING
        return self._ours

    @property
    def theirs(self) -> Mapping[str, Any]:
        """The headers that the publisher wrote."""
        return provenance.theirs(self.headers) if self._mentions_ours else self.headers

    @property
    def _mentions_ours(self) -> bool:
        """Whether a look into the table is worth it; a changed copy has no content."""
        return PREFIX in self._content or not self._content


class BareDelivery(FastDelivery):
    """A delivery without headers and `content_encoding`, as most are: what is asked is known."""

    __slots__ = ()

    headers = theirs = ours = NOTHING
    believed = provenance.ANYONES
    unreadable = content_encoding = offset = None

    def __init__(
        self,
        queue: str,
        routing_key: str,
        exchange: str,
        body: bytes,
        properties: Properties | None,
        headers: Mapping[str, Any] | None,
        redelivered: bool,
        token: Any,
        believed: frozenset[str] | None = None,
        content: bytes = b"",
    ) -> None:
        self.queue = queue
        self.routing_key = routing_key
        self.exchange = exchange
        self.body = body
        self.redelivered = redelivered
        self.token = token
        self._properties = properties
        self._content = content


@lru_cache(maxsize=1024)
def names_of(end: bytes) -> tuple[str, str]:
    """Exchange and routing key: all that stands behind a basic.deliver's tag and flag.

    Raises FrameError, or IndexError where it ends too soon.
    """
    key = 1 + end[0]
    if key + 1 + end[key] != len(end):
        raise FrameError("a basic.deliver of the wrong length")
    return text(end[1:key]), text(end[key + 1 :])


def delivery_of(queue: str, method: bytes, content: bytes, body: bytes, acks: Any) -> FastDelivery:
    """The delivery in a basic.deliver; its token is `(acks, delivery tag)`. Raises FrameError."""
    try:
        at = 5 + method[4]
        tag, redelivered = _TAG.unpack_from(method, at)
        exchange, routing_key = names_of(method[at + 9 :])
        kind = FastDelivery if content[contents.FLAGS_AT] & HEADERS_OR_ENCODING else BareDelivery
    except (IndexError, struct.error) as error:
        raise FrameError(f"a basic.deliver ends too soon: {error}") from error
    again = redelivered & 1 == 1
    return kind(queue, routing_key, exchange, body, None, None, again, (acks, tag), None, content)
