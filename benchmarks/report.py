"""The tables and the chart: medians, their spread, and the ratio to raw aio-pika."""

from __future__ import annotations

import platform
from statistics import median

from benchmarks.running import Results

REFERENCE = "aio-pika"
ORDER = ("Jararaca", "aio-pika", "FastStream")
MARK = {"Jararaca": "#1f7a4d", "Jararaca, uvloop": "#1f7a4d"}
OTHER = "#9aa3ab"


def table(title: str, results: Results) -> str:
    """One scenario as a Markdown table."""
    latency = any("latency" in run for runs in results.values() for run in runs)
    return f"## {title}\n\n" + (_latencies(results) if latency else _throughputs(results))


def machine(broker: str) -> str:
    """Where it was measured."""
    return f"Python {platform.python_version()}, {platform.machine()}, {broker}"


def chart(title: str, results: Results) -> str:
    """CPU a thousand messages as bars in an SVG: shorter is better."""
    rows = sorted((_median(runs, "cpu"), name) for name, runs in results.items())
    widest = max(value for value, _ in rows)
    bars = "\n".join(_bar(index, value, name, widest) for index, (value, name) in enumerate(rows))
    height = 64 + 30 * len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="860" height="{height}" '
        f'viewBox="0 0 860 {height}" font-family="system-ui, sans-serif" font-size="14">\n'
        f'<rect width="860" height="{height}" fill="#ffffff"/>\n'
        f'<text x="16" y="28" font-size="16" font-weight="600">{title}</text>\n{bars}\n</svg>\n'
    )


def _bar(index: int, value: float, name: str, widest: float) -> str:
    y, width = 46 + 30 * index, max(2.0, 480 * value / widest)
    colour = MARK.get(name, OTHER)
    return (
        f'<text x="16" y="{y + 16}">{name}</text>'
        f'<rect x="240" y="{y}" width="{width:.0f}" height="22" rx="3" fill="{colour}"/>'
        f'<text x="{248 + width:.0f}" y="{y + 16}">{value:.0f} ms</text>'
    )


def _throughputs(results: Results) -> str:
    against = REFERENCE if REFERENCE in results else next(iter(results))
    reference = results[against]
    lines = [
        f"| | messages/s | CPU ms per 1,000 | RSS MiB | messages/s, to {against} "
        f"| per CPU second, to {against} |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, runs in _ranked(results):
        rate = _ratio(runs, reference, "rate")
        cpu = _ratio(reference, runs, "cpu")
        lines.append(
            f"| {name} | {_spread(runs, 'rate')} | {_spread(runs, 'cpu', 1)} "
            f"| {_median(runs, 'rss'):.0f} | {rate} | {cpu} |"
        )
    return "\n".join(lines) + "\n"


def _latencies(results: Results) -> str:
    lines = ["| | median µs | RSS MiB |", "|---|---:|---:|"]
    for name, runs in results.items():
        lines.append(f"| {name} | {_spread(runs, 'latency')} | {_median(runs, 'rss'):.0f} |")
    return "\n".join(lines) + "\n"


def _ranked(results: Results) -> list[tuple[str, list[dict[str, float]]]]:
    return sorted(results.items(), key=lambda item: _median(item[1], "cpu"))


def _median(runs: list[dict[str, float]], figure: str) -> float:
    return median(run[figure] for run in runs)


def _spread(runs: list[dict[str, float]], figure: str, digits: int = 0) -> str:
    values = [run[figure] for run in runs]
    shown = f"{median(values):,.{digits}f}"
    if len(values) == 1:
        return shown
    return f"{shown} ({min(values):,.{digits}f} - {max(values):,.{digits}f})"


def _ratio(above: list[dict[str, float]], below: list[dict[str, float]], figure: str) -> str:
    return f"{_median(above, figure) / _median(below, figure):.1f}"
