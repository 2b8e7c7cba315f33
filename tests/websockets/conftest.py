"""What the tests of WebSockets share: a Redis of their own where they need one."""

from tests.support.redis_server import redis_server

__all__ = ["redis_server"]
