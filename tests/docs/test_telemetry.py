"""docs/telemetry.md, done as it says, over memory://."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.docblocks import blocks, write_files
from tests.support.nodes import free_port
from tests.support.type_checking import assert_strictly_typed

PAGE = "telemetry.md"
JARARACA = (sys.executable, "-m", "jararaca.cli")


def run(*command: str, folder: Path) -> tuple[str, str]:
    ports = {"METRICS_PORT": str(free_port()), "HEALTH_PORT": str(free_port())}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **ports},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(PAGE, tmp_path, "yaml")
    run(*JARARACA, "codegen", "parcels.asyncapi.yaml", folder=tmp_path)
    write_files(PAGE, tmp_path, "python")
    return tmp_path


def test_the_page_prints_what_it_says_and_logs_json(folder: Path) -> None:
    [expected] = [block.text for block in blocks(PAGE) if block.language == "text"]
    printed, logged = run(sys.executable, "run.py", folder=folder)
    assert printed == expected
    lines = [json.loads(line) for line in logged.splitlines()]
    packing = next(line for line in lines if line["message"] == "packing 7")
    assert packing["handler"] == "ParcelsHandlers.pack_parcel"
    assert packing["topic"] == "parcels.pack"
    assert next(line for line in lines if line["message"] == "on its way")["order"] == "7"


def test_a_format_of_ones_own_has_the_fields(folder: Path) -> None:
    _, logged = run(sys.executable, "own_logging.py", folder=folder)
    assert logged == "INFO ready (None, try None)\n"


def test_the_page_passes_mypy_strict(folder: Path) -> None:
    assert_strictly_typed("run.py", "app.py", "own_logging.py", folder=folder)
