"""docs/tutorial.md, done from an empty folder as it says."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.project import IMPORTED
from tests.support.docblocks import Block, blocks

DEADLINE = 60
WHO = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


class Reader:
    """Somebody who does what the page says, in a terminal; a worker gets a terminal of its own."""

    def __init__(self, folder: Path, broker_url: str) -> None:
        self.folder = folder
        tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {
            **os.environ,
            **WHO,
            "PATH": tools,
            "PYTHONPATH": IMPORTED,
            "BROKER_URL": broker_url,
            "PYTHONUNBUFFERED": "1",
        }
        self.told = ""
        self.worker: subprocess.Popen[str] | None = None
        self.output = folder / "worker-output.txt"

    def follow(self, block: Block) -> None:
        """Write the file, or run the commands, or compare with what was told."""
        if block.language == "sh":
            self.told = "".join(
                map(self.run, filter(None, map(str.strip, block.text.splitlines())))
            )
        elif block.language == "text":
            assert block.text.strip() in self.told
        else:
            assert block.path is not None, block.before
            (self.folder / block.path).write_text(block.text, encoding="utf-8")

    def run(self, line: str) -> str:
        command = shlex.split(line)
        if command[0] == "pip":
            return ""
        if command[0] == "cd":
            self.folder /= command[1]
            return ""
        if command == ["jararaca", "worker"]:
            self.start()
            return ""
        if "replay" in command:
            self.wait_for("dead-lettered")
        if command[0] == "jararaca":
            command = [sys.executable, "-m", "jararaca.cli", *command[1:]]
        if command[0] == "pytest":
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
        assert done.returncode == (1 if "breaks" in done.stdout else 0), f"{line}\n{done}"
        if "dead-letters list" in line:
            self.wait_for("dead-lettered")
        return done.stdout

    def start(self) -> None:
        with self.output.open("w") as output:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "jararaca.cli", "worker"],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self.wait_for("ready")

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + DEADLINE
        while text not in self.output.read_text():
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.05)


@pytest.fixture
def reader(tmp_path: Path, scratch_broker_url: str) -> Iterator[Reader]:
    found = Reader(tmp_path, scratch_broker_url)
    yield found
    if found.worker is not None:
        found.worker.terminate()
        assert found.worker.wait(DEADLINE) == 0


@pytest.mark.broker
def test_the_tutorial_leads_from_an_empty_folder_to_a_changed_contract(reader: Reader) -> None:
    for block in blocks("tutorial.md"):
        reader.follow(block)
    output = reader.output.read_text()
    assert "order 7 from eu" in output and "packed 7" in output
    assert "no box is that large" in output
    assert (reader.folder / "site/index.html").is_file()
