"""One kind of diagnostic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of diagnostic: `wording` is a format string over the diagnostic's values."""

    code: str
    severity: Severity
    wording: str
    help: str
