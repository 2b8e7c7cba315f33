"""Whether the values of messages may stand in errors, and so in logs and in dead letters."""

from __future__ import annotations

import os

VARIABLE = "JARARACA_SHOW_VALUES"
"""Set to 1 while developing; in production a message's values are nobody's to read in a log."""

MASK = "(value)"


def shows_values() -> bool:
    """Whether the environment asks for values."""
    return os.environ.get(VARIABLE) == "1"
