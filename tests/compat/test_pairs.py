"""Each pair of documents in `pairs` is told as its `expected.txt` says, and nothing beside."""

from __future__ import annotations

from pathlib import Path

import pytest

from .told import told

PAIRS = Path(__file__).parent / "pairs"


@pytest.mark.parametrize("name", sorted(path.name for path in PAIRS.iterdir()))
def test_a_pair_is_told_as_expected(name: str) -> None:
    expected = (PAIRS / name / "expected.txt").read_text("utf-8").splitlines()
    assert told(PAIRS / name) == expected
