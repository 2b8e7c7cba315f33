"""`jararaca worker --workers N` on handlers that burn CPU: first to last message, from outside."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.burning import NOTE

_, url, queue, number, workers = sys.argv[1:]
count = int(number)
PREFETCH = "20"
LOOK_SECONDS = 0.05


def handled(folder: Path) -> list[float]:
    """When each message was handled."""
    return sorted(
        moment for notes in folder.iterdir() for (moment,) in NOTE.iter_unpack(notes.read_bytes())
    )


with tempfile.TemporaryDirectory() as folder:
    command = [sys.executable, "-m", "jararaca.cli", "worker", "benchmarks.burning:app"]
    environment = {**os.environ, "BENCH_QUEUE": queue, "BENCH_NOTES": folder, "BROKER_URL": url}
    process = subprocess.Popen(
        [*command, "--workers", workers, "--prefetch", PREFETCH],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while sum(notes.stat().st_size for notes in Path(folder).iterdir()) < count * NOTE.size:
        time.sleep(LOOK_SECONDS)
    process.send_signal(signal.SIGTERM)
    process.wait()
    moments = handled(Path(folder))

used = resource.getrusage(resource.RUSAGE_CHILDREN)
figures = {
    "rate": (count - 1) / (moments[-1] - moments[0]),
    "cpu": (used.ru_utime + used.ru_stime) / count * 1e6,
    "rss": used.ru_maxrss / 1024,
}
print(json.dumps(figures))
