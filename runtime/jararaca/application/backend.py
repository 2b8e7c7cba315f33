"""What a backend URL names: a Redis that several processes share, or this process's memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from jararaca.errors import ConfigurationError

T = TypeVar("T")
REDIS = ("redis", "rediss", "unix")


def backend_for(url: str | None, memory: Callable[[], T], redis: Callable[[str], T]) -> T:
    """What `redis` makes of a Redis URL, or `memory` without one (or for `memory://`).

    Raises ConfigurationError for another scheme, and for the missing extra, which `redis` imports.
    """
    if url is None or url.startswith("memory:"):
        return memory()
    scheme = urlsplit(url).scheme
    if scheme not in REDIS:
        raise ConfigurationError(
            f"the backend URL has the scheme {scheme!r}: use redis://, rediss:// or memory://"
        )
    try:
        return redis(url)
    except ImportError as error:
        raise ConfigurationError(
            "a Redis backend needs the extra: pip install 'jararaca[redis]'"
        ) from error
