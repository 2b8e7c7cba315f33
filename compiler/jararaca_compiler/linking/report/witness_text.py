"""A witness as a person reads it: JSON on one line, cut where it is long."""

from __future__ import annotations

from typing import Any

from jararaca_shared.printable import json_text

_LONGEST = 400


def witness_text(value: Any) -> str:
    """The value as JSON; what would be longer than a few lines ends in an ellipsis."""
    text = json_text(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
