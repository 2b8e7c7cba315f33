"""Shapes that contain themselves: trees, comments with replies, linked lists.

An object that has the same fields at three depths, one below the other by the same way, is one
shape. What was counted at each depth is added up, so that nothing is said of one depth alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from jararaca_compiler.discovering.shapes.profile import Profile

Way = tuple[str, ...]
"""From an object to what is below it: names of fields, and these two."""

ITEMS, VALUES = "/items", "/values"

MOST_FIELDS_BETWEEN = 3
"""Fields on the way from an object to the next of its shape."""

MOST_LOOKED = 2_000
"""Places below an object that are compared with it."""

FEWEST_FIELDS = 2
COMMON = 0.5
"""Of its fields, so many are those of the next depth; those have few of their own."""

STRANGE = 0.25


def folded(profile: Profile) -> Profile:
    """The same, where each shape that contains itself stands once, and refers to itself below."""
    made = Profile.of(profile.kept())
    _fold(made)
    return made


def _fold(profile: Profile) -> None:
    ways: list[Way] = []
    while (way := _way_to_itself(profile, ways)) is not None:
        ways.append(way)
        _take_in(profile, ways)
    for _, below in _next(profile):
        if below.again is None:
            _fold(below)


def _take_in(profile: Profile, ways: list[Way]) -> None:
    """Add the objects at the ends of the ways to the one at their beginning, depth by depth."""
    found = True
    while found:
        found = False
        for way in ways:
            end = _at(profile, way)
            if end is not None and end.objects:
                end.again, profile.repeats = profile, True
                profile.merge(end.without_objects())
                found = True


def _way_to_itself(profile: Profile, known: list[Way]) -> Way | None:
    """The shortest way to an object of the same shape that has another below by the same way."""
    if profile.is_map or len(profile.fields) < FEWEST_FIELDS or profile.again is not None:
        return None
    waiting: deque[tuple[Way, Profile]] = deque([((), profile)])
    for _ in range(MOST_LOOKED):
        if not waiting:
            return None
        way, place = waiting.popleft()
        if way and way not in known and _alike(profile, place):
            further = _at(place, way)
            if further is not None and _alike(profile, further):
                return way
        if sum(step.startswith(".") for step in way) < MOST_FIELDS_BETWEEN:
            waiting.extend(((*way, step), below) for step, below in _next(place))
    return None


def _next(profile: Profile) -> Iterator[tuple[str, Profile]]:
    if profile.items is not None:
        yield ITEMS, profile.items
    if profile.values is not None:
        yield VALUES, profile.values
    yield from ((f".{name}", each) for name, each in profile.fields.items())


def _at(profile: Profile, way: Way) -> Profile | None:
    found: Profile | None = profile
    for step in way:
        found = None if found is None else dict(_next(found)).get(step)
    return found


def _alike(profile: Profile, other: Profile) -> bool:
    """Whether both are objects with mostly the same fields, of kinds that go together."""
    if not other.objects or other.is_map or not other.fields:
        return False
    mine, theirs = profile.fields, other.fields
    common = mine.keys() & theirs.keys()
    if len(common) < COMMON * len(mine) or len(theirs) - len(common) > STRANGE * len(mine):
        return False
    return all(_go_together(mine[name], theirs[name]) for name in common)


def _go_together(one: Profile, other: Profile) -> bool:
    mine, theirs = _kinds(one), _kinds(other)
    return not mine or not theirs or bool(mine & theirs)


def _kinds(profile: Profile) -> set[str]:
    told = {
        "boolean": profile.booleans,
        "number": profile.integers or profile.numbers,
        "text": profile.texts.count,
        "array": profile.arrays,
        "object": profile.objects or profile.again is not None,
    }
    return {kind for kind, there in told.items() if there}
