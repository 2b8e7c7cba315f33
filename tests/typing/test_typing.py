"""What type-checks and what does not: good.py passes mypy --strict, bad.py fails as it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def mypy(path: Path) -> list[str]:
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context"]
    done = subprocess.run([*command, str(path)], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.splitlines()


def test_what_people_write_passes_mypy_strict() -> None:
    assert mypy(HERE / "good.py") == []


def test_a_handler_paired_with_the_wrong_message_is_a_type_error() -> None:
    expected = {
        (number, code)
        for number, line in enumerate((HERE / "bad.py").read_text().splitlines(), 1)
        if (match := re.search(r"# error: (\S.*)$", line))
        for code in match[1].split(", ")
    }
    found = set()
    for line in mypy(HERE / "bad.py"):
        if match := re.search(r"bad\.py:(\d+): error: .*\[([a-z-]+)\]$", line):
            found.add((int(match[1]), match[2]))
    assert found == expected
