"""What is generated and committed is what the documents compile to, whatever the hash seed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "jararaca.cli", "codegen", "--check"]


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_the_examples_generated_code_is_fresh(seed: str, tmp_path: Path) -> None:
    for name in ("schemas", "generated", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(COMMAND, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("3 services are up to date (24 files)\n")
