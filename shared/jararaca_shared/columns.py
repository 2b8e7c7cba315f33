"""Rows as aligned columns; on a terminal they keep to its width.

Where there is too little room, the last column is wrapped; where that would leave too little of it,
or break a word such as an id, each row is a block of lines of its own.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from typing import TextIO

GAP = "  "
UNLIMITED = 10_000
"""Columns where nobody looks at a terminal: a line of a file is as long as it has to be."""

LEAST = 16
"""Columns that a wrapped last column needs."""

COLOURS = re.compile("(?:\x1b|\x00[0-9a-f]+)\\[[0-9;]*m")
"""Takes no room. Cells are printable, so that a colour in one is ours."""

Row = Sequence[str]


def room_on(stream: TextIO) -> int:
    """How wide a line may be: the terminal's width, or practically unlimited elsewhere."""
    return shutil.get_terminal_size().columns if stream.isatty() else UNLIMITED


def laid_out(
    rows: Sequence[Row],
    headings: Row = (),
    room: int = UNLIMITED,
    right: Collection[int] = (),
) -> list[str]:
    """The lines of these rows; `right` are the columns, by number, that end at one edge."""
    every = [headings, *rows] if headings else rows
    if not every:
        return []
    widths = [max(map(width_of, column)) for column in zip(*every, strict=True)]
    last = room - sum(widths[:-1]) - len(GAP) * (len(widths) - 1)
    if widths[-1] <= last:
        return [_line(row, widths, right) for row in every]
    if last >= max(LEAST, *(_longest_word(row[-1]) for row in every)):
        return [_line(part, widths, right) for row in every for part in _wrapped(row, last)]
    if headings:
        return [line for row in rows for line in ("", *_block(row, headings, room))][1:]
    return [line for row in rows for line in _folded(GAP.join(filter(width_of, row)), room)]


def width_of(text: str) -> int:
    """How many columns of a terminal it takes."""
    plain = COLOURS.sub("", text)
    if plain.isascii():
        return len(plain)
    from rich.cells import cell_len

    return cell_len(plain)


def _line(row: Row, widths: Sequence[int], right: Collection[int]) -> str:
    cells = []
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        blank = " " * (width - width_of(cell))
        cells.append(blank + cell if place in right else cell + blank)
    return GAP.join(cells).rstrip()


def _wrapped(row: Row, room: int) -> Iterator[Row]:
    """The row, and rows with nothing but what is left of its last cell."""
    first, *more = _folded(row[-1], room, hanging="")
    yield [*row[:-1], first]
    for line in more:
        yield [*("" for _ in row[:-1]), line]


def _block(row: Row, headings: Row, room: int) -> Iterator[str]:
    """A line a cell, after its heading."""
    longest = max(map(width_of, headings))
    for heading, cell in zip(headings, row, strict=True):
        told = f"{heading}{' ' * (longest - width_of(heading))}{GAP}"
        first, *more = _folded(cell, max(LEAST, room - longest - len(GAP)), hanging="")
        yield (told + first).rstrip()
        yield from (" " * width_of(told) + line for line in more)


def _folded(text: str, room: int, hanging: str = GAP) -> list[str]:
    """Lines of whole words; a word that is too long is the terminal's to break."""
    lines: list[str] = []
    line = ""
    for word in re.findall(" *[^ ]+", text):
        if line and width_of(line + word) > room:
            lines.append(line)
            line = hanging + word.lstrip()
        else:
            line += word
    return [*lines, line]


def _longest_word(text: str) -> int:
    return max(map(width_of, COLOURS.sub("", text).split()), default=0)
