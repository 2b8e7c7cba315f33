"""Reading what violates its schema and can still be typed: the same classes, without the checks.

What a check is and what a type: `maxLength`, `pattern`, `minimum`, `minItems`, and that an object
is closed, say which values of a type are valid. A text where a number should be, a missing
property, a value beside an enum or a constant are no value of the type at all; who has code for
the type cannot be given them, and they are not loosened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from pydantic import BaseModel
from pydantic_core import CoreSchema, SchemaValidator

from jararaca.messages.values.strictness import number

Schema = dict[str, Any]

UNCHECKED = "__jararaca_unchecked__"
"""The attribute of a function in a core schema that checks: what takes its place; None: nothing."""

_LOOSE = "~"
"""Behind the name of a definition: it is the loosened one."""

_CHECKS = frozenset({"pattern", "min_length", "max_length", "ge", "gt", "le", "lt", "multiple_of"})
_LEAVES = frozenset({"str", "int", "float", "bytes"})
_INSIDE = frozenset(
    {
        *("list", "set", "frozenset", "tuple", "dict", "nullable", "default", "custom-error"),
        *("model", "model-fields", "model-field", "typed-dict", "typed-dict-field"),
        *("tagged-union", "union", "chain", "definitions"),
    }
)
"""What is looked into; whatever else there is, a validator of somebody's above all, stays whole."""

_COMPLETE = "__pydantic_complete__"
_SCHEMAS = ("schema", "items_schema", "keys_schema", "values_schema", "extras_schema")
_MANY = ("steps", "choices", "items_schema")
_BY_NAME = ("choices", "fields")
_SHAPES = frozenset({"model", "definition-ref", "typed-dict", "dict", "list", "tuple"})


@contextmanager
def _built_anew(schema: CoreSchema) -> Iterator[None]:
    """Inside, pydantic does not take the validators that classes have already, which check."""
    classes = [cls for cls in _classes(schema) if cls.__dict__.get(_COMPLETE)]
    for cls in classes:
        setattr(cls, _COMPLETE, False)
    try:
        yield
    finally:
        for cls in classes:
            setattr(cls, _COMPLETE, True)


def _classes(schema: Any) -> set[type]:
    """The models of a core schema."""
    found: set[type] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if part.get("type") == "model":
                found.add(part["cls"])
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            waiting.extend(part)
    return found


@cache
def loose_validator(cls: type[BaseModel]) -> SchemaValidator:
    """Reads values of a class that violate its checks; it leaves out what the class forbids."""
    cls.model_rebuild()
    with _built_anew(cls.__pydantic_core_schema__):
        return SchemaValidator(loosened(cls.__pydantic_core_schema__))


def loosened(schema: CoreSchema) -> CoreSchema:
    """The core schema without its checks, where these do not tell variants apart."""
    return cast(CoreSchema, _loose(cast(Schema, schema)))


def _loose(schema: Schema) -> Schema:
    kind = str(schema.get("type"))
    if kind in _LEAVES:
        return _without_checks(schema)
    if kind == "definition-ref":
        return {**schema, "schema_ref": schema["schema_ref"] + _LOOSE}
    if kind.startswith("function-"):
        return _unchecked(schema)
    if kind == "union" and schema.get("custom_error_type") == "number":
        return number({"type": "float"})
    if kind not in _INSIDE or _is_read_from_text(schema) or _tells_apart(schema):
        return schema
    changed = _open(_named(_without_checks(schema)))
    for key in _SCHEMAS:
        if isinstance(schema.get(key), dict):
            changed[key] = _loose(schema[key])
    for key in _MANY:
        if isinstance(schema.get(key), list):
            changed[key] = [_choice(item) for item in schema[key]]
    for key in _BY_NAME:
        if isinstance(schema.get(key), dict):
            changed[key] = {name: _loose(item) for name, item in schema[key].items()}
    if kind == "definitions":
        changed["definitions"] = [*schema["definitions"], *map(_loose, schema["definitions"])]
    return changed


def _choice(item: Any) -> Any:
    return (_loose(item[0]), item[1]) if isinstance(item, tuple) else _loose(item)


def _without_checks(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key not in _CHECKS}


def _named(schema: Schema) -> Schema:
    """A definition under the name that loosened references have."""
    return {**schema, "ref": schema["ref"] + _LOOSE} if "ref" in schema else schema


def _open(schema: Schema) -> Schema:
    """A closed object takes undeclared properties, and leaves them out: its class has none."""
    if schema.get("extra_behavior") == "forbid":
        schema["extra_behavior"] = "ignore"
    config = schema.get("config")
    if isinstance(config, Mapping) and config.get("extra_fields_behavior") == "forbid":
        schema["config"] = {**config, "extra_fields_behavior": "ignore"}
    return schema


def _unchecked(schema: Schema) -> Schema:
    """A check of ours is dropped, or replaced by its loose twin; a function of others stays."""
    checking = schema["function"]["function"]
    instead: Callable[..., Any] | None = getattr(checking, UNCHECKED, checking)
    if instead is checking:
        return schema
    if instead is None:
        return _named_like(schema, _loose(schema["schema"]))
    function = {**schema["function"], "function": instead}
    return _named({**schema, "function": function, "schema": _loose(schema["schema"])})


def _named_like(outer: Schema, inner: Schema) -> Schema:
    return {**inner, "ref": outer["ref"] + _LOOSE} if "ref" in outer else inner


def _is_read_from_text(schema: Schema) -> bool:
    """A date, a UUID and their like: the pattern says how they are written, which is their type."""
    steps = schema.get("steps", ())
    return bool(steps) and steps[0].get("type") == "str" and "pattern" in steps[0]


def _tells_apart(schema: Schema) -> bool:
    """Whether several shapes are tried in turn: without checks the first could take them all."""
    if schema["type"] != "union":
        return False
    choices = (item[0] if isinstance(item, tuple) else item for item in schema["choices"])
    return sum(_is_shape(choice) for choice in choices) > 1


def _is_shape(schema: Schema) -> bool:
    while "schema" in schema and schema["type"] not in _SHAPES:
        schema = schema["schema"]
    return schema["type"] in _SHAPES
