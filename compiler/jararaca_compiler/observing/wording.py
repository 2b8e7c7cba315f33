"""The report in words: a line for each finding, and the rows of the table."""

from __future__ import annotations

from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.observing.report import DEAD, Finding, MessageReport, Report

HEADINGS = ("message", "seen", "valid", "invalid", "publishers", "fields used")
NUMBERS = (1, 2, 3, 5)
"""Columns that end at one edge."""

TITLES = {
    "invalid": "invalid",
    "unknown-type": "unknown type",
    "undeclared-topic": "undeclared topic",
    "undeclared-field": "undeclared field",
    "deprecated": "deprecated, in use",
    "dead-message": "never seen",
    "dead-field": "never seen",
    "dead-value": "never seen",
}
MOST_LINES = 30
"""Findings of a kind that a terminal is told of."""


def row_of(message: MessageReport) -> tuple[str, ...]:
    """A message in the table."""
    used = sum(1 for count in message.fields.values() if count)
    return (
        f"{message.service}.{message.message}",
        str(message.seen),
        str(message.valid) + (f" ({message.unchecked} unchecked)" if message.unchecked else ""),
        str(message.invalid),
        ", ".join(list(message.publishers)[:3]) + (" ..." if len(message.publishers) > 3 else ""),
        f"{used} of {len(message.fields)}" if message.seen else "-",
    )


def told(finding: Finding) -> str:
    """A finding on one line."""
    what = f"{finding.service}.{finding.subject}" if finding.service else finding.subject
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    match finding.kind:
        case "invalid":
            return f"{what}: {finding.place} violates `{finding.reason}`{times}"
        case "unknown-type":
            return f"{what}: a message of type {finding.place} from {finding.reason}{times}"
        case "undeclared-topic":
            named = f", type {finding.reason}" if finding.reason else ""
            return f"{what} on exchange {finding.place or '(default)'}{named}{times}"
        case "undeclared-field":
            return f"{what}: {finding.place}{times}"
        case "deprecated":
            return f"{what}{': ' if finding.place else ''}{finding.place}{times}"
        case "dead-message":
            return what + (" (deprecated: it can go)" if finding.reason else "")
        case "dead-field":
            return f"{what}: {finding.place}"
        case _:
            return f"{what}: {finding.place} = {finding.reason}"


def footer(report: Report) -> str:
    """How much was heard, and what is not known."""
    heard = count(report.heard, "message")
    text = f"{heard} heard in {report.seconds:.0f} s"
    if report.sample < 1:
        text += f", {100 * report.sample:g}% of the time"
    if report.dropped is None:
        text += "; some may have been missed (the management API could tell how many)"
    elif report.dropped:
        text += f"; {report.dropped} more were dropped before they came"
    if report.deaf_seconds:
        text += f"; no connection for {report.deaf_seconds:.0f} s"
    return text


def lines_of(report: Report) -> list[str]:
    """The findings by kind, and what was too much to be told apart."""
    lines: list[str] = []
    for kind, title in TITLES.items():
        found = report.of(kind)
        lines += [f"{title}: {told(each)}" for each in found[:MOST_LINES]]
        if len(found) > MOST_LINES:
            lines.append(f"{title}: and {len(found) - MOST_LINES} more (--json - has all)")
    lines += [f"too many to tell apart: {each}" for each in report.capped]
    lines += [f"not heard: {each}" for each in report.unheard]
    return lines


def summary(report: Report) -> str:
    """Whether anything is wrong, in one line."""
    wrong = [each for each in report.findings if each.kind not in DEAD]
    dead = len(report.findings) - len(wrong)
    if report.heard == 0:
        return "nothing was heard: no verdict about the contract"
    begun = "the contract holds" if not wrong else f"findings: {len(wrong)}"
    return f"{begun}; declared and never seen: {dead}"
