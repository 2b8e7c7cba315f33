"""All files or none: a failing write leaves what was there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from jararaca_compiler.pipeline.write import Change, Disk, WriteError

BYTECODE = "PYTHONDONTWRITEBYTECODE"


def test_a_change_that_fails_midway_is_undone(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("old\n")
    (tmp_path / "z.py").mkdir()
    changes = (Change("a.py", "old\n", "new\n"), Change("b.py", None, "b\n"))
    with pytest.raises(WriteError):
        Disk(tmp_path).apply((*changes, Change("z.py", None, "z\n")))
    assert (tmp_path / "a.py").read_text() == "old\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.py", "z.py"]


def test_a_difference_tells_a_missing_line_end() -> None:
    told = Change("a.py", "x", "x\n").difference()
    assert "-x\n\\ No newline at end of file\n+x\n" in told


def test_what_is_written_within_a_second_is_what_python_imports(tmp_path: Path) -> None:
    """Python takes bytecode for fresh by the source's second and size: `a = 1`, `a = 2`."""
    for value in (1, 2):
        Disk(tmp_path).apply([Change("changed.py", None, f"a = {value}\n")])
        found = tmp_path / "changed.py"
        os.utime(found, (1_000, 1_000))
        done = subprocess.run(
            [sys.executable, "-c", "import changed; print(changed.a)"],
            cwd=tmp_path,
            env={name: value for name, value in os.environ.items() if name != BYTECODE},
            capture_output=True,
            text=True,
        )
        assert done.stdout == f"{value}\n"
