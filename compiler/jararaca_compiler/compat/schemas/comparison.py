"""Two schemas side by side, place by place: what changed, where, and what that does."""

from __future__ import annotations

from dataclasses import dataclass, field

from jararaca_compiler.compat.proof.prover import Prover
from jararaca_compiler.compat.proof.relation import relate
from jararaca_compiler.compat.schemas import items, properties, variants
from jararaca_compiler.compat.schemas.difference import SAME, Difference, reconciled
from jararaca_compiler.compat.schemas.frame import Frame, Key, Schemas
from jararaca_compiler.compat.schemas.limits import limits
from jararaca_compiler.compat.schemas.view import View, view
from jararaca_compiler.documents.source import unescape
from jararaca_compiler.lower.message_names import CLASS_NAME
from jararaca_compiler.naming import class_name, component_key

_DEEPEST = 16
_MOST_COMPARISONS = 2_000


@dataclass(slots=True)
class Found:
    """Differences, and the comparisons under way that further ones are left to."""

    drafts: list[Difference] = field(default_factory=list)
    left_to: set[Key] = field(default_factory=set)

    def add(self, other: Found) -> None:
        """Take in what was found of a part."""
        self.drafts += other.drafts
        self.left_to |= other.left_to


class SchemaComparison:
    """Compares what stands at the same place in two contracts, and remembers what is the same."""

    def __init__(self, prover: Prover) -> None:
        self.prover = prover
        self._open: list[Key] = []
        self._clean: set[Key] = set()
        self._left = 0
        self._views: dict[Schemas, View] = {}

    def compare(self, old: Schemas, new: Schemas, subject: str) -> list[Difference]:
        """What differs between all of the old and all of the new schemas, of which the first is
        shown; `subject` is what they describe, like `Order.items`.
        """
        self._left = _MOST_COMPARISONS
        return self.at(Frame(old, new, subject, new[0])).drafts

    def at(self, frame: Frame) -> Found:
        """The differences at a place and below it."""
        key = frame.key
        if key in self._clean:
            return Found()
        if key in self._open:
            return Found([], {key})
        self._left -= 1
        self._open.append(key)
        found = self._parts(self._view(frame.old), self._view(frame.new), frame)
        self._open.pop()
        found.left_to -= {key}
        whole = relate(self.prover, frame.old, frame.new)
        found.drafts = reconciled(found.drafts, whole, frame, bool(found.left_to))
        if not found.drafts and not found.left_to:
            self._clean.add(key)
        return found

    def _view(self, schemas: Schemas) -> View:
        if schemas not in self._views:
            self._views[schemas] = view(schemas)
        return self._views[schemas]

    def _parts(self, old: View, new: View, frame: Frame) -> Found:
        found = Found([*limits(self.prover, old, new, frame), *_renamed(old, new, frame)])
        if len(self._open) > _DEEPEST or self._left < 0:
            return found
        choices = variants.sides(old, new)
        if choices is None or not choices.are_all:
            found.drafts += properties.came_and_went(self.prover, old, new, frame)
            for below in (*properties.lasting(old, new, frame), *items.lasting(old, new, frame)):
                found.add(self.at(below))
        if choices is not None:
            found.drafts += variants.came_and_went(self.prover, choices, frame)
            for below in variants.lasting(self.prover, choices, frame):
                found.add(self.at(below))
        return found


def _name(ref: str) -> str:
    """What a schema is called where it stands; a whole file by the file."""
    last = unescape(ref.rpartition("/")[2])
    return last.partition(".")[0] if last.endswith("#") else last


def _class_of(name: str, view: View) -> str:
    """What a shared schema's class is called: published, it may say so."""
    said = (atom.keys.get(CLASS_NAME) for atom in view.atoms)
    return next((name for name in said if isinstance(name, str)), class_name(name))


def _renamed(old: View, new: View, frame: Frame) -> list[Difference]:
    """A shared schema under another name: its class is called differently."""
    names = [
        [_name(ref) for ref in (s.keys.get("$ref") for s in side.schemas) if isinstance(ref, str)]
        for side in (old, new)
    ]
    if len(names[0]) != 1 or len(names[1]) != 1 or names[0][0].isdecimal():
        return []  # An item of a list has no name of its own.
    if names[0][0] == "payload":
        return []  # Nor has a message's: it is called after the message.
    if component_key(names[0][0]) == component_key(names[1][0]):
        return []
    if _class_of(names[0][0], old) == _class_of(names[1][0], new):
        return []
    values = {"old": names[0][0], "new": names[1][0]}
    return [Difference("schema-renamed", frame, SAME, False, "$ref", values)]
