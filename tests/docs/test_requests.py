"""docs/requests.md, done as it says, over a real RabbitMQ."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.readme.test_readme import start
from tests.support.brokers import delete_queues
from tests.support.docblocks import blocks, write_files
from tests.support.type_checking import assert_strictly_typed

PAGE = "requests.md"
JARARACA = [sys.executable, "-m", "jararaca.cli"]


def run(*command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
async def own_queues(scratch_broker_url: str) -> AsyncIterator[None]:
    yield
    await delete_queues(scratch_broker_url, "quotes.get", "quotes.get.dead-letters")


@pytest.mark.broker
@pytest.mark.usefixtures("own_queues")
def test_the_page_asks_and_is_answered_as_it_says(tmp_path: Path, scratch_broker_url: str) -> None:
    environment = {**os.environ, "BROKER_URL": scratch_broker_url, "PYTHONUNBUFFERED": "1"}
    write_files(PAGE, tmp_path, "yaml")
    run(*JARARACA, "codegen", "quotes.asyncapi.yaml", folder=tmp_path, environment=environment)
    stub = (tmp_path / "handlers/quotes.py").read_text()
    assert "-> messages.Quote | messages.OutOfStock:" in stub
    write_files(PAGE, tmp_path, "python")
    worker = start(" ".join([*JARARACA, "worker"]), tmp_path, environment)
    try:
        told = run(sys.executable, "ask.py", folder=tmp_path, environment=environment)
    finally:
        worker.terminate()
        worker.communicate(timeout=30)
    [expected] = [block.text for block in blocks(PAGE) if block.language == "text"]
    assert told == expected


def test_the_page_passes_mypy_strict(tmp_path: Path) -> None:
    write_files(PAGE, tmp_path, "yaml", "python")
    environment = dict(os.environ)
    run(*JARARACA, "codegen", "quotes.asyncapi.yaml", folder=tmp_path, environment=environment)
    assert_strictly_typed("ask.py", "handlers", folder=tmp_path)
