"""The RabbitMQ with a management API; what needs none listens to both, old and newest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.brokers import Broker, scratch
from tests.support.managed import managed_node

__all__ = ["managed_node"]


@pytest.fixture(scope="module", params=["rabbitmq", "newest_rabbitmq"], ids=["present", "newest"])
def scratch_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Each of the two, with an empty virtual host."""
    with scratch(request.getfixturevalue(request.param)) as made:
        yield made
