"""docs/scheduler.md, done as it says: listed, run over RabbitMQ and Redis, and tested."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from tests.support.docblocks import compiled, one
from tests.support.type_checking import assert_strictly_typed

PAGE = "scheduler.md"
JARARACA = (sys.executable, "-m", "jararaca.cli")


def run(*command: str, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return compiled(PAGE, "bakery.asyncapi.yaml", tmp_path)


def columns(table: str) -> list[list[str]]:
    """The table without when each is next."""
    return [re.split(r" {2,}", line)[:4] for line in table.splitlines()]


def test_the_page_lists_what_it_says(folder: Path) -> None:
    _, *arguments = one(PAGE, "bash").split()
    assert columns(run(*JARARACA, *arguments, folder=folder)) == columns(one(PAGE, "text"))


def test_the_pages_test_passes(folder: Path) -> None:
    assert "1 passed" in run(sys.executable, "-m", "pytest", "-q", "test_night.py", folder=folder)


@pytest.mark.broker
def test_the_page_runs_over_rabbitmq_and_redis_and_ends_with_0(
    folder: Path, scratch_broker_url: str, redis_url: str
) -> None:
    _, *arguments = one(PAGE, "console").split()
    arguments[arguments.index("--broker-url") + 1] = scratch_broker_url
    arguments[arguments.index("--backend-url") + 1] = redis_url
    process = subprocess.Popen(
        [*JARARACA, *arguments], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line)
        if line.startswith("ready"):
            process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert [line.split() for line in told if line.startswith("record")] == [["record", "Redis"]]
    with Redis.from_url(redis_url) as redis:
        redis.delete(*redis.keys("jararaca:scheduler:{bakery}:*"))


def test_the_page_passes_mypy_strict(folder: Path) -> None:
    assert_strictly_typed("app.py", "test_night.py", folder=folder)
