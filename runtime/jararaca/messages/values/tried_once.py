"""Unions whose variants nothing tells apart: within one message each value is tried once.

pydantic tries every variant, also once one fits. Where two lead back to the union, a value that is
nested forty deep would be tried 2**40 times: a body of 300 bytes would occupy a worker for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError
from pydantic_core import core_schema as core

from jararaca.messages.values.shown_values import MOST_REASONS

Schema = dict[str, Any]
Resolve = Callable[[CoreSchema], CoreSchema]

MOST_LISTED = 1_000
"""Of more reasons than that only their number is told: each level of a value may double them."""
_OBJECTS = frozenset({"model", "model-fields", "typed-dict", "dataclass", "dict"})
_ARRAYS = frozenset({"list", "tuple", "set", "frozenset", "generator"})
_PARTS = _ARRAYS | {"dict", "model-field", "typed-dict-field", "dataclass-field"}
_UNKNOWN = frozenset({"root", "union", "tagged-union"})
ROOT = "jararaca_root"
"""Marks, in the metadata of a core schema, a class of a value that need not be an object."""

_Known = dict[tuple[object, int], tuple[Any, Any, ValidationError | None]]


class _Message(threading.local):
    """What was tried of the message that this thread validates: by union and value."""

    def __init__(self) -> None:
        self.known: _Known | None = None


_MESSAGE = _Message()


def with_parts_tried_once(schema: Schema, resolve: Resolve) -> Schema:
    """A core schema whose items, values or fields remember what was tried, where it is a union.

    A union within a union is about the same value, and remembers nothing: they may be hundreds.
    """
    if schema.get("type") in _PARTS:
        for key in ("schema", "items_schema", "values_schema"):
            part = schema.get(key)
            if isinstance(part, dict):
                schema[key] = _tried_once(part, resolve)
            elif isinstance(part, list):
                schema[key] = [_tried_once(each, resolve) for each in part]
    return schema


def _tried_once(schema: Schema, resolve: Resolve) -> Schema:
    if schema.get("type") in ("default", "nullable"):
        return {**schema, "schema": _tried_once(schema["schema"], resolve)}
    if not _may_be_ambiguous(schema, resolve):
        return schema
    return cast(
        Schema,
        core.no_info_wrap_validator_function(
            _remembering(schema.get("schema_ref")), cast(CoreSchema, schema)
        ),
    )


def _may_be_ambiguous(schema: Schema, resolve: Resolve) -> bool:
    try:
        union = _inside(schema, resolve)
    except LookupError:
        return True  # An alias that leads back to itself.
    if union["type"] == "root":
        return True
    if union["type"] != "union":
        return False
    kinds = [_kind(item[0] if isinstance(item, tuple) else item) for item in union["choices"]]
    unknown = kinds.count("unknown")
    return any(kinds.count(kind) + unknown > 1 for kind in ("object", "array"))


def _inside(schema: Schema, resolve: Resolve) -> Schema:
    """What a value is held against in the end. Raises LookupError where that is being made."""
    while True:
        if schema["type"] == "definition-ref":
            schema = cast(Schema, resolve(cast(CoreSchema, schema)))
        elif schema.get("metadata", {}).get(ROOT):
            return {"type": "root"}
        elif schema["type"] in _OBJECTS and not schema.get("root_model"):
            return schema
        elif isinstance(schema.get("schema"), dict):
            schema = schema["schema"]
        else:
            return schema


def _kind(schema: Schema) -> str:
    """What a variant looks into."""

    def not_followed(_: CoreSchema) -> CoreSchema:
        raise LookupError

    try:
        kind = _inside(schema, not_followed)["type"]
    except LookupError:
        return "unknown"
    if kind in _OBJECTS:
        return "object"
    return "array" if kind in _ARRAYS else "unknown" if kind in _UNKNOWN else "leaf"


def _remembering(ref: str | None) -> Callable[[Any, core.ValidatorFunctionWrapHandler], Any]:
    """What validates a union; a name is the same union wherever it stands."""
    name = ref or object()

    def union(value: Any, handler: core.ValidatorFunctionWrapHandler) -> Any:
        if not isinstance(value, dict | list) or not value:
            return handler(value)
        outer, key = _MESSAGE.known, (name, id(value))
        known = _MESSAGE.known = {} if outer is None else outer
        try:
            if key not in known:
                # The value is kept as long as its identity is.
                try:
                    known[key] = value, handler(value), None
                except ValidationError as error:
                    known[key] = value, None, _shortened(error, value)
            _, made, failed = known[key]
            if failed is not None:
                raise failed
            return made
        finally:
            _MESSAGE.known = outer

    return union


def _shortened(error: ValidationError, value: Any) -> ValidationError:
    """The first reasons of an error: with each level that it passes, their number may double."""
    count = error.error_count()
    if count <= MOST_REASONS:
        return error
    if count > MOST_LISTED:
        told = PydanticCustomError("union", "{count} values in it are wrong", {"count": count})
        return _of([InitErrorDetails(type=told, loc=(), input=value)])
    listed = error.errors(include_url=False)[:MOST_REASONS]
    return _of(
        [
            InitErrorDetails(
                type=PydanticCustomError(item["type"], "{text}", {"text": item["msg"]}),
                loc=item["loc"],
                input=item["input"],
            )
            for item in listed
        ]
    )


def _of(details: list[InitErrorDetails]) -> ValidationError:
    return ValidationError.from_exception_data("union", details)
