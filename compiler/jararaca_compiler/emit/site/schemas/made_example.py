"""A value made from a schema, for messages that the document gives no example of."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.site.schemas.flattening import FlatSchema, Flattener, Lookup
from jararaca_compiler.schemas.json_numbers import is_number
from jararaca_compiler.schemas.pattern_texts import matching
from jararaca_compiler.validation.values import first_error, validator_by

_OF_FORMAT = {
    "uuid": "3f1c9a5e-7d0b-4c2e-9a61-5b8f0e2d4c17",
    "date-time": "2026-01-31T09:30:00Z",
    "date": "2026-01-31",
    "time": "09:30:00Z",
    "duration": "PT15M",
    "email": "ada@example.com",
    "idn-email": "ada@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uri-reference": "/path",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "decimal": "12.50",
    "byte": "aGVsbG8=",
}
_DEEPEST = 12
_OPTIONAL_DEPTH = 4
_MOST_ITEMS = 20
_MOST_FIELDS = 60
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


@dataclass(frozen=True, slots=True)
class Absent:
    """No value was found."""


def made_example(payload: ir.Payload, lookup: Lookup) -> Any | Absent:
    """A value that is valid under the schema, the optional fields with it where it can be."""
    flattener = Flattener(lookup)
    validator = validator_by(payload.schema, lookup)
    if validator is None:
        return Absent()
    for depth in (_OPTIONAL_DEPTH, 1, 0):
        maker = _Maker(flattener.flat, depth)
        try:
            value = maker.made(payload.schema, "value", 0, ())
        except (_EndlessError, RecursionError):
            continue
        if first_error(validator, value) is None:
            return value
    return Absent()


class _EndlessError(Exception):
    """A schema requires itself, or more than is shown."""


@dataclass(frozen=True, slots=True)
class _Maker:
    """`optional` says down to which depth fields that are not required are made too."""

    flat: Callable[[Any], FlatSchema]
    optional: int

    def made(self, schema: Any, name: str, depth: int, above: tuple[str, ...]) -> Any:
        if depth > _DEEPEST:
            raise _EndlessError
        shape = self.flat(schema)
        for value in _carried(shape):
            return value
        above = (*above, *shape.refs)
        if shape.variants:
            return self._variant(shape, name, depth, above)
        return self._of_type(shape, name, depth, above)

    def _variant(self, shape: FlatSchema, name: str, depth: int, above: tuple[str, ...]) -> Any:
        """The first alternative that ends, with what is said beside the alternatives."""
        beside = {k: v for k, v in shape.schema.items() if k not in ("oneOf", "anyOf")}
        for variant in shape.variants:
            merged = {**beside, "allOf": [variant, *beside.get("allOf", ())]}
            try:
                return self.made(merged if beside else variant, name, depth + 1, above)
            except _EndlessError:
                continue
        raise _EndlessError

    def _of_type(self, shape: FlatSchema, name: str, depth: int, above: tuple[str, ...]) -> Any:
        kind = _kind(shape)
        if kind == "object":
            return self._object(shape, depth, above)
        if kind == "array":
            return self._array(shape, name, depth, above)
        if kind in ("integer", "number"):
            return _number(shape.schema, kind)
        if kind == "string":
            return _text(shape.schema, name)
        return {"boolean": True, "null": None}.get(kind)

    def _object(self, shape: FlatSchema, depth: int, above: tuple[str, ...]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, schema in shape.properties.items():
            required = name in shape.required
            if not required and (depth >= self.optional or self._is_above(schema, above)):
                continue
            if len(made) < _MOST_FIELDS or required:
                made[name] = self.made(schema, name, depth + 1, above)
        for name in sorted(shape.required - made.keys()):
            other = shape.other_keys if isinstance(shape.other_keys, dict) else {}
            made[name] = self.made(other, name, depth + 1, above)
        if not made and isinstance(shape.other_keys, dict) and depth < self.optional:
            made["key"] = self.made(shape.other_keys, "value", depth + 1, above)
        return made

    def _array(self, shape: FlatSchema, name: str, depth: int, above: tuple[str, ...]) -> list[Any]:
        if shape.tuple_items:
            return [self.made(item, name, depth + 1, above) for item in shape.tuple_items]
        least = shape.schema.get("minItems", 0)
        least = least if isinstance(least, int) else 0
        if least > _MOST_ITEMS:
            raise _EndlessError
        items = shape.items if shape.items is not None else {}
        if self._is_above(items, above) and not least:
            return []
        return [self.made(items, name, depth + 1, above)] * max(least, 1)

    def _is_above(self, schema: Any, above: tuple[str, ...]) -> bool:
        """Whether a part is, or lists, what it stands in."""
        shape = self.flat(schema)
        inner = self.flat(shape.items) if shape.items is not None else shape
        return bool({*shape.refs, *inner.refs} & {*above})


def _carried(shape: FlatSchema) -> Iterator[Any]:
    """The values that a schema itself shows, the best one first."""
    schema = shape.schema
    if "const" in schema:
        yield schema["const"]
    for key in ("examples", "enum"):
        if isinstance(schema.get(key), list):
            yield from schema[key][:1]
    yield from (schema[key] for key in ("example", "default") if key in schema)


def _kind(shape: FlatSchema) -> str:
    if shape.types:
        return shape.types[0]
    if shape.schema.get("type") in ("null", ["null"]):
        return "null"
    if shape.properties or shape.required or isinstance(shape.other_keys, dict):
        return "object"
    if shape.items is not None or shape.tuple_items:
        return "array"
    return "integer" if "minimum" in shape.schema or "maximum" in shape.schema else "string"


def _number(schema: Any, kind: str) -> int | float:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    step = schema.get("multipleOf")
    step = step if is_number(step) and step > 0 else 1
    if is_number(above):
        start = math.floor(above / step + 1) * step
    elif is_number(low):
        start = math.ceil(low / step) * step
    elif is_number(high) and high < step:
        start = math.floor(high / step) * step
    elif is_number(below) and below <= step:
        start = math.ceil(below / step - 1) * step
    else:
        start = step
    if kind == "number" and is_number(high) and start > high and is_number(low):
        start = low
    return int(start) if kind == "integer" else start


def _text(schema: Any, name: str) -> str:
    format = schema.get("format")
    if isinstance(format, str) and format in _OF_FORMAT:
        return _OF_FORMAT[format]
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        texts = [text for text in matching(pattern) if len(text) >= least]
        return texts[0] if texts else ""
    words = " ".join(_WORD.findall(name)).lower() or "text"
    text = words if len(words) >= least else words + "x" * (least - len(words))
    return text[:most] if isinstance(most, int) else text
