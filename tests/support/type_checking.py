"""mypy on what a test has written, with one cache a test process: what it imports is read once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "alone")
"""Two processes that write one cache would spoil it."""


def check_types(
    *arguments: str, folder: Path, cache: str = "strict", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run mypy in a folder. Runs with other options need another cache."""
    place = PROJECT / ".mypy_cache" / f"{cache}-{PROCESS}"
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(place), *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=240,
    )


def assert_strictly_typed(*paths: str, folder: Path, **variables: str) -> None:
    """These files of the folder pass `mypy --strict`."""
    done = check_types("--strict", *paths, folder=folder, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues found" in done.stdout
