"""docs/amqp.md, done as it says, over a real RabbitMQ."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.docs.test_requests import JARARACA, run
from tests.readme.test_readme import start
from tests.support.brokers import delete_queues
from tests.support.docblocks import blocks, compiled
from tests.support.type_checking import assert_strictly_typed

PAGE = "amqp.md"
DOCUMENT = "parcels.asyncapi.yaml"


@pytest.fixture
async def own_queues(scratch_broker_url: str) -> AsyncIterator[None]:
    yield
    await delete_queues(scratch_broker_url, "parcels.pack", "parcels.pack.dead-letters")


@pytest.mark.broker
@pytest.mark.usefixtures("own_queues")
def test_the_page_prints_the_label_that_it_shows(tmp_path: Path, scratch_broker_url: str) -> None:
    environment = {**os.environ, "BROKER_URL": scratch_broker_url, "PYTHONUNBUFFERED": "1"}
    compiled(PAGE, DOCUMENT, tmp_path)
    worker = start(" ".join([*JARARACA, "worker"]), tmp_path, environment)
    try:
        told = run(sys.executable, "labels.py", folder=tmp_path, environment=environment)
    finally:
        worker.terminate()
        worker.communicate(timeout=30)
    [expected] = [block.text for block in blocks(PAGE) if block.language == "text"]
    assert told == expected


def test_the_page_passes_mypy_strict(tmp_path: Path) -> None:
    compiled(PAGE, DOCUMENT, tmp_path)
    assert_strictly_typed("labels.py", "handlers", folder=tmp_path)
