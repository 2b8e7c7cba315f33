"""How often Python looks for garbage while values are made that stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS = 200_000
"""Documents, what is made of them, and classes stay until the end: to look often finds nothing."""


@contextmanager
def few_collections() -> Iterator[None]:
    """Look seldom: a third of a command's time, and a fifth of an import's, went into looking."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
