"""What a backend URL names: a Redis that several processes share, or this process's memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from jararaca_shared.distribution import install

from jararaca.errors import ConfigurationError
from jararaca.transport.url import url_parts

T = TypeVar("T")
REDIS = ("redis", "rediss", "unix")


def backend_for(url: str | None, memory: Callable[[], T], redis: Callable[[str], T]) -> T:
    """What `redis` makes of a Redis URL, or `memory` without one (or for `memory://`).

    Raises ConfigurationError for another scheme, and for the missing extra, which `redis` imports.
    """
    if url is None or url.startswith("memory:"):
        return memory()
    if url_parts(url, "backend").scheme not in REDIS:
        raise ConfigurationError(
            "the backend URL has another scheme: use redis://, rediss:// or memory://"
        )
    try:
        return redis(url)
    except ValueError:
        raise ConfigurationError(
            "the backend URL is invalid: it is redis://user:password@host:6379/0"
        ) from None
    except ImportError as error:
        raise ConfigurationError(f"a Redis backend needs the extra: {install('redis')}") from error
