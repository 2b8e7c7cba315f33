"""The values of parameters and server variables as texts, where people write numbers and flags."""

from __future__ import annotations

from typing import Any


def text_of(value: Any) -> str:
    """A value as it stands in an address: `true`, `1.5`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def texts_of(values: Any) -> list[str]:
    """The scalars of a list, each once; none where it is no list."""
    found = values if isinstance(values, list) else []
    scalars = (str, int, float)
    return list(dict.fromkeys(text_of(value) for value in found if isinstance(value, scalars)))
