"""Checks whose definitions would be tried again and again: each is tried once for each value.

Of schemas that follow one another, each twice in the one before (as `then` and `else` of one
property, say), the last of forty is tried 2**40 times with a value that is as deep. jsonschema-rs
remembers what it found of an object or array where a reference leads to a definition that is still
being compiled, as one within itself is. So here all are compiled within one another, behind an
`if` that never holds; what refers to them is compiled where all of them are begun.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MOST_WAYS = 500
"""In how many ways one part of a value may be reached; what has fewer is faster as it is."""
_LISTS = ("allOf", "anyOf", "oneOf")
_SAME = ("not", "if", "then", "else")
_PREFIX = "#/$defs/"
_DATA = frozenset({"const", "enum", "required", "dependentRequired"})
_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas"})


class Ways:
    """In how many ways a check leads to one part of a value, at the most."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._known: dict[str, int] = {}

    def are_many(self, schema: Any) -> bool:
        """Whether they multiply; what is within itself is remembered anyway, and counts once."""
        for name in _named(schema):
            self._count(name)
        return self._of(schema) > MOST_WAYS

    def _count(self, name: str) -> None:
        way, begun = [(name, _named(self._definitions[name]))], {name}
        while way:
            here, below = way[-1]
            following = next((each for each in below if each not in begun), None)
            if following is None:
                self._known[here] = self._of(self._definitions[here])
                way.pop()
            elif following not in self._known:
                begun.add(following)
                way.append((following, _named(self._definitions[following])))

    def _of(self, schema: Any) -> int:
        if not isinstance(schema, Mapping):
            return 1
        same = sum(self._of(part) for part in _about_the_same(schema))
        if isinstance(schema.get("$ref"), str):
            same += self._known.get(schema["$ref"].removeprefix(_PREFIX), 1)
        named, listed = (
            [self._of(part) for part in parts]
            for parts in (schema.get("properties", {}).values(), schema.get("prefixItems", ()))
        )
        others = [
            schema[k] for k in ("additionalProperties", "unevaluatedProperties") if k in schema
        ]
        others += schema.get("patternProperties", {}).values()
        items = [schema[key] for key in ("items", "contains", "unevaluatedItems") if key in schema]
        below = (
            max(named, default=0) + sum(map(self._of, others)),
            max(listed, default=0) + sum(map(self._of, items)),
        )
        return min(max(same + max(below), 1), MOST_WAYS + 1)


def checked_once(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same check, whose definitions are each tried once for an object or array."""
    definitions = schema["$defs"]
    body = _led({key: value for key, value in schema.items() if key != "$defs"})
    inside: dict[str, Any] = {"allOf": [{"$ref": f"{_PREFIX}{name}"} for name in definitions]}
    made = {name: _led(each) for name, each in definitions.items()}
    for name in definitions:
        made[_once(name)] = {"allOf": [_never(inside), {"$ref": f"{_PREFIX}{name}"}]}
        inside = {"$ref": f"{_PREFIX}{_once(name)}"}
    return {"allOf": [_never(inside), body], "$defs": made}


def _never(schema: dict[str, Any]) -> dict[str, Any]:
    """What is compiled here, and asks for nothing."""
    return {"if": False, "then": schema}


def _once(name: str) -> str:
    return f"{name}.once"


def _led(schema: Any) -> Any:
    """A schema whose references lead to the definitions that are tried once."""
    if isinstance(schema, list):
        return [_led(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _BY_NAME and isinstance(value, Mapping):
            made[key] = {name: _led(item) for name, item in value.items()}
        elif key == "$ref":
            made[key] = _once(str(value))
        else:
            made[key] = value if key in _DATA else _led(value)
    return made


def _named(schema: Any) -> Iterator[str]:
    """The definitions that a schema refers to, one after the other."""
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, Mapping):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"].removeprefix(_PREFIX)
            for key, value in part.items():
                if key in _BY_NAME and isinstance(value, Mapping):
                    waiting += value.values()
                elif key not in _DATA:
                    waiting.append(value)


def _about_the_same(schema: Mapping[str, Any]) -> Iterator[Any]:
    """The parts of a schema that are held against the same value."""
    for key in _LISTS:
        yield from schema.get(key, ())
    yield from (schema[key] for key in _SAME if key in schema)
    yield from schema.get("dependentSchemas", {}).values()
