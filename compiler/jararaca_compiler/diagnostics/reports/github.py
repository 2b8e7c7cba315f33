"""Annotations of a GitHub workflow.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Sequence

from jararaca_compiler.diagnostics.reports.finding import Finding


def render(found: Sequence[Finding], command: str) -> str:
    """One workflow command a finding; an empty text for none."""
    return "".join(map(_annotation, found))


def _annotation(found: Finding) -> str:
    span = found.span
    level = "notice" if found.accepted or found.level == "note" else found.level
    place = f"file={_property(span.path)},line={span.line},col={span.column}"
    if span.end_line == span.line and span.end_column > span.column:
        place += f",endColumn={span.end_column}"
    body = f"{found.message}\n{found.help}" if found.help else found.message
    return f"::{level} {place},title={_property(found.title or found.code)}::{_data(body)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
