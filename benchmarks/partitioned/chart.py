"""docs/growth.svg: rates over workers, a panel for each broker and handler; CPU over queues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.partitioned.cases import WORKS, Contender
from benchmarks.partitioned.results import SETTINGS, Results

WIDTH, HEIGHT = 490, 300
"""Of one panel."""
LEFT, TOP, RIGHT, BOTTOM = 56, 44, 170, 40
"""Its margins; the names of the lines stand at the right."""
INNER = WIDTH - LEFT - RIGHT
LINE = 13
"""Between two names."""
GROWN = (("queues", "#2c8f5c"), ("handlers", "#1f5fa8"))


@dataclass(frozen=True)
class Line:
    """A line of a panel: values by place on the axis below."""

    name: str
    colour: str
    values: Mapping[int, float]


@dataclass(frozen=True)
class Scale:
    """Where a value stands in a panel, at one of its places."""

    places: Sequence[int]
    top: float

    def x(self, place: int) -> float:
        """From the left."""
        return LEFT + INNER * self.places.index(place) / max(1, len(self.places) - 1)

    def y(self, value: float) -> float:
        """From above."""
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / self.top)


def chart(results: Results, contenders: Sequence[Contender]) -> str:
    """All panels as one SVG."""
    panels = [
        (f"{SETTINGS[nodes]}, handlers that {work[:-1] if work == 'waits' else 'compute'}", lines)
        for nodes in results.settings
        for work in WORKS
        for lines in [_lines(results, contenders, nodes, work)]
    ]
    drawn = [
        _panel(number, title, lines, ("messages/s", "workers"))
        for number, (title, lines) in enumerate(panels)
    ]
    if results.growth:
        units = ("CPU ms for 1,000 messages", "queues, or handlers of one queue")
        drawn.append(
            _panel(len(drawn), "one worker, handlers that do nothing", _grown(results), units)
        )
    rows = (len(drawn) + 1) // 2
    size = f'width="{2 * WIDTH}" height="{rows * HEIGHT}" viewBox="0 0 {2 * WIDTH} {rows * HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        'font-family="system-ui, sans-serif" font-size="11">\n'
        f'<rect width="{2 * WIDTH}" height="{rows * HEIGHT}" fill="#ffffff"/>\n'
        + "\n".join(drawn)
        + "\n</svg>\n"
    )


def _lines(results: Results, contenders: Sequence[Contender], nodes: int, work: str) -> list[Line]:
    found = [(each, results.of(nodes, work, each.name)) for each in contenders]
    return [
        Line(each.name.replace("`", ""), each.line, {n: w.rate for n, w in windows.items()})
        for each, windows in found
        if windows
    ]


def _grown(results: Results) -> list[Line]:
    return [
        Line(
            kind,
            colour,
            {size: w.cpu * 1_000 for (of, size), w in results.growth.items() if of == kind},
        )
        for kind, colour in GROWN
    ]


def _panel(number: int, title: str, lines: Sequence[Line], units: tuple[str, str]) -> str:
    places = sorted({place for line in lines for place in line.values})
    top = _round(max(value for line in lines for value in line.values.values()))
    scale = Scale(places, top)
    names = _apart([scale.y(line.values[max(line.values)]) for line in lines])
    parts = [
        *_grid(scale, title, units),
        *(_drawn(scale, line) for line in lines),
        *(
            f'<text x="{WIDTH - RIGHT + 10}" y="{height + 4:.1f}" fill="{line.colour}" '
            f'font-weight="600">{line.name}</text>'
            for line, height in zip(lines, names, strict=True)
        ),
    ]
    place = f"translate({WIDTH * (number % 2)} {HEIGHT * (number // 2)})"
    return f'<g transform="{place}">\n' + "\n".join(parts) + "\n</g>"


def _grid(scale: Scale, title: str, units: tuple[str, str]) -> Iterator[str]:
    yield f'<text x="{LEFT}" y="20" font-size="13" font-weight="600">{title}</text>'
    yield f'<text x="{LEFT}" y="36" fill="#555">{units[0]}</text>'
    for step in range(5):
        value = scale.top * step / 4
        yield f'<path d="M{LEFT} {scale.y(value):.1f}h{INNER}" stroke="#e3e6e8"/>'
        at = f'x="{LEFT - 6}" y="{scale.y(value) + 4:.1f}"'
        yield f'<text {at} text-anchor="end">{value:,.0f}</text>'
    for place in scale.places:
        at = f'x="{scale.x(place):.1f}" y="{HEIGHT - 22}"'
        yield f'<text {at} text-anchor="middle">{place}</text>'
    at = f'x="{LEFT + INNER / 2:.0f}" y="{HEIGHT - 8}"'
    yield f'<text {at} text-anchor="middle" fill="#555">{units[1]}</text>'


def _drawn(scale: Scale, line: Line) -> str:
    points = [(scale.x(place), scale.y(value)) for place, value in line.values.items()]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
    return (
        f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2"/>'
        f'<g fill="{line.colour}">{dots}</g>'
    )


def _apart(heights: Sequence[float]) -> list[float]:
    """Heights of names, as near to their lines as leaves a line's height between any two."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    found = list(heights)
    last = float(TOP - LINE)
    for each in order:
        last = found[each] = max(found[each], last + LINE)
    last = float(HEIGHT - BOTTOM + LINE)
    for each in reversed(order):
        last = found[each] = min(found[each], last - LINE)
    return found


def _round(value: float) -> float:
    """The next number that four steps of a grid divide well."""
    for factor in (1, 2, 4, 8, 10, 20, 40, 80, 100, 200, 400, 800):
        for base in (1, 1.2, 1.6, 2):
            if base * factor * 10 >= value:
                return base * factor * 10
    return value
