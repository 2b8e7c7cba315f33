"""Defaults of properties, at any depth: what a class has where a value has none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

import jsonschema_rs

from jararaca_compiler.schemas.checked_formats import CHECKS
from jararaca_compiler.verification.ends import size

Path = tuple[str | int, ...]
_MOST_VALUES = 40
_MOST_PARTS = 500_000
"""Parts of values that are read with a default and without it: of large ones fewer are tried."""
_DEEPEST = 12
_ABSENT = object()


class Missing(NamedTuple):
    """A property that an object of a value leaves out, and that has a default."""

    path: Path
    name: str
    default: Any

    @property
    def place(self) -> tuple[Any, ...]:
        """What is the same in every item of a list."""
        return (*(0 if isinstance(step, int) else step for step in self.path), self.name)


@dataclass(frozen=True, slots=True)
class Defaults:
    """Looks for what has a default in values of one message."""

    definitions: Mapping[str, Any]
    _judges: dict[int, Any] = field(default_factory=dict)

    def wrong(self, read: Callable[[Any], Any], schema: Any, valid: Iterable[Any]) -> str | None:
        """The first default that is not what `read` makes of it, as a sentence.

        One that is refused is none, and neither may be one that holds objects.
        """
        tried: set[tuple[Any, ...]] = set()
        if not _has_default(schema) and not any(map(_has_default, self.definitions.values())):
            return None
        left = _MOST_PARTS
        for value in islice(valid, _MOST_VALUES):
            parts = size(value)
            for missing in self._missing(schema, value, ()):
                if missing.place not in tried and left > 0:
                    left -= parts
                    is_tried, reason = _difference(read, value, missing)
                    if reason is not None:
                        return reason
                    if is_tried:
                        tried.add(missing.place)
        return None

    def _missing(self, schema: Any, value: Any, path: Path) -> Iterator[Missing]:
        if not isinstance(value, dict | list) or len(path) > _DEEPEST:
            return
        parts = list(self._parts(schema, value))
        if isinstance(value, list):
            yield from self._of_items(parts, value, path)
            return
        named = {name for part in parts for name in part.get("properties", ())}
        for name in named:
            below = [p["properties"][name] for p in parts if name in p.get("properties", ())]
            if name in value:
                yield from self._missing({"allOf": below}, value[name], (*path, name))
                continue
            found = [default for each in below for default in self._defaults(each)]
            if found and all(default == found[0] for default in found):
                yield Missing(path, name, found[0])
        rest = [p["additionalProperties"] for p in parts if "additionalProperties" in p]
        if not any("patternProperties" in part for part in parts):
            for name in value.keys() - named:
                yield from self._missing({"allOf": rest}, value[name], (*path, name))

    def _of_items(self, parts: list[Any], value: list[Any], path: Path) -> Iterator[Missing]:
        for index, item in enumerate(value[:3]):
            below = [
                (
                    p["prefixItems"][index]
                    if index < len(p.get("prefixItems", ()))
                    else p.get("items", True)
                )
                for p in parts
            ]
            yield from self._missing({"allOf": below}, item, (*path, index))

    def _parts(self, schema: Any, value: Any) -> Iterator[dict[str, Any]]:
        """The schemas that hold for a value, and of variants those that allow it."""
        waiting = [schema]
        while waiting:
            each = waiting.pop()
            if not isinstance(each, dict):
                continue
            yield each
            waiting += self._above(each)
            variants = [v for key in ("anyOf", "oneOf") for v in each.get(key, ())]
            waiting += [v for v in variants if isinstance(v, dict) and self._allows(v, value)]

    def _above(self, schema: dict[str, Any]) -> list[Any]:
        ref = schema.get("$ref")
        led = [] if ref is None else [self.definitions[ref.rpartition("/")[2]]]
        return [*led, *schema.get("allOf", ())]

    def _defaults(self, schema: Any) -> list[Any]:
        """Its own default, or those of what it is made of."""
        if not isinstance(schema, dict):
            return []
        if "default" in schema:
            return [schema["default"]]
        return [default for part in self._above(schema) for default in self._defaults(part)]

    def _allows(self, schema: dict[str, Any], value: Any) -> bool:
        if id(schema) not in self._judges:
            self._judges[id(schema)] = jsonschema_rs.Draft202012Validator(
                {"allOf": [schema], "$defs": self.definitions},
                validate_formats=True,
                formats=CHECKS,
            )
        return bool(self._judges[id(schema)].is_valid(value))


def _has_default(schema: Any) -> bool:
    return '"default"' in json.dumps(schema)


def _difference(
    read: Callable[[Any], Any], value: Any, missing: Missing
) -> tuple[bool, str | None]:
    """Whether a default could be tried, and what is wrong with it."""
    path, name, default = missing
    try:
        given, made = read(_with(value, path, name, default)), read(value)
    except Exception:
        return False, None  # What is refused is told by `_disagreement`, or is no default.
    expected, found = (part_of(each, (*path, name), _ABSENT) for each in (given, made))
    if expected is _ABSENT or found is _ABSENT:
        return False, None
    if found == expected or (found is None and "{" in json.dumps(default)):
        return True, None
    where = json.dumps("/".join(str(step) for step in (*path, name)))
    return True, f"{where} is {found!r:.100} by default, and should be {expected!r:.100}"


def _with(value: Any, path: Path, name: str, default: Any) -> Any:
    """The value with a property more, in the object that the path leads to."""
    if not path:
        return {**value, name: default}
    step, *rest = path
    changed = _with(value[step], tuple(rest), name, default)
    if isinstance(step, int):
        return [*value[:step], changed, *value[step + 1 :]]
    return {**value, step: changed}


def part_of(made: Any, path: Path, absent: Any = None) -> Any:
    """What a path of the body leads to in what was read of it; `absent` where that has no class."""
    for number, step in enumerate(path, 1):
        while getattr(type(made), "__pydantic_root_model__", False):
            made = made.root
        if hasattr(type(made), "model_fields"):
            made = _of_field(made, step, absent)
        elif isinstance(step, int):
            made = made[step] if isinstance(made, list | tuple) else absent
        elif isinstance(made, dict) and number < len(path):
            made = made.get(step, absent)
        else:
            return absent
    return made


def _of_field(made: Any, key: str | int, absent: Any) -> Any:
    for name, each in type(made).model_fields.items():
        if (each.alias or name) == key:
            return getattr(made, name)
    return absent
