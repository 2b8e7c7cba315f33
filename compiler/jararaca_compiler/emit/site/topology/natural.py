"""The order in which people look for names with numbers: `on2` stands before `on10`."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"([0-9]+)")


def natural(name: str) -> tuple[tuple[tuple[str, int], ...], str]:
    """A key to sort by; of names that differ in zeros alone the letters decide."""
    parts = _NUMBER.split(name)
    pairs = zip(parts[::2], [*parts[1::2], "0"], strict=True)
    return tuple((text.casefold(), int(number[:4000])) for text, number in pairs), name
