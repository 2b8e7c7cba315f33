"""One wheel, built once; one environment with it alone, to which extras are added later."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.install.environments import Environment, environment
from tests.support.docblocks import DOCS

EXTRAS = "compiler,schema,testing"
"""What `init` asks for, for development."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the sdist that `python -m build` makes."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run(command, cwd=DOCS.parent, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    [found] = built.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel alone. Tests that ask for it stand before those that ask for extras."""
    made = environment(tmp_path_factory.mktemp("installed") / "venv")
    made.install(wheel)
    return made


@pytest.fixture(scope="session")
def full(bare: Environment, wheel: Path) -> Environment:
    """The same environment, with what a project of `init` is developed with."""
    bare.install(f"{wheel}[{EXTRAS}]")
    return bare
