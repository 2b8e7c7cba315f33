"""Child worker processes: started with the same settings, stopped by SIGTERM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping

STATUS_OF_SIGNAL = 128
STOPPING = (signal.SIGTERM, signal.SIGINT)
PARENTS_OWN = ("RELOAD", "WORKERS")


def start(settings: Mapping[str, str], quiet: bool = False) -> subprocess.Popen[bytes]:
    """A worker process with these settings; quiet ones print no summary."""
    environment = {k: v for k, v in os.environ.items() if k not in PARENTS_OWN}
    command = [sys.executable, "-m", "jararaca.cli", "worker"]
    output = subprocess.DEVNULL if quiet else None
    return subprocess.Popen(
        command, env={**environment, **settings}, stdout=output, start_new_session=True
    )


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ask it to drain and wait until it has; its exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    return status(process.wait())


def status(returncode: int) -> int:
    """The shell's way of telling: 128 + the number of the signal that ended it."""
    return returncode if returncode >= 0 else STATUS_OF_SIGNAL - returncode


def on_stop_signal(call: Callable[[], None]) -> None:
    """Call on SIGTERM and Ctrl-C, each time."""
    for number in STOPPING:
        signal.signal(number, lambda *_: call())
