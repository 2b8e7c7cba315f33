"""What tells one compiler from another: whatever the last run kept is of use to this one only."""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_HERE = Path(__file__).parents[1]
_PROVING = "jsonschema_rs"
"""What a compiled contract does not stand on, and a verdict does."""


def tool() -> list[object]:
    """The compiler's files, one that is being worked on included, and Python's version."""
    files = [entry for folder, _, _ in os.walk(_HERE) for entry in os.scandir(folder)]
    stats = sorted(
        (entry.path, entry.stat().st_mtime_ns, entry.stat().st_size)
        for entry in files
        if entry.name.endswith((".py", ".j2"))
    )
    return [sys.version, stats]


@cache
def tool_digest() -> str:
    """The same in 64 hexadecimal digits, with the library that checks witnesses."""
    spec = find_spec(_PROVING)
    origin = "" if spec is None else spec.origin or ""
    proving = (origin, Path(origin).stat().st_mtime_ns if origin else 0)
    return hashlib.sha256(repr((tool(), proving)).encode()).hexdigest()
