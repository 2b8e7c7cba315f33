"""AsyncAPI's runtime expressions, section 4.5: where in a message a value stands."""

from __future__ import annotations

import re

_LOCATION = re.compile(r"\$message\.(?:header#/|payload#(?:/|$))(?:[^~]|~[01])*", re.DOTALL)


def is_location(expression: str) -> bool:
    """Whether a worker finds something by it: `$message.header#/corr`, `$message.payload#/id`."""
    return _LOCATION.fullmatch(expression) is not None


def location_of(expression: str | None) -> str | None:
    """The expression, where it leads somewhere."""
    return expression if expression is not None and is_location(expression) else None
