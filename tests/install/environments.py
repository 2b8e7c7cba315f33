"""Environments that hold what somebody installs, and commands run in them as a stranger would."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and an empty home; nothing of ours is in its variables."""

    folder: Path

    @property
    def bin(self) -> Path:
        """Where its commands are."""
        return self.folder / "bin"

    @property
    def packages(self) -> Path:
        """Its site-packages."""
        [found] = self.folder.glob("lib/python3*/site-packages")
        return found

    def variables(self, **more: str) -> dict[str, str]:
        """All that a command gets."""
        home = self.folder.parent / "home"
        home.mkdir(exist_ok=True)
        paths = f"{self.bin}{os.pathsep}/usr/bin{os.pathsep}/bin"
        return {"PATH": paths, "HOME": str(home), "PYTHONUNBUFFERED": "1", **more}

    def run(
        self, command: str, *arguments: str | Path, folder: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its commands to its end."""
        return subprocess.run(
            [self.bin / command, *arguments],
            cwd=folder or self.folder.parent,
            env=self.variables(**more),
            capture_output=True,
            text=True,
            timeout=120,
        )

    def install(self, *what: str | Path) -> None:
        """Install with its own pip, or else that of the tests.

        Bytecode is made by what runs, of what it needs.
        """
        own = (self.bin / "pip").exists()
        python = self.bin / "python" if own else sys.executable
        here = () if own else ("--python", self.bin / "python")
        quick = ("--quiet", "--no-compile", "--disable-pip-version-check")
        done = subprocess.run(
            [python, "-m", "pip", *here, "install", *quick, *what],
            capture_output=True,
            text=True,
            timeout=280,
        )
        assert done.returncode == 0, done.stderr


def environment(folder: Path, interpreter: str = sys.executable) -> Environment:
    """An empty environment in a folder.

    It has a pip of its own, which takes seconds, only for another Python: the pip of the tests may
    be too old for it.
    """
    without = ["--without-pip"] if interpreter == sys.executable else []
    command = [interpreter, "-m", "venv", *without, str(folder)]
    subprocess.run(command, check=True, timeout=120, env={"PATH": os.environ["PATH"]})
    return Environment(folder)
