"""Exceptions: changes that a team has agreed to, `code` or `code:subject`, `*` for any part."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jararaca_compiler.compat.change import Change
from jararaca_compiler.compat.table import RULES


def matches(exception: str, change: Change) -> bool:
    """Whether an exception is about a change; without a subject, about all of its code."""
    code, _, subject = exception.partition(":")
    if code.strip() != change.code:
        return False
    parts = (re.escape(part) for part in subject.strip().split("*"))
    return not subject or re.fullmatch(".*".join(parts), change.subject) is not None


def unknown(exceptions: Sequence[str]) -> list[str]:
    """The exceptions whose code no change has."""
    return [e for e in exceptions if e.partition(":")[0].strip() not in RULES]


def unused(exceptions: Sequence[str], changes: Sequence[Change]) -> list[str]:
    """The exceptions that except nothing."""
    return [e for e in exceptions if not any(matches(e, change) for change in changes)]
