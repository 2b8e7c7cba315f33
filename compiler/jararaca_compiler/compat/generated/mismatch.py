"""Two packages -> the units in which they differ, as small as they can be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from jararaca_compiler.compat.generated.unit import Key, Unit, Units

_CLASS = re.compile(r"\b[A-Z]\w*")
_ANCHORS = {"route": "operation", "clock": "message"}
"""The unit of a row of a table without which there is no row."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A unit that differs; None on the side that does not have it.

    `uses` are the names of the fields that its class is the type of.
    """

    key: Key
    old: Unit | None
    new: Unit | None
    uses: frozenset[str] = frozenset()

    @property
    def words(self) -> frozenset[str]:
        """By what a change may name it."""
        return frozenset(w for unit in (self.old, self.new) if unit is not None for w in unit.words)

    @property
    def texts(self) -> tuple[str, str]:
        """What was said and what is."""
        old, new = ("nothing" if unit is None else unit.text for unit in (self.old, self.new))
        return old, new


def mismatches(
    old: Units, new: Units, renamed: Mapping[str, str], known: Iterable[tuple[str, str]] = ()
) -> Iterator[Mismatch]:
    """What differs; `renamed` has the new names of classes by their old ones, `known` classes with
    fields that have them.

    What belongs to a class, a field or a row of one revision alone is told with it.
    """
    before = dict(_called_anew(old, renamed))
    uses = _uses(before) | _uses(new) | set(known)
    for key in dict.fromkeys((*before, *new)):
        was, now = before.get(key), new.get(key)
        is_same = was is not None and now is not None and was.text == now.text
        if not is_same and not any((a in before) != (a in new) for a in _above(key)):
            used = (word for name, word in uses if name == key.owner.rpartition(".")[2])
            yield Mismatch(key, was, now, frozenset(used))


def _uses(units: Units) -> set[tuple[str, str]]:
    """Each class with the name of a field that has it in its type."""
    return {
        (name, word)
        for key, unit in units.items()
        if key.kind == "type"
        for name in _CLASS.findall(unit.text)
        for word in unit.words
    }


def _above(key: Key) -> Iterator[Key]:
    """The units without which there is none of this key."""
    if key.kind in _ANCHORS:
        anchor = Key(key.kind, key.owner, _ANCHORS[key.kind])
        if anchor != key:
            yield anchor
        return
    if key.kind == "topology":
        return
    if key.kind in ("wire", "default", "check"):
        yield Key("type", key.owner, key.name)
    owner = key.owner if key.kind != "class" else key.owner.rpartition(".")[0]
    while owner and owner != "schemas":
        yield Key("class", owner)
        owner = owner.rpartition(".")[0]


def _called_anew(units: Units, renamed: Mapping[str, str]) -> Iterator[tuple[Key, Unit]]:
    if not renamed:
        yield from units.items()
        return
    words = re.compile(rf"\b(?:{'|'.join(map(re.escape, renamed))})\b")

    def now(text: str) -> str:
        return words.sub(lambda match: renamed[match.group()], text)

    for key, unit in units.items():
        yield Key(key.kind, now(key.owner), now(key.name)), Unit(now(unit.text), unit.words)
