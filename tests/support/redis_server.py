"""A Redis of a test's own, which may be stopped and started."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.brokers import listening, missing

START_SECONDS = 30


class RedisServer:
    """A server on a port of its own; with nothing on disk, unless `lasting`."""

    def __init__(self, folder: Path, *, lasting: bool = False) -> None:
        self._options = ("--appendonly", "yes", "--appendfsync", "always") if lasting else ()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, and return when it answers."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen(
            [*command, *self._options, "--dir", str(self._folder)], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_SECONDS
        while not listening("127.0.0.1", self.port):
            assert time.monotonic() < deadline and self._process.poll() is None
            time.sleep(0.05)

    def stop(self) -> None:
        """Kill it: its clients lose their connections."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_SECONDS)
            self._process = None


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that runs, for this test alone."""
    if shutil.which("redis-server") is None:
        missing("no redis-server to start")
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()
