"""A picture as a list: what goes through each box of the middle, from whom and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jararaca_compiler.emit.site.diagrams.layout import Drawing
from jararaca_compiler.emit.site.diagrams.shapes import Box

_VERDICTS = {"proven": "proven", "unsure": "not proven", "broken": "does not fit"}


@dataclass(frozen=True, slots=True)
class Onward:
    """A path to the right; `tone` is the look of the line that it begins with."""

    boxes: tuple[Box, ...]
    tone: str

    @property
    def verdict(self) -> str:
        """What a line of that look says of a link; empty where it says nothing."""
        return _VERDICTS.get(self.tone, "")


@dataclass(frozen=True, slots=True)
class Way:
    """One box of the middle, what leads to it, and the paths that lead on."""

    box: Box
    senders: tuple[Box, ...]
    onwards: tuple[Onward, ...]


def ways_of(drawing: Drawing, main: int = 1) -> tuple[Way, ...]:
    """In the order of the picture, from above."""
    before: dict[int, list[int]] = {}
    after: dict[int, list[int]] = {}
    for line in drawing.lines:
        before.setdefault(line.end, []).append(line.start)
        after.setdefault(line.start, []).append(line.end)
    tones = {(line.start, line.end): line.tone for line in drawing.lines}
    boxes = drawing.boxes
    middle = [number for number, box in enumerate(boxes) if box.node.column == main]
    return tuple(
        Way(
            boxes[number],
            tuple(boxes[each] for each in before.get(number, ())),
            tuple(
                Onward(tuple(boxes[each] for each in path), tones[number, start])
                for start in after.get(number, ())
                for path in _paths(start, after)
            ),
        )
        for number in sorted(middle, key=lambda number: boxes[number].y)
    )


def _paths(start: int, after: dict[int, list[int]]) -> Iterator[tuple[int, ...]]:
    """Each path from here to where nothing follows: lines lead to the right, so that all end."""
    following = after.get(start, ())
    if not following:
        yield (start,)
    for each in following:
        for path in _paths(each, after):
            yield (start, *path)
