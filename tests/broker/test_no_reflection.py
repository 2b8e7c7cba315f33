"""Starting a worker reads no handler by reflection: the tools for it raise, and it consumes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import asyncio, inspect, pkgutil, sys, typing

def forbidden(original, name):
    def guard(*args, **kwargs):
        caller = sys._getframe(1).f_globals.get("__name__", "")
        if caller.split(".")[0] in ("jararaca", "tests", "__main__"):
            raise AssertionError(f"{name} called by {caller}")
        return original(*args, **kwargs)
    return guard

for module, name in (
    (inspect, "signature"), (inspect, "getmembers"),
    (typing, "get_type_hints"), (pkgutil, "walk_packages"),
):
    setattr(module, name, forbidden(getattr(module, name), name))

from jararaca import Publisher, Worker
from jararaca.transport.connect import transport_for
from tests.support import counting

async def main():
    told = asyncio.Event()
    worker = Worker(counting.app, transport_for("memory://x"), listener=lambda _: told.set())
    await worker.start()
    async with Publisher.connect("memory://x"):
        await counting.Job(number=1).publish()
        await asyncio.wait_for(told.wait(), 5)
    await worker.stop()
    print("consumed")

asyncio.run(main())
"""


def test_a_worker_starts_and_consumes_without_reflection(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    environment = {"COUNTING_NOTES": str(tmp_path), "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.stdout.strip() == "consumed", done.stderr
