"""What all tests share: the services they need, and a place of their own on each."""

import os
import tempfile

import pytest

from tests.support.brokers import redis_url
from tests.support.databases import database_url, postgresql_url
from tests.support.rabbitmqs import (
    newest_rabbitmq,
    newest_scratch_broker,
    rabbitmq,
    scratch_broker,
    scratch_broker_url,
)

__all__ = [
    "database_url",
    "newest_rabbitmq",
    "newest_scratch_broker",
    "postgresql_url",
    "rabbitmq",
    "redis_url",
    "scratch_broker",
    "scratch_broker_url",
]

LONGEST_ID = 200


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--bless` rewrites what the compiler's cases expect."""
    parser.addoption("--bless", action="store_true", help="rewrite expectations (tests/compile)")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Long values are called by their length, and octets too: what is packed has a time in it.

    Two processes that collect the same tests must call them alike.
    """
    if isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_ID):
        return f"{argname} of {len(val)}"
    return None


# The example shop's database, for the tests that import it: nothing is left in the project.
os.environ.setdefault(
    "DATABASE_URL", f"sqlite+aiosqlite:///{tempfile.mkdtemp(prefix='jararaca-')}/shop.db"
)
