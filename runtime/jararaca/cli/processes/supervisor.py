"""`jararaca worker --workers N`: so many processes, each started again when it dies."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence

from jararaca.cli.processes import children
from jararaca.cli.processes.settings import WorkerSettings
from jararaca.observability.http_server import WORKER_NUMBER
from jararaca.observability.logs import start_logging
from jararaca.printable import logger_named

logger = logger_named("jararaca.workers")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
LOOK_SECONDS = 0.2
KILL_SECONDS = 10.0
"""After the shutdown timeout; a process ends by itself within half of it."""
BAD_INPUT = 2


def supervising(settings: WorkerSettings, workers: int) -> int:
    """Run so many workers until stopped; 0 if each of them stopped cleanly.

    A process that dies is started again after 0.5 s, doubling to 30 s; one that ran for a minute
    starts the count anew. The first process alone prints the summary; where it refuses its input
    (status 2), nothing is tried again.
    """
    start_logging(settings.log_format)
    stopping = threading.Semaphore(0)
    children.on_stop_signal(stopping.release)
    environment = settings.environment()
    seats = [Seat(number, environment) for number in range(1, workers + 1)]
    logger.info("%d workers started", workers)
    while not stopping.acquire(timeout=LOOK_SECONDS):
        for seat in seats:
            seat.look()
        if any(seat.refused for seat in seats):
            _stop(seats, stopping, settings.shutdown_timeout)
            return BAD_INPUT
    return max(_stop(seats, stopping, settings.shutdown_timeout))


def pause(deaths: int) -> float:
    """Seconds before the next start after so many deaths in a row."""
    return min(FIRST_PAUSE * 2.0 ** min(deaths - 1, 16), LONGEST_PAUSE)


class Seat:
    """One of the N places: the process in it, and when the next one may start."""

    def __init__(self, number: int, environment: Mapping[str, str]) -> None:
        self.number = number
        self.refused = False
        self._environment = {**environment, WORKER_NUMBER: str(number)}
        self._deaths = 0
        self._due = 0.0
        self._start(quiet=number > 1)

    def look(self) -> None:
        """Notice a death; start the next process when its time has come."""
        now = time.monotonic()
        if self.process.poll() is None:
            return
        if self._due:
            if now >= self._due:
                self._start(quiet=True)
            return
        status = children.status(self.process.returncode)
        self.refused = status == BAD_INPUT
        self._deaths = 1 if now - self._since > STEADY_SECONDS else self._deaths + 1
        self._due = now + pause(self._deaths)
        if not self.refused:
            text = "worker %d (pid %d) exited with status %d: restarting in %.1f s"
            logger.warning(text, self.number, self.process.pid, status, pause(self._deaths))

    def _start(self, quiet: bool) -> None:
        self.process: subprocess.Popen[bytes] = children.start(self._environment, quiet)
        self._since = time.monotonic()
        self._due = 0.0


def _stop(seats: Sequence[Seat], again: threading.Semaphore, grace: float) -> list[int]:
    """Let all drain at once; a second signal is handed on. Their exit statuses.

    A process that holds the interpreter's lock cannot see to its own end, and is killed.
    """
    until = time.monotonic() + grace + KILL_SECONDS
    running = [seat.process for seat in seats if seat.process.poll() is None]
    for process in running:
        process.send_signal(signal.SIGTERM)
    while any(process.poll() is None for process in running):
        if again.acquire(timeout=LOOK_SECONDS):
            for process in running:
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
            until = min(until, time.monotonic() + KILL_SECONDS)
        if time.monotonic() > until:
            for process in running:
                process.kill()
    return [0, *(children.status(process.returncode) for process in running)]
