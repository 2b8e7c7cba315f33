"""Databases that tests use: a file, or a database of the test's own on a running PostgreSQL."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]
import pytest

from tests.support.brokers import listening, missing

DEFAULT_URL = "postgresql://postgres@127.0.0.1:5432/postgres"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """An empty database on a running PostgreSQL (TEST_DATABASE_URL, else the usual local port)."""
    url = os.environ.get("TEST_DATABASE_URL", DEFAULT_URL)
    parts = urlsplit(url)
    if not listening(parts.hostname or "", parts.port or 5432):
        missing(f"no PostgreSQL answers on {parts.hostname}:{parts.port or 5432}")
    name = f"scratch_{uuid4().hex[:12]}"
    asyncio.run(execute(url, f"CREATE DATABASE {name}"))
    yield urlunsplit(parts._replace(scheme="postgresql+asyncpg", path=f"/{name}"))
    asyncio.run(execute(url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.broker)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    found: str = request.getfixturevalue("postgresql_url")
    return found


async def execute(url: str, statement: str) -> None:
    """Run one statement on PostgreSQL, outside of any transaction."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
