"""One row of the table of changes, and the advice that several rows give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of change: `wording` is a format string over its values, `help` what to do instead."""

    code: str
    wording: str
    help: str


KEEP_BOTH = "Publish both for a while: keep the old one until nobody uses it."
LATER = "Tighten it only when no producer sends the old values and the queues are empty."
CONSUMERS_FIRST = "Deploy consumers that accept both first, then send the new values."
