"""The ways of lines between two columns: what has one end in common shares an upright rail.

Lines that fan out from a box are hard to follow; on a rail they leave together, and each turns off
at its own height.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jararaca_compiler.emit.site.diagrams.shapes import Box

Ends = tuple[Box, Box]
_MARGIN, _ROUND = 20, 8
_NEAR = 12
"""Between heights so near a curve is calmer than two turns."""


@dataclass(slots=True)
class _Rail:
    """The heights at which lines come from the left, and go on to the right."""

    lefts: set[int] = field(default_factory=set)
    rights: set[int] = field(default_factory=set)

    def meets(self, other: _Rail) -> bool:
        """Whether they would be one line, in one place."""
        own, its = self.lefts | self.rights, other.lefts | other.rights
        return min(own) <= max(its) and min(its) <= max(own)

    def is_left_of(self, other: _Rail) -> bool:
        """Whether, further right, its lines would lie on the other's."""
        return not self.lefts.isdisjoint(other.rights)


def paths(joined: Sequence[Ends]) -> list[str]:
    """The way of each line, as an SVG path."""
    keys = _keys(joined)
    places = _places(joined, keys)
    return [_path(start, end, places[key]) for (start, end), key in zip(joined, keys, strict=True)]


def _keys(joined: Sequence[Ends]) -> list[tuple[str, str]]:
    """The rail of each line: that of the end which has more of them."""
    leaving = Counter(start.node.key for start, _ in joined)
    coming = Counter(end.node.key for _, end in joined)
    return [
        (
            ("from", start.node.key)
            if leaving[start.node.key] >= coming[end.node.key]
            else ("to", end.node.key)
        )
        for start, end in joined
    ]


def _places(
    joined: Sequence[Ends], keys: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], int]:
    gaps: dict[int, dict[tuple[str, str], _Rail]] = {}
    sides: dict[int, tuple[int, int]] = {}
    for (start, end), key in zip(joined, keys, strict=True):
        column = start.node.column
        sides[column] = start.x + start.width, end.x
        rail = gaps.setdefault(column, {}).setdefault(key, _Rail())
        rail.lefts.add(_middle(start))
        rail.rights.add(_middle(end))
    found: dict[tuple[str, str], int] = {}
    for column, rails in gaps.items():
        tracks = _tracks(list(rails.values()))
        left, right = sides[column][0] + _MARGIN, sides[column][1] - _MARGIN
        step = (right - left) / (max(tracks) + 1)
        middles = (round(left + (track + 0.5) * step) for track in tracks)
        found |= dict(zip(rails, middles, strict=True))
    return found


def _tracks(rails: Sequence[_Rail]) -> list[int]:
    """Beside one another where they meet; those first that have to be further left."""
    order = sorted(
        range(len(rails)),
        key=lambda at: sum(
            other.is_left_of(rails[at]) - rails[at].is_left_of(other) for other in rails
        ),
    )
    found: dict[int, int] = {}
    for at in order:
        met = [found[other] for other in found if rails[other].meets(rails[at])]
        found[at] = max(met, default=-1) + 1
    return [found[at] for at in range(len(rails))]


def _path(start: Box, end: Box, rail: int) -> str:
    x1, y1, x2, y2 = start.x + start.width, _middle(start), end.x, _middle(end)
    if abs(y2 - y1) <= _NEAR:
        return f"M{x1} {y1}C{rail} {y1} {rail} {y2} {x2} {y2}"
    turn = min(_ROUND, abs(y2 - y1) // 2)
    down = turn if y2 > y1 else -turn
    return (
        f"M{x1} {y1}H{rail - turn}Q{rail} {y1} {rail} {y1 + down}"
        f"V{y2 - down}Q{rail} {y2} {rail + turn} {y2}H{x2}"
    )


def _middle(box: Box) -> int:
    return box.y + box.height // 2
