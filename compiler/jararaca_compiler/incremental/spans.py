"""What was said about a document, once some of its lines are others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.documents.source import Span
from jararaca_compiler.incremental.regions import changed_range


class _Changed(Exception):
    """Something was said about the very lines that have changed."""


def shifted(
    diagnostics: Iterable[Diagnostic], path: str, before: str, after: str
) -> tuple[Diagnostic, ...] | None:
    """The diagnostics at the lines where they belong now; None where one was about the change."""
    start, end, _ = changed_range(before, after)
    first, last = before.count("\n", 0, start) + 1, before.count("\n", 0, end) + 1
    by = after.count("\n") - before.count("\n")

    def place(span: Span) -> Span:
        if span.path != path or span.end_line < first:
            return span
        if span.line <= last:
            raise _Changed
        return replace(span, line=span.line + by, end_line=span.end_line + by)

    try:
        return tuple(
            replace(
                each,
                span=place(each.span),
                related=tuple((place(span), text) for span, text in each.related),
            )
            for each in diagnostics
        )
    except _Changed:
        return None
