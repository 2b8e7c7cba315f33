"""Several processes around one RabbitMQ: each task is done once, each event reaches all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

COUNT = 10_000
DEADLINE = 120


@pytest.fixture
def environment(scratch_broker_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    yield {
        **os.environ,
        "BROKER_URL": scratch_broker_url,
        "COUNTING_PREFIX": f"counting-{uuid4().hex[:8]}",
        "COUNTING_NOTES": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def worker(environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "jararaca.cli", "worker", "tests.support.counting:app"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if "ready" in line:
            return process
    pytest.fail("the worker did not start:\n" + "".join(seen))


def handled(folder: Path) -> Counter[tuple[str, int]]:
    counts: Counter[tuple[str, int]] = Counter()
    for file in folder.glob("*.notes"):
        for line in file.read_text().splitlines():
            handler, number = line.split()
            counts[handler, int(number)] += 1
    return counts


@pytest.mark.broker
def test_each_task_is_handled_once_in_all_and_each_event_once_a_handler(
    environment: dict[str, str], tmp_path: Path
) -> None:
    workers = [worker(environment), worker(environment)]
    publisher = [sys.executable, "-m", "tests.support.counting", str(COUNT)]
    subprocess.run(publisher, env=environment, check=True, timeout=DEADLINE)
    deadline = time.monotonic() + DEADLINE
    while len(handled(tmp_path)) < 3 * COUNT and time.monotonic() < deadline:
        time.sleep(0.2)
    for process in workers:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(30) for process in workers] == [0, 0]
    expected = {(name, n): 1 for name in ("first", "second", "work") for n in range(COUNT)}
    assert handled(tmp_path) == Counter(expected)
    assert len(list(tmp_path.glob("*.notes"))) == 2, "both workers took part"
