"""A delivery as the decoder finds it: properties and headers are read when somebody asks."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jararaca.transport import Delivery, Properties
from jararaca.transport.amqp.fast.wire import content as contents
from jararaca.transport.amqp.fast.wire.tables import FrameError, text

_TAG = struct.Struct(">QB")


class FastDelivery(Delivery):
    """A `Delivery` whose properties and headers are decoded at the first look."""

    __slots__ = ("_content", "_headers", "_properties")

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

    @property
    def properties(self) -> Properties:  # type: ignore[override]
        """The AMQP basic properties."""
        if self._properties is None:
            self._properties, _ = contents.read(self._content)
        return self._properties

    @property
    def headers(self) -> Mapping[str, Any]:  # type: ignore[override]
        """The header table."""
        if self._headers is None:
            self._headers = contents.headers_of(self._content)
        return self._headers


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
    except (IndexError, struct.error) as error:
        raise FrameError(f"a basic.deliver ends too soon: {error}") from error
    again = redelivered & 1 == 1
    return FastDelivery(queue, routing_key, exchange, body, None, None, again, (acks, tag), content)
