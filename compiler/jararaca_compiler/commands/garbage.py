"""How often Python looks for garbage while a command makes values that stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS = 200_000
"""Documents and what is made of them stay until the end: to look often finds nothing."""


@contextmanager
def few_collections() -> Iterator[None]:
    """Look seldom: a third of a command's time went into looking."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
