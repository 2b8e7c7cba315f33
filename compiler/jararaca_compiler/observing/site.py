"""The report as the site shows it."""

from __future__ import annotations

from jararaca_compiler.emit.site.observed import ObservedFinding, ObservedRow, SiteObservation
from jararaca_compiler.observing.report import DEAD, WRONG, Finding, MessageReport, Report
from jararaca_compiler.observing.wording import footer, summary

_WORDS = {
    "invalid": ("invalid", "broken"),
    "unknown-type": ("unknown type", "broken"),
    "undeclared-topic": ("undeclared topic", "unsure"),
    "undeclared-field": ("undeclared field", "unsure"),
    "deprecated": ("deprecated, in use", "unsure"),
    "dead-message": ("whole message", ""),
    "dead-field": ("field", ""),
    "dead-value": ("value", ""),
}
MOST_PUBLISHERS = 10


def site_observation(report: Report) -> SiteObservation:
    """All of it."""
    return SiteObservation(
        since=report.since or "",
        until=report.until or "",
        heard=report.heard,
        summary=summary(report),
        how=footer(report)[:1].upper() + footer(report)[1:],
        rows=tuple(_row(each) for each in report.messages),
        wrong=tuple(_finding(each) for each in report.of(*WRONG)),
        dead=tuple(_finding(each) for each in report.of(*DEAD)),
        notes=(
            *(f"Too many to tell apart: {each}." for each in report.capped),
            *(f"Not heard: {each}." for each in report.unheard),
        ),
    )


def _row(message: MessageReport) -> ObservedRow:
    used = sum(1 for count in message.fields.values() if count)
    publishers = [(name, n["seen"], n["invalid"]) for name, n in message.publishers.items()]
    return ObservedRow(
        message.service,
        message.message,
        message.seen,
        message.valid,
        message.invalid,
        message.unchecked,
        tuple(publishers[:MOST_PUBLISHERS]),
        f"{used} of {len(message.fields)}",
    )


def _finding(finding: Finding) -> ObservedFinding:
    title, tone = _WORDS[finding.kind]
    return ObservedFinding(
        finding.service, finding.subject, title, tone, _text(finding), finding.count
    )


def _text(finding: Finding) -> str:
    match finding.kind:
        case "invalid":
            return f"{finding.place}: {finding.reason}"
        case "unknown-type":
            return f"{finding.place} from {finding.reason}"
        case "undeclared-topic":
            return f"exchange {finding.place or '(default)'} {finding.reason}".strip()
        case "dead-value":
            return f"{finding.place} = {finding.reason}"
        case "dead-message":
            return "deprecated: it can go" if finding.reason else ""
        case _:
            return finding.place
