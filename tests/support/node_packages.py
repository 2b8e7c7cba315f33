"""AsyncAPI's own tools, which run on Node: installed once below `build`, in these versions."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.brokers import missing

PACKAGES = (
    "@asyncapi/parser@3.6.6",
    "@asyncapi/modelina@5.10.1",
    "@asyncapi/generator@2.11.0",
    "@asyncapi/html-template@3.5.6",
    "typescript@5.9.3",
)
PLACE = Path(__file__).parents[2] / "build" / "asyncapi-tools"
INSTALL = ("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")
"""Without scripts: one of the packages would download a browser. Without a lock file: it would say
where the packages came from."""


@pytest.fixture(scope="session")
def node_packages() -> Path:
    """The folder whose `node_modules` has the packages; skips, or fails in CI, without npm."""
    if shutil.which("npm") is None:
        missing("npm is not installed: AsyncAPI's own tools run on Node")
    PLACE.mkdir(parents=True, exist_ok=True)
    wanted, done = "\n".join(PACKAGES), PLACE / "installed"
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Another process of the same run may want them too.
        if not done.is_file() or done.read_text() != wanted:
            # What an install that was cut off has left, npm takes for whole.
            shutil.rmtree(PLACE / "node_modules", ignore_errors=True)
            command = [*INSTALL, "--prefix", str(PLACE), *PACKAGES]
            made = subprocess.run(command, capture_output=True, text=True, check=False)
            if made.returncode:
                missing(f"AsyncAPI's tools cannot be installed: {made.stderr[-500:]}")
            done.write_text(wanted)
    return PLACE


def run_node(folder: Path, command: str, cwd: Path) -> str:
    """What a command line that needs the packages prints; `cwd` gets a `node_modules`."""
    if not (cwd / "node_modules").exists():
        (cwd / "node_modules").symlink_to(folder / "node_modules")
    done = subprocess.run(
        ["bash", "-c", command], cwd=cwd, env=dict(os.environ), capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout
