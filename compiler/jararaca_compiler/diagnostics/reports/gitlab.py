"""GitLab's code quality report: what a merge request shows beside its lines.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from collections.abc import Sequence

from jararaca_shared.printable import json_text

from jararaca_compiler.diagnostics.reports.finding import Finding, fingerprints

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def render(found: Sequence[Finding], command: str) -> str:
    """A JSON array, empty for no finding."""
    listed = [_issue(each, mark) for each, mark in zip(found, fingerprints(found), strict=True)]
    return json_text(listed, indent=2) + "\n"


def _issue(found: Finding, fingerprint: str) -> dict[str, object]:
    severity = "info" if found.accepted else _SEVERITIES[found.level]
    span = found.span
    return {
        "description": f"{found.message} {found.help}".strip(),
        "check_name": found.code,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {
            "path": span.path,
            "lines": {"begin": span.line, "end": max(span.line, span.end_line)},
        },
    }
