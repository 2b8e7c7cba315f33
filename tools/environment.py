"""Makes .venv with everything the project is developed with; does nothing while it is current."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "jararaca.stamp"
PROJECT = ROOT / "pyproject.toml"


def main() -> int:
    """Make or renew the environment; 1 when that failed."""
    wanted = hashlib.sha256(PROJECT.read_bytes() + str(ROOT).encode()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return 0
    print("making .venv (once, and again when pyproject.toml changes) ...", flush=True)
    python = VENV / "bin" / "python"
    if not works(python) and not quietly(sys.executable, "-m", "venv", "--clear", str(VENV)):
        print("no virtual environment can be made: is python3-venv installed?", file=sys.stderr)
        return 1
    groups = tomllib.loads(PROJECT.read_text())["dependency-groups"]
    # What a clone installed before the distribution had a name of its own: it has our commands too.
    quietly(str(python), "-m", "pip", "uninstall", "-q", "-y", "jararaca")
    editable = ["--editable", f"{ROOT}[all]"]
    if not quietly(str(python), "-m", "pip", "install", "-q", *editable, *groups["dev"]):
        return 1
    STAMP.write_text(wanted)
    return 0


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
    sys.exit(main())
