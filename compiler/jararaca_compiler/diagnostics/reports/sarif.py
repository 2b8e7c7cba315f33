"""SARIF 2.1.0, which GitHub's code scanning and most editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from jararaca_shared.distribution import VERSION
from jararaca_shared.printable import json_text

from jararaca_compiler.diagnostics.reports.finding import Finding, fingerprints
from jararaca_compiler.documents.source import Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SOURCE = "%SRCROOT%"
"""The root of the checkout (section 3.4.4: a name that whoever reads the log resolves)."""


def render(found: Sequence[Finding], command: str) -> str:
    """A log with one run."""
    codes = list(dict.fromkeys(each.code for each in found))
    marks = fingerprints(found)
    results = [_result(each, codes, mark) for each, mark in zip(found, marks, strict=True)]
    driver = {
        "name": f"jararaca {command}",
        "version": VERSION,
        "rules": [_rule(code, found) for code in codes],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(log, indent=2) + "\n"


def _rule(code: str, found: Sequence[Finding]) -> dict[str, Any]:
    help = next((each.help for each in found if each.code == code and each.help), "")
    rule: dict[str, Any] = {"id": code, "shortDescription": {"text": code.replace("-", " ")}}
    return {**rule, "help": {"text": help}} if help else rule


def _result(found: Finding, codes: list[str], fingerprint: str) -> dict[str, Any]:
    text = f"{found.message}\n{found.help}" if found.help else found.message
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": codes.index(found.code),
        "level": found.level,
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(found.span)}],
        "partialFingerprints": {"jararaca/v1": fingerprint},
    }
    if found.related:
        result["relatedLocations"] = [
            {"id": i, "message": {"text": said}, "physicalLocation": _location(span)}
            for i, (span, said) in enumerate(found.related)
        ]
    if found.accepted:
        result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return result


def _location(span: Span) -> dict[str, Any]:
    region: dict[str, int] = {"startLine": span.line, "startColumn": span.column}
    if (span.end_line, span.end_column) > (span.line, span.column):
        region |= {"endLine": span.end_line, "endColumn": span.end_column}
    uri = quote(span.path.replace("\\", "/"))
    artifact = {"uri": uri} if uri.startswith("/") else {"uri": uri, "uriBaseId": _SOURCE}
    return {"artifactLocation": artifact, "region": region}
