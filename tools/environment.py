"""Makes .venv with what a target of the Makefile needs; does nothing while it is current.

`run` is what the example needs, `dev` all that the project is developed and tested with.
"""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "jararaca.stamp"
PROJECT = ROOT / "pyproject.toml"
GROUPS = {"run": ("run",), "dev": ("run", "dev")}
"""What is installed, by what for: groups of pyproject.toml, besides the project with its extras."""

SIZES = {"run": "some 85 packages, 190 MB", "dev": "some 200 packages, 1 GB"}


def main(purpose: str = "dev") -> int:
    """Make or renew the environment; 1 when that failed."""
    wanted = hashlib.sha256(PROJECT.read_bytes() + str(ROOT).encode()).hexdigest()
    made, made_for = stamp()
    if made_for == "dev":
        purpose = "dev"
    if made == wanted and made_for == purpose:
        return 0
    print(announcement(purpose), flush=True)
    if not installed(purpose):
        return 1
    STAMP.write_text(f"{wanted} {purpose}")
    return 0


def announcement(purpose: str) -> str:
    """What is about to be done, and how much it is."""
    begins = f"making .venv with Python {platform.python_version()}"
    if works(PYTHON):
        begins = "renewing .venv"
    what = "what the example needs" if purpose == "run" else "all that the tests need"
    return (
        f"{begins}: pip installs the project and {what} there ({SIZES[purpose]}),\n"
        "and nothing elsewhere. This takes minutes, once, and again when pyproject.toml changes ..."
    )


def stamp() -> tuple[str, str]:
    """What the environment was made from, and what for; empty where there is none."""
    made, _, purpose = (STAMP.read_text() if STAMP.is_file() else "").partition(" ")
    return made, purpose


def installed(purpose: str) -> bool:
    """Make the environment if there is none that works, and install into it."""
    if not works(PYTHON) and not quietly(sys.executable, "-m", "venv", "--clear", str(VENV)):
        print("no virtual environment can be made: is python3-venv installed?", file=sys.stderr)
        return False
    groups = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["dependency-groups"]
    needed = [each for group in GROUPS[purpose] for each in groups[group]]
    # What a clone installed before the distribution had a name of its own: it has our commands too.
    quietly(str(PYTHON), "-m", "pip", "uninstall", "-q", "-y", "jararaca")
    editable = ["--editable", f"{ROOT}[all]"]
    return quietly(str(PYTHON), "-m", "pip", "install", "-q", *editable, *needed)


def works(python: Path) -> bool:
    """Whether the environment's interpreter is there and new enough, with pip."""
    if not python.exists():
        return False
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0


def quietly(*command: str) -> bool:
    """Run a command; its output is shown only where it fails, without addresses."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if not line.startswith("Looking in")]
        print(re.sub(r"\w+://\S+", "(address)", "\n".join(lines)), file=sys.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
