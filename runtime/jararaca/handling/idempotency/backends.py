"""Which record of handled messages a backend URL names."""

from __future__ import annotations

from jararaca.application.backend import backend_for
from jararaca.handling.idempotency import HandledMessages
from jararaca.handling.idempotency.memory import HandledInMemory


def handled_messages_for(backend_url: str | None) -> HandledMessages:
    """The record that a backend URL names: `redis://...`, or this process's memory without one.

    Raises ConfigurationError for another scheme or a missing extra.
    """
    return backend_for(backend_url, HandledInMemory, _in_redis)


def _in_redis(url: str) -> HandledMessages:
    from jararaca.handling.idempotency.redis import HandledInRedis

    return HandledInRedis(url)
