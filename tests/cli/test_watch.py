"""`jararaca codegen --watch`: a save is compiled, a mistake keeps the last good output."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.project import IMPORTED

DOCUMENT = """\
asyncapi: 3.0.0
info: {title: Hello, version: 1.0.0}
channels:
  greeted:
    address: hello.greeted
    messages:
      greeted:
        payload: {type: object, required: [name], properties: {name: {type: string}}}
"""
DEADLINE = 30


class Watching:
    """The command, running over a document; its output goes into a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.save(DOCUMENT)
        self._output = folder / "output.txt"
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jararaca.cli", "codegen", "--watch", "hello.yaml"],
                cwd=folder,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": IMPORTED},
                stdout=output,
                stderr=subprocess.STDOUT,
                # A suite that runs in the background ignores Ctrl-C, and so would its children.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def save(self, text: str) -> None:
        (self.folder / "hello.yaml").write_text(text)

    @property
    def output(self) -> str:
        return self._output.read_text()

    @property
    def generated(self) -> str:
        return (self.folder / "generated/hello/messages.py").read_text()

    def wait_for_run(self, number: int) -> None:
        deadline = time.monotonic() + DEADLINE
        while self.output.count(" s)\n") < number:
            assert time.monotonic() < deadline, self.output
            time.sleep(0.02)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    running = Watching(tmp_path)
    running.wait_for_run(1)
    yield running
    running.process.kill()
    running.process.wait()


def test_a_save_is_compiled_and_a_mistake_keeps_the_last_good_output(watching: Watching) -> None:
    watching.save(DOCUMENT.replace("{type: string}", "{type: string, minLength: 2}"))
    watching.wait_for_run(2)
    good = watching.generated
    assert "min_length=2" in good
    watching.save(DOCUMENT.replace("channels:", "chanels:"))
    watching.wait_for_run(3)
    assert "error[misspelt-key]" in watching.output
    assert watching.generated == good
    watching.save(DOCUMENT)
    watching.wait_for_run(4)
    assert "min_length" not in watching.generated


def test_what_it_writes_itself_is_no_save(watching: Watching) -> None:
    time.sleep(1)
    assert watching.output.count(" s)\n") == 1


def test_ctrl_c_ends_it_cleanly(watching: Watching) -> None:
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(DEADLINE) == 0
    assert watching.output.endswith("stopped\n")
