"""The benchmarks' own environment: the peers at pinned versions beside this checkout's Jararaca."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".venv-bench"
PYTHON = HOME / "bin" / "python"
PEERS = (
    "aio-pika==10.2.1",
    "faststream[rabbit]==0.7.8",
    "taskiq==0.13.0",
    "taskiq-aio-pika==0.6.1",
    "dramatiq[rabbitmq]==2.2.1",
    "celery[pydantic]==5.7.0",
    "rstream==1.1.1",
    "uvloop",
    "datamodel-code-generator==0.89.0",
)
LIMIT = HOME / "limit"


def prepare() -> None:
    """Make the environment, once; building the C client needs a compiler and librabbitmq."""
    marker = HOME / "peers.txt"
    if not marker.exists() or marker.read_text() != "\n".join(PEERS):
        print("installing the peers into .venv-bench ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
        install = [str(PYTHON), "-m", "pip", "install", "-q", *PEERS, "-e", str(ROOT)]
        subprocess.run(install, check=True)
        marker.write_text("\n".join(PEERS))
    compiler = shutil.which("cc")
    if compiler is not None and not LIMIT.exists():
        source = str(ROOT / "benchmarks" / "limit.c")
        built = [compiler, "-O2", source, "-o", str(LIMIT), "-lrabbitmq"]
        if subprocess.run(built, capture_output=True, check=False).returncode != 0:
            print("no C client: it needs librabbitmq-dev", file=sys.stderr)


def run(module: str, *arguments: str) -> str:
    """Run a peer's module in that environment; what it prints. Raises RuntimeError."""
    command = [str(PYTHON), "-m", f"benchmarks.peers.{module}", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=300, check=False
    )
    if done.returncode != 0 or (arguments[0] != "seed" and "{" not in done.stdout):
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return done.stdout
