"""How much of a message may stand in errors, and so in logs and in dead letters."""

from __future__ import annotations

import os

VARIABLE = "JARARACA_SHOW_VALUES"
"""Set to 1 while developing; in production a message's values are nobody's to read in a log."""

MASK = "(value)"

MOST_REASONS = 20
"""How many reasons are listed for an invalid value: it may fail in thousands of variants."""


def shows_values() -> bool:
    """Whether the environment asks for values."""
    return os.environ.get(VARIABLE) == "1"
