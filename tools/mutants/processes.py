"""Processes of pytest with the tool's plugin, each in a process group of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from tools.mutants.rooms import ROOT

ONE_BROKER = "not newest"
"""The second RabbitMQ of the tests would notice the same, and be started for each change."""
LAST_WORDS_SECONDS = 10
"""How long tests that hang may take to leave nothing behind, such as a virtual host."""


def begun(
    tests: Sequence[str],
    settings: dict[str, str],
    *options: str,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """pytest, at some tests; `settings` are of its environment."""
    usual = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not soak", "-k", ONE_BROKER]
    command = [sys.executable, "-m", "pytest", "-p", "tools.mutants.plugin", *usual, *options]
    return subprocess.Popen(
        [*command, *tests],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=pass_fds,
    )


def ended(process: subprocess.Popen[bytes], patience: float | None) -> int | None:
    """Its status; None where it hangs, and is ended."""
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        return None
    finally:
        for number, seconds in ((signal.SIGINT, LAST_WORDS_SECONDS), (signal.SIGKILL, None)):
            if process.poll() is None:
                os.killpg(process.pid, number)
                try:
                    process.wait(seconds)
                except subprocess.TimeoutExpired:
                    continue
