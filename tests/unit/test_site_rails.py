"""Lines that have an end in common share one rail, and no line lies on another one."""

from __future__ import annotations

import re

from jararaca_compiler.emit.site.diagrams.rails import paths
from jararaca_compiler.emit.site.diagrams.shapes import Box, Node


def box(name: str, column: int, y: int) -> Box:
    node = Node(name, column, name, "", None, "own")
    return Box(node, name, "", column * 200, y, 100, 44)


def rail(path: str) -> int:
    found = re.search(r"V\d+Q(\d+)", path)
    assert found is not None, path
    return int(found[1])


def test_a_fan_has_one_rail_and_a_straight_line_none() -> None:
    start, ends = box("shop", 0, 200), [box(f"t{n}", 1, n * 100) for n in range(5)]
    found = paths([(start, end) for end in ends])
    assert len({rail(path) for number, path in enumerate(found) if number != 2}) == 1
    assert "V" not in found[2]
    into = paths([(box(f"t{n}", 0, n * 100), box("bank", 1, 200)) for n in (0, 1, 3)])
    assert len({rail(path) for path in into}) == 1


def test_a_line_that_comes_where_another_goes_on_turns_off_before_it() -> None:
    # The one begins at the height at which the other ends.
    low, high = box("low", 0, 200), box("high", 0, 0)
    to_top, to_low = box("top", 1, 400), box("there", 1, 200)
    for order in (1, -1):
        pairs = [(low, to_top), (high, to_low)][::order]
        first, second = (rail(path) for path in paths(pairs)[::order])
        assert first < second
