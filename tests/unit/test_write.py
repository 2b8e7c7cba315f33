"""All files or none: a failing write leaves what was there."""

from __future__ import annotations

from pathlib import Path

import pytest
from jararaca_compiler.pipeline.write import Change, Disk, WriteError


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
