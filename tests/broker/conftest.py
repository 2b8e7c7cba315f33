"""What speaks to a broker is tried on both: the one that is there, and the newest."""

from __future__ import annotations

import pytest

from tests.support.brokers import Broker
from tests.support.rabbitmqs import BOTH


@pytest.fixture(scope="module", params=BOTH, ids=["present", "newest"])
def each_broker(request: pytest.FixtureRequest) -> Broker:
    """Each of the two, with an empty virtual host."""
    made: Broker = request.getfixturevalue(request.param)
    return made


@pytest.fixture(scope="module")
def scratch_broker_url(each_broker: Broker) -> str:
    """The URL of each of the two."""
    return each_broker.url
