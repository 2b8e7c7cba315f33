"""The runs of all clients with so many in flight, as a table."""

from __future__ import annotations

from statistics import median

from benchmarks.publishing.clients import LIMIT

Runs = dict[str, list[dict[str, float]]]


def table(in_flight: int, runs: Runs) -> str:
    """One row a client."""
    against = LIMIT if LIMIT in runs else next(iter(runs))
    limit = _median(runs[against], "rate")
    lines = [
        f"| {in_flight:,} in flight | messages/s | of the C client's | CPU | the broker's CPU |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, found in runs.items():
        share = _median(found, "rate") / limit
        broker = _spread(found, "broker") if "broker" in found[0] else ""
        lines.append(
            f"| {name} | {_spread(found, 'rate')} | {share:.0%} | {_spread(found, 'cpu', 1)} "
            f"| {broker} |"
        )
    return "\n".join(lines) + "\n"


def _median(runs: list[dict[str, float]], figure: str) -> float:
    return median(run[figure] for run in runs)


def _spread(runs: list[dict[str, float]], figure: str, digits: int = 0) -> str:
    values = [run[figure] for run in runs]
    shown = f"{median(values):,.{digits}f}"
    if len(values) == 1:
        return shown
    return f"{shown} ({min(values):,.{digits}f} - {max(values):,.{digits}f})"
