"""Child worker processes: started with the same settings, stopped by SIGTERM, never orphans."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from functools import cache

from jararaca.printable import logger_named

logger = logger_named("jararaca.workers")

STATUS_OF_SIGNAL = 128
STOPPING = (signal.SIGTERM, signal.SIGINT)
PARENTS_OWN = ("RELOAD", "WORKERS")
LIFELINE = "JARARACA_LIFELINE"
"""Names the file descriptor by which a child notices the end of its parent."""


def start(settings: Mapping[str, str], quiet: bool = False) -> subprocess.Popen[bytes]:
    """A worker process with these settings; quiet ones print no summary."""
    environment = {k: v for k, v in os.environ.items() if k not in PARENTS_OWN}
    command = [sys.executable, "-m", "jararaca.cli", "worker"]
    output = subprocess.DEVNULL if quiet else None
    alive = _lifeline()
    return subprocess.Popen(
        command,
        env={**environment, **settings, LIFELINE: str(alive)},
        stdout=output,
        start_new_session=True,
        pass_fds=(alive,),
    )


def end_with_parent() -> None:
    """In a child: drain and end once the parent is gone, even where it was killed."""
    number = os.environ.pop(LIFELINE, None)
    if number is not None:
        threading.Thread(target=_watch, args=(int(number),), daemon=True).start()


@cache
def _lifeline() -> int:
    """The reading end of a pipe that nobody writes to: its other end closes with this process."""
    reading, _ = os.pipe()
    return reading


def _watch(lifeline: int) -> None:
    """Wait for the end of the parent, then ask this process to stop."""
    os.set_inheritable(lifeline, False)
    os.read(lifeline, 1)
    logger.warning("the process that started this worker is gone: stopping")
    os.kill(os.getpid(), signal.SIGTERM)


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
