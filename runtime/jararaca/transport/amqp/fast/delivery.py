"""A delivery as the decoder finds it: properties and headers are read when somebody asks."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from jararaca.transport import Delivery, Properties
from jararaca.transport.amqp.fast import content as contents
from jararaca.transport.amqp.fast.tables import FrameError, text

_TAG = struct.Struct(">QB")


class FastDelivery(Delivery):
    """A `Delivery` whose properties and headers are decoded at the first look.

    Like its base it is never changed once made; its slots are written directly because the frozen
    dataclass's way of setting them costs as much as all the rest of a delivery.
    """

    __slots__ = ("_content", "_headers", "_properties")
    __setattr__ = object.__setattr__

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
        self.queue = queue  # type: ignore[misc]
        self.routing_key = routing_key  # type: ignore[misc]
        self.exchange = exchange  # type: ignore[misc]
        self.body = body  # type: ignore[misc]
        self.redelivered = redelivered  # type: ignore[misc]
        self.token = token  # type: ignore[misc]
        self._properties = properties
        self._headers = headers
        self._content = content

    @property
    def properties(self) -> Properties:
        """The AMQP basic properties."""
        if self._properties is None:
            self._properties, _ = contents.read(self._content)
        return self._properties

    @property
    def headers(self) -> Mapping[str, Any]:
        """The header table."""
        if self._headers is None:
            self._headers = contents.headers_of(self._content)
        return self._headers


def consumer_tag_of(method: bytes) -> bytes:
    """The consumer tag of a basic.deliver, without the rest."""
    return method[5 : 5 + method[4]]


def delivery_of(
    queue: str, method: bytes, content: bytes, body: bytes, ledger: Any
) -> FastDelivery:
    """The delivery in a basic.deliver; its token is `(ledger, delivery tag)`. Raises FrameError."""
    try:
        at = 5 + method[4]
        tag, redelivered = _TAG.unpack_from(method, at)
        at += 10
        exchange_end = at + method[at - 1]
        key_from = exchange_end + 1
        key_end = key_from + method[exchange_end]
    except (IndexError, struct.error) as error:
        raise FrameError(f"a basic.deliver ends too soon: {error}") from error
    if key_end != len(method):
        raise FrameError("a basic.deliver of the wrong length")
    return FastDelivery(
        queue,
        text(method[key_from:key_end]),
        text(method[at:exchange_end]),
        body,
        None,
        None,
        bool(redelivered & 1),
        (ledger, tag),
        content,
    )
