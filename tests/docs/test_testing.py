"""docs/testing.md, done as it says: its tests pass in a project of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.docblocks import blocks, write_files

PAGE = "testing.md"


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_pages_tests_pass(tmp_path: Path) -> None:
    write_files(PAGE, tmp_path, "yaml")
    run(tmp_path, "-m", "jararaca.cli", "codegen", "notes.asyncapi.yaml")
    write_files(PAGE, tmp_path, "python")
    assert {b.path for b in blocks(PAGE) if b.language == "python"} == {
        "app.py",
        "conftest.py",
        "handlers/notes.py",
        "test_notes.py",
    }
    told = run(tmp_path, "-m", "pytest", "-v", "-o", "asyncio_mode=auto", "-p", "no:cacheprovider")
    assert "test_every_handler_takes_every_example[NotesHandlers.write-groceries] PASSED" in told
    assert "24 passed" in told
