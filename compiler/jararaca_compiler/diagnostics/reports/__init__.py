"""Findings in the formats that machines read: `render_findings` takes one by its name."""

from __future__ import annotations

from collections.abc import Iterable

from jararaca_compiler.diagnostics.reports import github, gitlab, junit, sarif
from jararaca_compiler.diagnostics.reports.finding import Finding

__all__ = ["Finding", "render_findings"]

_RENDERERS = {
    "github": github.render,
    "sarif": sarif.render,
    "gitlab": gitlab.render,
    "junit": junit.render,
}


def render_findings(found: Iterable[Finding], format: str, command: str) -> str:
    """The report of a command, like `diff`; KeyError for a format that has its own renderer."""
    return _RENDERERS[format](tuple(found), command)
