"""Packages that tests read and the project does not depend on, fetched once into `build`.

Each is pinned. Where none can be fetched a test is skipped with the reason; where CI=true it fails.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from jararaca_compiler.reading.git_archive import unpack

from tests.support.brokers import missing

BUILD = Path(__file__).parents[2] / "build"


def node_package(name: str, version: str) -> Path:
    """The folder of a package for Node, with what it depends on in the `node_modules` around it."""
    if shutil.which("npm") is None:
        missing(f"npm is not installed: it fetches {name}")
    place = BUILD / f"{name.replace('@', '').replace('/', '-')}-{version}"
    found = place / "node_modules" / name
    if not (found / "package.json").is_file():
        place.mkdir(parents=True, exist_ok=True)
        options = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(place)]
        _run(["npm", "install", *options, f"{name}@{version}"], f"{name}@{version}")
    return found


def python_package(name: str, version: str, *, source: bool = False) -> Path:
    """The unpacked wheel of a Python package, or its unpacked source."""
    place = BUILD / f"{name}-{version}{'-source' if source else ''}"
    if not place.is_dir():
        waiting = place.with_name(f"{place.name}.part")
        shutil.rmtree(waiting, ignore_errors=True)
        # Of this package alone: pip would build for half an hour what its build needs.
        which = ["--no-binary", name] if source else ["--only-binary", ":all:"]
        command = [sys.executable, "-m", "pip", "download", "--no-deps", *which, "-d", str(waiting)]
        _run([*command, f"{name}=={version}"], f"{name}=={version}")
        _unpack(next(waiting.iterdir()), waiting)
        waiting.rename(place)
    return place


def _unpack(archive: Path, folder: Path) -> None:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
    else:
        unpack(gzip.decompress(archive.read_bytes()), folder, lambda _: True)
    archive.unlink()


def _run(command: Sequence[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        missing(f"{what} cannot be fetched: {done.stderr[-500:]}")
