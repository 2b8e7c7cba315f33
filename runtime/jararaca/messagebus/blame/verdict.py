"""The algorithm of blame, without I/O: who is a suspect, when it may begin, who is the culprit.

A quorum queue counts how often each message came back unsettled: its strikes. Whoever is in hand
when a process or a connection ends gets one, so that the first two say little. From then on a
message is a suspect: it begins alone. What comes back from that again and again is the culprit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SUSPECT = 2
"""Strikes of a message that begins alone: one may be a lost power cable, two are a pattern."""

APART = 3
"""Strikes from which on a suspect has no other suspect beside it, however long that one takes."""

CULPRIT = 6
"""Strikes of a message that is dead-lettered: it was alone for the last four of them."""

CULPRIT_IN_ORDER = 12
"""The same in a queue that is in order: what waits behind a suspect there gets its strikes too."""

YOUNG_SECONDS = 5.0
YOUNG_FACTOR = 3.0
LISTEN_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Running:
    """A delivery that is being handled: its strikes, and for how many seconds."""

    strikes: int
    seconds: float


def is_suspect(strikes: int) -> bool:
    """Whether a message begins alone."""
    return strikes >= SUSPECT


def is_culprit(strikes: int, *, in_order: bool) -> bool:
    """Whether a message is to be dead-lettered without another try."""
    return strikes >= (CULPRIT_IN_ORDER if in_order else CULPRIT)


def young_for(strikes: int) -> float:
    """Seconds after its begin for which the end of a process is put down to a suspect.

    It grows with the strikes, for those who take their time: 5, 15, 45 seconds.
    """
    return YOUNG_SECONDS * YOUNG_FACTOR ** (max(strikes, SUSPECT) - SUSPECT)


def seconds_until_alone(strikes: int, running: Sequence[Running]) -> float:
    """How long a suspect waits, if nothing else begins: until all that runs is old enough."""
    waits = [young_for(max(strikes, each.strikes)) - each.seconds for each in running]
    return max(waits, default=0.0)


def listens_for(strikes: int) -> float:
    """Seconds that a suspect waits for others to come and stand aside before it begins.

    It may end the process at once, and the first messages of all queues come together.
    """
    return LISTEN_SECONDS if strikes >= APART else 0.0


def stands_aside(strikes: int, running: Sequence[Running]) -> bool:
    """Whether a suspect must not even wait here, where its strikes would grow with another's.

    So it is beside a young suspect; with more strikes on either side, beside any suspect.
    """
    suspects = [each for each in running if is_suspect(each.strikes)]
    return any(
        each.seconds < young_for(each.strikes) or max(each.strikes, strikes) >= APART
        for each in suspects
    )


def seconds_until_open(running: Sequence[Running]) -> float:
    """How long what is no suspect waits: until every suspect is old enough."""
    waits = [young_for(each.strikes) - each.seconds for each in running if is_suspect(each.strikes)]
    return max(waits, default=0.0)
