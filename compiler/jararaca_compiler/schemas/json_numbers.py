"""What JSON calls a number."""

from __future__ import annotations

from typing import Any, TypeGuard


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is one: Python counts true and false among its own."""
    return isinstance(value, int | float) and not isinstance(value, bool)
