"""docs/partitions-measured.md: the tables of a run."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.partitioned.cases import BURNT, KEYS, PREFETCH, WAITED, WORKERS, WORKS, Contender
from benchmarks.partitioned.results import SETTINGS, Results

HEAD = """# Partitions, measured

`python -m benchmarks.partitioned` writes this page, and its chart on [Benchmarks](benchmarks.md):
in {minutes} minutes on {cores} cores, with RabbitMQ {version} and all workers on them.

Each cell is messages a second in one window of {seconds:g} s: the messages of {keys} keys lie ready
before it begins. A handler **computes** for {burnt:g} ms, or **waits** for {waited:g} ms. Each
consumer has a prefetch of {prefetch}, those of others that are in order 1: they are single active
consumers, and neither aio-pika nor FastStream knows keys. Of who is in order on one queue, one
worker works, and others stand by; so it is with workers beyond the partitions. Rates that need more
cores than there are say where the cores end. **CPU** (of the workers, ms a message, the handler's
own included) and **share** (of the busiest worker) are those with the most workers.

Others' clients have one queue with as many workers, since they have no partitions. All queues are
quorum queues. Nodes have one scheduler thread each, and on the cluster the clients are spread over
the nodes.
"""


def page(results: Results, contenders: Sequence[Contender], **about: object) -> str:
    """The page."""
    head = HEAD.format(
        keys=KEYS, burnt=BURNT * 1_000, waited=WAITED * 1_000, prefetch=PREFETCH, **about
    )
    parts = [head]
    for nodes in results.settings:
        for work in WORKS:
            title = f"## On {SETTINGS[nodes]}, a handler that {work}\n"
            parts.append(title + "\n" + _table(results, contenders, nodes, work))
    if results.growth:
        parts.append(_growth(results))
    return "\n".join(parts)


def _table(results: Results, contenders: Sequence[Contender], nodes: int, work: str) -> str:
    told = [n for n in WORKERS if any(key[3] == n for key in results.windows)]
    headings = [f"{n} worker{'s' if n > 1 else ''}" for n in told]
    lines = [["", *headings, "CPU", "share"], ["---", *["--:"] * (len(told) + 2)]]
    for each in contenders:
        found = results.of(nodes, work, each.name)
        if found:
            last = found[max(found)]
            rates = [f"{found[n].rate:,.0f}" if n in found else "" for n in told]
            lines.append([each.name, *rates, f"{last.cpu:.2f}", f"{last.share:.0%}"])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _growth(results: Results) -> str:
    title = "## One worker with many queues, or many handlers of one queue\n"
    text = (
        "Handlers that do nothing, with 200 messages in hand. CPU is the worker's, ms for 1,000 "
        "messages, which are spread evenly."
    )
    lines = [
        "| | queues: messages/s | queues: CPU | handlers: messages/s | handlers: CPU |",
        "|---|--:|--:|--:|--:|",
    ]
    for size in sorted({size for _, size in results.growth}):
        cells = [
            cell
            for kind in ("queues", "handlers")
            for found in [results.growth[kind, size]]
            for cell in (f"{found.rate:,.0f}", f"{found.cpu * 1_000:.1f}")
        ]
        lines.append(f"| {size} | {' | '.join(cells)} |")
    return f"{title}\n{text}\n\n" + "\n".join(lines) + "\n"
