"""docs/code-first.md, done as it says, over a real RabbitMQ."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.docblocks import blocks, write_files
from tests.support.nodes import free_port

PAGE = "code-first.md"
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")


class Terminal:
    """A folder with the page's files, and the command lines of the page run in it."""

    def __init__(self, folder: Path, broker_url: str) -> None:
        self.folder = folder
        self.environment = {**os.environ, "BROKER_URL": broker_url, "PYTHONUNBUFFERED": "1"}

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run one command line to its end."""
        return subprocess.run(
            self._words(line),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
        )

    def start(self, line: str) -> tuple[subprocess.Popen[bytes], Path]:
        """Start one that goes on; what it prints goes into a file."""
        path = self.folder / f"output-{time.monotonic_ns()}"
        with path.open("wb") as output:
            process = subprocess.Popen(
                self._words(line),
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return process, path

    def _words(self, line: str) -> list[str]:
        words = shlex.split(line)
        return (
            [sys.executable, "-m", "jararaca.cli", *words[1:]] if words[0] == "jararaca" else words
        )


def commands(section: str) -> list[str]:
    return [
        line
        for block in blocks(PAGE, section)
        if block.language == "sh"
        for line in block.text.splitlines()
    ]


def wait_for(path: Path, text: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if text in path.read_text():
            return
        time.sleep(0.05)
    raise AssertionError(path.read_text())


@pytest.fixture
def terminal(tmp_path: Path, scratch_broker_url: str) -> Terminal:
    write_files(PAGE, tmp_path, "python")
    return Terminal(tmp_path, scratch_broker_url)


@pytest.mark.broker
def test_the_first_application_runs_as_the_page_says(terminal: Terminal) -> None:
    worker, publish = commands("Code first")[:2]
    process, output = terminal.start(worker)
    try:
        wait_for(output, "ready: 1 handler")
        assert terminal.run(publish).returncode == 0
        wait_for(output, "Welcome, ada@example.org")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_the_commands_and_the_written_document_work_as_the_page_says(terminal: Terminal) -> None:
    for line in ("init -q", "add accounts.py", "commit -qm first"):
        subprocess.run([*GIT, *line.split()], cwd=terminal.folder, check=True)
    served = "jararaca dev accounts:app"
    shown = commands("Commands")
    shown.remove(served)
    for line in (
        *shown,
        *commands("Production images without the compiler"),
        *commands("Write the document down"),
    ):
        done = terminal.run(line)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
    process, output = terminal.start(f"{served} --broker-url memory:// --port {free_port()}")
    try:
        wait_for(output, "ready: 1 handler")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.broker
def test_the_worker_of_one_queue_runs_as_the_page_says(terminal: Terminal) -> None:
    serve = terminal.folder / "serve.py"
    url = f'"{terminal.environment["BROKER_URL"]}"'
    serve.write_text(serve.read_text().replace('"amqp://guest:guest@localhost/"', url))
    process, output = terminal.start(f"{sys.executable} serve.py")
    try:
        separator = "&" if "?" in terminal.environment["BROKER_URL"] else "?"
        terminal.environment["BROKER_URL"] += f"{separator}exchange=jararaca_ex"
        publish = commands("Code first")[1]
        deadline = time.monotonic() + 60
        while "Welcome, ada@example.org" not in output.read_text():
            assert time.monotonic() < deadline, output.read_text()
            assert terminal.run(publish).returncode == 0
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
