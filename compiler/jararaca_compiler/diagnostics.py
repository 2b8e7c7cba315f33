"""The table of diagnostic codes, and diagnostics as values; `report` renders them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jararaca_compiler.source import Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of diagnostic: `wording` is a format string over the diagnostic's values."""

    code: str
    severity: Severity
    wording: str
    help: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something about a document that its author should know, at one place."""

    code: str
    severity: Severity
    message: str
    span: Span
    help: str | None = None
    related: tuple[tuple[Span, str], ...] = ()


_RULES = (
    Rule("unreadable-file", "error", "{path} cannot be read: {reason}", "Check the path."),
    Rule("invalid-syntax", "error", "{reason}", "Correct the document here."),
)

RULES: dict[str, Rule] = {rule.code: rule for rule in _RULES}


def diagnose(
    code: str,
    span: Span,
    *,
    help: str | None = None,
    related: tuple[tuple[Span, str], ...] = (),
    **values: object,
) -> Diagnostic:
    """A diagnostic of the table; an unknown code is a bug and raises KeyError."""
    rule = RULES[code]
    return Diagnostic(
        rule.code, rule.severity, rule.wording.format(**values), span, help or rule.help, related
    )
