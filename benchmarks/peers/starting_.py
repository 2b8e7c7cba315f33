"""Starts a written service of many handlers and tells how long it took since the process began."""

from __future__ import annotations

import asyncio
import importlib
import sys
import time
from pathlib import Path

name, folder, module, url = sys.argv[1:5]
sys.path.insert(0, folder)
sys.argv[1] = url


def since_start() -> float:
    """Seconds since the kernel made this process, the interpreter's own start included."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    import os

    return uptime - ticks / os.sysconf("SC_CLK_TCK")


async def main() -> None:
    """Start, report, stop."""
    written = importlib.import_module(module)
    if name == "jararaca":
        from jararaca import Microservice, Worker
        from jararaca.transport.connect import transport_for

        worker = Worker(Microservice(written.SERVICE), transport_for(url))
        await worker.start()
        tell()
        await worker.stop()
    else:
        await written.broker.start()
        tell()
        await written.broker.stop()


def tell() -> None:
    """The figures."""
    ready, cpu = since_start(), time.process_time()
    from benchmarks.measure import report

    report(ready=ready, cpu=cpu)


asyncio.run(main())
