"""docs/application.md, done as it says, over memory://."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.docblocks import blocks, write_files
from tests.support.type_checking import assert_strictly_typed

PAGE = "application.md"
JARARACA = (sys.executable, "-m", "jararaca.cli")


def run(*command: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(PAGE, tmp_path, "yaml")
    run(*JARARACA, "codegen", "orders.asyncapi.yaml", folder=tmp_path)
    write_files(PAGE, tmp_path, "python")
    return tmp_path


def test_the_page_prints_what_it_says(folder: Path) -> None:
    [expected] = [block.text for block in blocks(PAGE) if block.language == "text"]
    assert run(sys.executable, "run.py", folder=folder) == expected


def test_the_pages_test_puts_a_fake_in_place_and_passes(folder: Path) -> None:
    told = run(sys.executable, "-m", "pytest", "-q", "test_shipping.py", folder=folder)
    assert "1 passed" in told


def test_the_page_tells_the_missing_provider_as_it_says(folder: Path) -> None:
    app = folder / "app.py"
    app.write_text(app.read_text().replace("providers=[Shipping()]", "providers=[Provider()]"))
    app.write_text(
        app.read_text().replace("from jararaca", "from dishka import Provider\nfrom jararaca", 1)
    )
    done = subprocess.run(
        [*JARARACA, "worker", "app:app", "--broker-url", "memory://x"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )
    expected = "OrdersHandlers(carrier: Carrier): no provider gives Carrier; add one to"
    assert done.returncode == 2 and expected in done.stderr
    assert expected in " ".join(
        (Path(__file__).parents[2] / "docs" / PAGE).read_text(encoding="utf-8").split()
    )


def test_the_page_passes_mypy_strict(folder: Path) -> None:
    assert_strictly_typed("run.py", "test_shipping.py", folder=folder)
