"""Ctrl-C ends a command with one line at most and status 130, however early it comes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.project import Project

INTERRUPTED = """
import os, signal, sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["INTERRUPT_AT"]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
sys.argv[0] = "jararaca"
from jararaca_shared.command import main
main()
"""


COMMON = ("jararaca.cli.application", "typer", "little")
CASES = {
    "lint": ("jararaca.cli.application", "typer", "jararaca_compiler.cli"),
    "routes": ("jararaca.cli", *COMMON),
    "worker": (
        *COMMON,
        "jararaca.cli.processes.worker",
        "jararaca.application.host",
        "jararaca.transport.memory.transport",
    ),
    "scheduler": (*COMMON, "jararaca.scheduling.store.memory"),
}


@pytest.mark.parametrize(
    ("command", "module"), [(command, each) for command, some in CASES.items() for each in some]
)
def test_ctrl_c_while_a_command_starts(project: Project, command: str, module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, command],
        cwd=project.folder,
        env={**project.environment, "INTERRUPT_AT": module},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=5,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 130
    assert done.stderr in ("", "error: interrupted\n")
