"""Room on Python's stack for a long proof."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_MOST_CALLS = 5_000


@contextmanager
def deep_proofs() -> Iterator[None]:
    """Room for the longest proof: its steps lie in each other, a dozen calls a step."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _MOST_CALLS))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
