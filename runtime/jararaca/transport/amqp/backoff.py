"""How long to wait before the next attempt to reach the broker."""

from __future__ import annotations

FIRST = 0.2
CEILING = 30.0
SPREAD = 0.5


def backoff(attempt: int, chance: float) -> float:
    """Seconds before attempt `attempt` (from 1): doubling, at most 30 s, and spread by jitter.

    `chance` in [0, 1) takes up to half away, so that many workers do not come back at once.
    """
    full = min(CEILING, FIRST * 2.0 ** min(attempt - 1, 16))
    return float(full * (1 - SPREAD * chance))
