"""Where a worker's offsets are kept, and which of its handlers read a stream."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from jararaca import From, Message, MessageHandler, MessageOf, route
from jararaca.application.host import Host
from jararaca.application.progress import Place, Progress
from jararaca.errors import BackendError
from jararaca.handlers.decorators import spec_of
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.streaming.offsets import OffsetsInRedis
from jararaca.messagebus.streams.readers import of_streams, offsets_for
from redis.exceptions import ConnectionError


class Placed(Message):
    MESSAGE_TOPIC = "orders.placed"


class Bills:
    @MessageHandler(Placed, stream=From.first())
    async def read(self, message: MessageOf[Placed]) -> None: ...

    @MessageHandler(Placed)
    async def take(self, message: MessageOf[Placed]) -> None: ...


def host(backend: str | None, *offsets: object) -> Host:
    """A host with integrations that keep these offsets."""
    integrations = [SimpleNamespace(offsets=each) for each in offsets]
    made: Any = SimpleNamespace(
        microservice=SimpleNamespace(integrations=integrations),
        backend_url=backend,
        call=lambda row: row.handler,
    )
    return cast(Host, made)


def test_offsets_are_where_the_handlers_own_transaction_is() -> None:
    kept = object()
    assert offsets_for(host("redis://localhost", None, kept, object())) is kept


async def test_else_they_are_in_redis_and_else_in_rabbitmq() -> None:
    found = offsets_for(host("redis://localhost", None))
    assert isinstance(found, OffsetsInRedis)
    assert (found.in_transaction, found.place) == (False, "Redis")
    await found.close()
    assert offsets_for(host(None, None)) is None
    assert offsets_for(host("memory://")) is None


class Redis:
    """One that has these keys, or is out."""

    def __init__(self, error: Exception | None = None) -> None:
        self.keys: dict[str, bytes] = {}
        self.error = error

    async def get(self, key: str) -> bytes | None:
        """What a key has."""
        if self.error is not None:
            raise self.error
        return self.keys.get(key)

    async def set(self, key: str, value: str) -> None:
        """Give it a key."""
        if self.error is not None:
            raise self.error
        self.keys[key] = value.encode()


def in_redis(server: Redis) -> OffsetsInRedis:
    made = OffsetsInRedis("redis://localhost")
    made._redis = cast(Any, server)
    return made


async def test_redis_gives_back_what_was_stored_by_its_name() -> None:
    server = Redis()
    offsets = in_redis(server)
    await offsets.advance(Progress("bill", "orders.stream", None, 7, 2))
    assert server.keys == {"jararaca:offset:bill": b"7 2"}
    assert await offsets.load("bill") == Place(7, 2)
    assert await offsets.load("other") is None
    server.keys["jararaca:offset:old"] = b"5"
    assert await offsets.load("old") == Place(5)


async def test_a_redis_that_is_out_is_an_outage() -> None:
    offsets = in_redis(Redis(ConnectionError("refused")))
    with pytest.raises(BackendError, match="Redis could not be read: refused"):
        await offsets.load("bill")
    with pytest.raises(BackendError, match="Redis could not be written: refused"):
        await offsets.advance(Progress("bill", "orders.stream", None, 7))


@pytest.mark.parametrize("stream", [True, False])
def test_who_reads_a_stream_takes_it_in_order(stream: bool) -> None:
    method = Bills.read if stream else Bills.take
    row = route(
        operation="read",
        queue="orders.read",
        binding_keys=("orders.placed",),
        message=Placed,
        controller=Bills,
        handler=method,
        stream="orders.stream" if stream else None,
    )
    bound = BoundHandler(row, spec_of(method), cast(Any, method))
    found = of_streams({"orders.read": (bound,)}, host(None))
    assert [*found] == (["orders.read"] if stream else [])
    assert all(each.spec.ordered for rows in found.values() for each in rows)
