"""Diagnostics as values, made by the table of codes in `rules`; `report` renders them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jararaca_compiler.diagnostics.codes import RULES, Severity
from jararaca_compiler.documents.source import Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something about a document that its author should know, at one place."""

    code: str
    severity: Severity
    message: str
    span: Span
    help: str | None = None
    related: tuple[tuple[Span, str], ...] = ()


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


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by place, each once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: (d.span, d.code, d.message)))
