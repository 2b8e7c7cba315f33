"""The readers of a worker: one for each queue whose handlers read a stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from jararaca.application.backend import backend_for
from jararaca.application.host import Host
from jararaca.application.progress import Offsets
from jararaca.handling.bound_handler import BoundHandler

Rows = Sequence[BoundHandler]


def offsets_for(host: Host) -> Offsets | None:
    """Where offsets are stored: in the handler's transaction, in Redis, or (None) in RabbitMQ."""
    for integration in host.microservice.integrations:
        if integration.offsets is not None:
            return integration.offsets
    return backend_for(host.backend_url, lambda: None, _in_redis)


def _in_redis(url: str) -> Offsets | None:
    from jararaca.handling.streaming.offsets import OffsetsInRedis

    return OffsetsInRedis(url)


def of_streams(queues: Mapping[str, Rows], host: Host) -> dict[str, tuple[BoundHandler, ...]]:
    """The handlers that read a stream by their queue, as such: in order, whatever happens."""
    return {
        queue: tuple(_in_order(row, host) for row in rows)
        for queue, rows in queues.items()
        if rows[0].spec.stream is not None
    }


def _in_order(row: BoundHandler, host: Host) -> BoundHandler:
    return BoundHandler(row.route, replace(row.spec, ordered=True), host.call(row.route))
