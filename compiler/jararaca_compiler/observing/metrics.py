"""The report as Prometheus reads it: https://prometheus.io/docs/instrumenting/exposition_formats/."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler.observing.report import WRONG, Report

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MOST_SERIES = 2_000
"""Series of one metric: the most frequent come first, and the rest is left out."""

Series = tuple[dict[str, str], float]


def exposition(report: Report) -> str:
    """All metrics."""
    lines: list[str] = []
    for name, about, series in _metrics(report):
        kind = "counter" if name.endswith("_total") else "gauge"
        lines += [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{_labels(labels)} {value:g}" for labels, value in series[:MOST_SERIES]]
    return "\n".join(lines) + "\n"


def _metrics(report: Report) -> Iterator[tuple[str, str, list[Series]]]:
    yield (
        "jararaca_observed_messages_total",
        "Messages by what they are in the contract.",
        [
            (
                {"service": each.service, "message": each.message, "verdict": verdict},
                getattr(each, verdict),
            )
            for each in report.messages
            for verdict in ("valid", "invalid", "unchecked")
        ],
    )
    for kind in WRONG:
        found = sorted(report.of(kind), key=lambda each: -each.count)
        yield (
            f"jararaca_observed_{kind.replace('-', '_')}_total",
            f"Findings: {kind}.",
            [
                (
                    {
                        "service": each.service,
                        "subject": each.subject,
                        "place": each.place,
                        "reason": each.reason,
                    },
                    each.count,
                )
                for each in found
            ],
        )
    yield "jararaca_observed_heard_total", "Messages that were heard.", [({}, report.heard)]
    yield (
        "jararaca_observed_dropped",
        "Messages that were routed to the ears and never came; NaN where nobody can tell.",
        [({}, float("nan") if report.dropped is None else report.dropped)],
    )


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return "{" + told + "}"


def _escaped(text: str) -> str:
    """Without what ends a label, or is no text."""
    plain = text.encode("utf-8", "replace").decode()
    return plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
