"""A layered picture: boxes in columns, lines between them; positions only, the template draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from jararaca_compiler.emit.site.diagrams.rails import paths
from jararaca_compiler.emit.site.diagrams.shapes import Box, Edge, Node

_HEIGHT, _GAP, _PAD, _HEAD = 44, 14, 20, 34
_CHARACTER, _NARROWEST, _WIDEST = 7.3, 15, 34
_BETWEEN = 76
_SWEEPS = 4
TALLEST = 1250


@dataclass(frozen=True, slots=True)
class Line:
    """A curve as an SVG path; `start` and `end` number the boxes that it joins."""

    path: str
    start: int
    end: int
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """The frame around the boxes of one exchange."""

    title: str
    href: str | None
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything in pixels; `heads` are the columns' headings with their left edges."""

    width: int
    height: int
    heads: tuple[tuple[int, str], ...]
    panels: tuple[Panel, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]

    @property
    def is_tall(self) -> bool:
        """Whether a page shows its beginning first, and all of it on demand."""
        return self.height > TALLEST


def draw(
    heads: Sequence[str],
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    main: int,
    panels: Mapping[str, str | None],
) -> Drawing:
    """Place the nodes; those of the column `main` keep their order, the others follow them.

    `panels` gives the groups of the main column their links.
    """
    columns = [[n for n in nodes if n.column == index] for index in range(len(heads))]
    centres = _centres(columns, edges, main)
    widths = [_width(column, head) for column, head in zip(columns, heads, strict=True)]
    lefts = [_PAD + sum(widths[:i]) + i * _BETWEEN for i in range(len(widths))]
    top = min(centres.values(), default=0)
    shift = 2 * _HEAD + _HEIGHT / 2 - top
    boxes = tuple(
        _box(node, lefts[node.column], round(centres[node.key] + shift), widths[node.column])
        for column in columns
        for node in column
    )
    return Drawing(
        width=lefts[-1] + widths[-1] + _PAD,
        height=max((box.y + box.height for box in boxes), default=_HEAD) + _PAD,
        heads=tuple(zip(lefts, heads, strict=True)),
        panels=_panels(boxes, main, panels),
        boxes=boxes,
        lines=_lines(boxes, edges),
    )


def _centres(columns: list[list[Node]], edges: Sequence[Edge], main: int) -> dict[str, float]:
    """The vertical centre of each node: as near to its neighbours' as its column has room."""
    neighbours: dict[str, list[str]] = {}
    for edge in edges:
        neighbours.setdefault(edge.start, []).append(edge.end)
        neighbours.setdefault(edge.end, []).append(edge.start)
    centres: dict[str, float] = {}
    _stack(columns[main], centres)
    outwards = [*range(main + 1, len(columns)), *range(main - 1, -1, -1)]
    for sweep in range(_SWEEPS):
        for index in outwards:
            _follow(columns[index], neighbours, centres, reorder=True)
        if sweep < _SWEEPS - 1:
            _follow(columns[main], neighbours, centres, reorder=False)
    return centres


def _stack(column: list[Node], centres: dict[str, float]) -> None:
    at = 0.0
    for before, node in zip([None, *column], column, strict=False):
        at += 0 if before is None else _spacing(before, node)
        centres[node.key] = at


def _follow(
    column: list[Node],
    neighbours: Mapping[str, list[str]],
    centres: dict[str, float],
    *,
    reorder: bool,
) -> None:
    wanted: dict[str, float] = {}
    for node in column:
        near = [centres[key] for key in neighbours.get(node.key, ()) if key in centres]
        wanted[node.key] = sum(near) / len(near) if near else centres.get(node.key, 0.0)
    if reorder:
        column.sort(key=lambda node: wanted[node.key])
    down = _pushed(column, wanted, 1)
    up = _pushed(column[::-1], wanted, -1)
    centres.update({key: (down[key] + up[key]) / 2 for key in wanted})
    if not reorder:
        _tighten(column, centres)


def _tighten(column: Sequence[Node], centres: dict[str, float]) -> None:
    """No gap of the main column is wider than a box; what is beside it follows."""
    moved = 0.0
    for before, node in pairwise(column):
        most = centres[before.key] + _spacing(before, node) + _HEIGHT
        centres[node.key] -= moved
        beyond = max(0.0, centres[node.key] - most)
        centres[node.key] -= beyond
        moved += beyond


def _pushed(column: Sequence[Node], wanted: Mapping[str, float], sign: int) -> dict[str, float]:
    """Each node where it wants to be, or as far further as those before it force it."""
    placed: dict[str, float] = {}
    before: Node | None = None
    for node in column:
        at = wanted[node.key] * sign
        if before is not None:
            at = max(at, placed[before.key] * sign + _spacing(before, node))
        placed[node.key] = at * sign
        before = node
    return placed


def _spacing(before: Node, node: Node) -> int:
    apart = _HEIGHT + _GAP
    return apart if before.group == node.group else apart + _HEAD + _PAD


def _width(column: Sequence[Node], head: str) -> int:
    longest = max((len(text) for n in column for text in (n.title, n.note)), default=len(head))
    return round(min(max(longest, len(head), _NARROWEST), _WIDEST) * _CHARACTER) + 28


def _box(node: Node, left: int, centre: int, width: int) -> Box:
    room = int((width - 26) / _CHARACTER)
    title, note = _cut(node.title, room), _cut(node.note, room)
    return Box(node, title, note, left, centre - _HEIGHT // 2, width, _HEIGHT)


def _cut(text: str, room: int) -> str:
    """A long name loses its middle: names differ at both ends."""
    if len(text) <= room:
        return text
    tail = (room - 1) // 2
    return f"{text[: room - 1 - tail]}…{text[-tail:]}"


def _panels(boxes: Iterable[Box], main: int, links: Mapping[str, str | None]) -> tuple[Panel, ...]:
    found: dict[str, list[Box]] = {}
    for box in boxes:
        if box.node.column == main and box.node.group:
            found.setdefault(box.node.group, []).append(box)
    return tuple(_panel(group, inside, links.get(group)) for group, inside in found.items())


def _panel(group: str, inside: Sequence[Box], href: str | None) -> Panel:
    top = min(box.y for box in inside) - _HEAD
    bottom = max(box.y + box.height for box in inside) + 12
    left, width = inside[0].x - 12, inside[0].width + 24
    return Panel(_cut(group, int((width - 30) / _CHARACTER)), href, left, top, width, bottom - top)


def _lines(boxes: Sequence[Box], edges: Sequence[Edge]) -> tuple[Line, ...]:
    numbers = {box.node.key: number for number, box in enumerate(boxes)}
    joined = [(numbers[edge.start], numbers[edge.end]) for edge in edges]
    tones = [edge.tone for edge in edges]
    ways = paths([(boxes[start], boxes[end]) for start, end in joined])
    return tuple(
        Line(way, start, end, tone)
        for way, (start, end), tone in zip(ways, joined, tones, strict=True)
    )
