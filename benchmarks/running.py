"""One run of one peer, and the rounds: interleaved, so that the machine's moods meet everybody."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import defaultdict
from urllib.parse import unquote, urlsplit

from benchmarks import environment, queues
from benchmarks.plan import Peer, Scenario

Figures = dict[str, float]
Results = dict[str, list[Figures]]
QUEUE = "benchmark"
EXTRA = ("benchmark.dead", "benchmark.DQ", "benchmark.XQ")
"""Queues that peers declare beside theirs."""

LIMIT_NAMES = {1: "C, librabbitmq, an ack each", 50: "C, librabbitmq, an ack every 50"}


def rounds(scenario: Scenario, url: str, count: int) -> Results:
    """Run every peer `count` times, in turns."""
    results: Results = defaultdict(list)
    for number in range(count):
        for peer in scenario.peers:
            _say(f"{scenario.key} round {number + 1}/{count}: {peer.name}")
            results[peer.name].append(_once(scenario, peer, url))
        if scenario.key == "consume" and environment.LIMIT.exists():
            for every, name in LIMIT_NAMES.items():
                results[name].append(_limit(scenario, url, every))
    asyncio.run(queues.drop(url, QUEUE, *EXTRA))
    return dict(results)


def _once(scenario: Scenario, peer: Peer, url: str) -> Figures:
    asyncio.run(queues.drop(url, QUEUE, *EXTRA))
    if scenario.fill and peer.envelope:
        environment.run(peer.module, "seed", url, QUEUE, "1")
        asyncio.run(queues.multiply(url, QUEUE, scenario.count))
    elif scenario.fill:
        asyncio.run(queues.fill(url, QUEUE, scenario.count, large=scenario.large))
    printed = environment.run(
        peer.module, scenario.key, url, QUEUE, str(scenario.count), *peer.flags
    )
    return _figures(printed)


def _limit(scenario: Scenario, url: str, every: int) -> Figures:
    asyncio.run(queues.drop(url, QUEUE))
    asyncio.run(queues.fill(url, QUEUE, scenario.count))
    parts = urlsplit(url)
    where = (parts.hostname or "", str(parts.port or 5672))
    who = (parts.username or "guest", parts.password or "guest")
    command = [str(environment.LIMIT), *where, *who, QUEUE, str(scenario.count), str(every)]
    command.append(unquote(parts.path[1:]) or "/")
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return _figures(done.stdout)


def _figures(printed: str) -> Figures:
    line = next(line for line in reversed(printed.splitlines()) if line.startswith("{"))
    figures: Figures = json.loads(line)
    return figures


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
