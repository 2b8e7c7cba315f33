"""A pytest fixture for an application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from jararaca_shared.distribution import install

from jararaca.application.microservice import Microservice
from jararaca.errors import ConfigurationError
from jararaca.testing.bus import TestBus


def bus_fixture(app: Microservice, **options: Any) -> Any:
    """A fixture of a TestBus for each test: `bus = bus_fixture(app)` in conftest.py.

    `options` are TestBus's. Raises ConfigurationError without pytest-asyncio.
    """
    try:
        import pytest_asyncio
    except ImportError as error:
        raise ConfigurationError(
            f"bus_fixture needs pytest-asyncio: {install('testing')}"
        ) from error

    async def bus() -> AsyncIterator[TestBus]:
        async with TestBus(app, **options) as made:
            yield made

    return pytest_asyncio.fixture(bus)
