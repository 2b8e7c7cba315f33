"""The Pythons of this machine that the distribution is for, by their versions."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

from tests.support.docblocks import DOCS

PYPROJECT = DOCS.parent / "pyproject.toml"
CLASSIFIER = "Programming Language :: Python :: "


def claimed() -> list[str]:
    """The versions that pyproject.toml's classifiers name."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    return [each.removeprefix(CLASSIFIER) for each in project["classifiers"] if CLASSIFIER in each]


@cache
def interpreter(version: str) -> str | None:
    """The path of a Python of that version: this one, on PATH, or one that pyenv has built."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    built = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    for path in (shutil.which(f"python{version}"), *map(str, built)):
        if path is not None and _has_venv(path):
            return path
    return None


def _has_venv(path: str) -> bool:
    return subprocess.run([path, "-c", "import ensurepip"], capture_output=True).returncode == 0
