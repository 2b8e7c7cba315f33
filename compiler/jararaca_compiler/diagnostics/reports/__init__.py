"""Findings in the formats that machines read: `render_findings` takes one by its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jararaca_shared.printable import printable, printable_lines

from jararaca_compiler.diagnostics.reports import github, gitlab, junit, sarif
from jararaca_compiler.diagnostics.reports.finding import Finding
from jararaca_compiler.documents.source import Span

__all__ = ["Finding", "render_findings"]

_RENDERERS = {
    "github": github.render,
    "sarif": sarif.render,
    "gitlab": gitlab.render,
    "junit": junit.render,
}


def render_findings(found: Iterable[Finding], format: str, command: str) -> str:
    """The report of a command, like `diff`; KeyError for a format that has its own renderer."""
    return _RENDERERS[format](tuple(map(_printable, found)), command)


def _printable(found: Finding) -> Finding:
    """The finding in a text that does nothing: these reports are seen in logs and on terminals."""
    return replace(
        found,
        message=printable(found.message),
        help=printable_lines(found.help),
        title=printable(found.title),
        span=_of(found.span),
        related=tuple((_of(span), printable(said)) for span, said in found.related),
    )


def _of(span: Span) -> Span:
    return replace(span, path=printable(span.path))
