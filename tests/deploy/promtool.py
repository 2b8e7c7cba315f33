"""Prometheus' own tools; a test that needs them is skipped without them, and fails in CI."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.support.brokers import missing


def promtool(*arguments: str, folder: Path) -> str:
    """What promtool says; fails with it."""
    found = shutil.which("promtool")
    if found is None:
        missing("promtool is not installed: it checks the alert rules")
    done = subprocess.run(
        [found, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
