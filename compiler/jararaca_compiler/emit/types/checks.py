"""A part of a schema as a JSON Schema that stands alone: its references lead to its `$defs`.

What many checks refer to stands once, in `definitions.py`: written out in each, a catalogue of
schemas that refer to one another would be as often in the output as it has schemas.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jararaca_compiler.emit.python.formatting import Code, flat
from jararaca_compiler.emit.types.keywords import (
    BY_NAME,
    IN_PLACE,
    asserted,
    reference_among,
    says_text,
)
from jararaca_compiler.emit.types.schemas import Schemas

DEFINITIONS = Code("DEFINITIONS")
"""The definitions of `definitions.py`, as a check names them."""
LONGEST = 300
"""The characters of definitions that a check has within itself; it refers to more than that."""
_REPEATABLE = frozenset({"allOf", "anyOf"})
"""Where a schema that is said twice says no more, and takes a validator twice the time."""
_DATA = frozenset({"const", "enum", "required", "type", "dependentRequired"})


class Bundler:
    """Makes checks; `name` gives the class name of a place, which names its entry in `$defs`.

    `notes` are the keywords that are kept although they assert nothing.
    """

    def __init__(
        self,
        schemas: Schemas,
        name: Callable[[str], str],
        notes: frozenset[str] = frozenset(),
    ) -> None:
        self._schemas = schemas
        self._notes = notes
        self._name = name
        self._copies: dict[str, Any] = {}
        self._below: dict[str, set[str]] = {}
        self._waiting: list[tuple[str, Any]] = []
        self._referred: set[str] = set()

    def bundle(self, schema: Any, is_text: bool = False) -> Any:
        """The schema without its notes, and with everything that it refers to.

        `is_text` says that a `type` beside it allows texts: then its formats are no notes.
        """
        body, names = self._parted(schema, is_text)
        if not names:
            return body
        needed = self._closed(names, LONGEST)
        if needed is None:
            self._referred |= names
            return {**body, "$defs": DEFINITIONS}
        return {**body, "$defs": {name: self._copies[name] for name in sorted(needed)}}

    def parted(self, schema: Any) -> tuple[Any, set[str]]:
        """The schema, and the names of all `copies` that it leads to."""
        body, names = self._parted(schema)
        return body, self._closed(names) or set()

    @property
    def copies(self) -> dict[str, Any]:
        """Everything that was referred to so far, by name."""
        return self._copies

    def _parted(self, schema: Any, is_text: bool = False) -> tuple[Any, set[str]]:
        names: set[str] = set()
        body = self._copy(schema, names, is_text)
        while self._waiting:
            name, value = self._waiting.pop()
            self._copies[name] = self._copy(value, self._below.setdefault(name, set()))
        return body, names

    def together(self, one: Any, other: Any) -> Any:
        """What holds where both checks do."""
        found = [part["$defs"] for part in (one, other) if "$defs" in part]
        bodies = [{k: v for k, v in part.items() if k != "$defs"} for part in (one, other)]
        body: dict[str, Any] = {"allOf": bodies}
        if not bodies[0].keys() & bodies[1].keys():
            body = {**bodies[0], **bodies[1]}
        if not found:
            return body
        if DEFINITIONS in found:
            self._referred |= {name for each in found if isinstance(each, dict) for name in each}
            return {**body, "$defs": DEFINITIONS}
        return {**body, "$defs": {name: s for each in found for name, s in each.items()}}

    def definitions(self) -> dict[str, Any]:
        """What the checks refer to, by name."""
        found: set[str] = set()
        waiting = set(self._referred)
        while waiting:
            found |= waiting
            waiting = {below for name in waiting for below in self._below[name]} - found
        return {name: self._copies[name] for name in sorted(found)}

    def _closed(self, names: Iterable[str], longest: int | None = None) -> set[str] | None:
        """The names and all that they refer to; None where that is longer when written out."""
        found: set[str] = set()
        waiting, length = set(names), 0
        while waiting:
            name = waiting.pop()
            found.add(name)
            if longest is not None:
                length += len(flat(self._copies[name]))
                if length > longest:
                    return None
            waiting |= self._below[name] - found
        return found

    def _copy(self, schema: Any, names: set[str], is_text: bool = False) -> Any:
        if not isinstance(schema, Mapping):
            return schema
        result = {key: schema[key] for key in self._notes & schema.keys()}
        schema = reference_among(schema)
        if isinstance(schema.get("$ref"), str):
            result["$ref"] = self._reference(schema["$ref"], names)
        is_text = is_text or self._says_text(schema)
        for key, value in asserted(schema, is_text).items():
            inside = key == "propertyNames" or (is_text and key in IN_PLACE)
            if key in _DATA:
                result[key] = value
            elif key in BY_NAME and isinstance(value, Mapping):
                result[key] = {name: self._copy(item, names) for name, item in value.items()}
            elif isinstance(value, list):
                listed = [self._copy(item, names, inside) for item in value]
                result[key] = _distinct(listed) if key in _REPEATABLE else listed
            else:
                result[key] = self._copy(value, names, inside)
        return result

    def _says_text(self, schema: Mapping[str, Any]) -> bool:
        """Whether a schema, or what it is made of, says that its values may be texts."""
        flat = self._schemas.flat(schema).keywords if "allOf" in schema else schema
        return says_text(flat.get("type"))

    def _reference(self, ref: str, names: set[str]) -> str:
        found = self._schemas.follow(ref)
        name = self._name(f"{found.path}#{found.pointer}")
        names.add(name)
        if name not in self._copies:
            self._copies[name] = True
            self._waiting.append((name, found.value))
        return f"#/$defs/{name}"


def _distinct(schemas: list[Any]) -> list[Any]:
    """Each of them once; `true` and 1 are equal in Python, and not here."""
    return list({json.dumps(schema): schema for schema in schemas}.values())
