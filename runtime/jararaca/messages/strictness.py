"""What makes plain Python annotations as exact as JSON Schema: stricter core schemas for them.

pydantic reads "5" as an int and 5 as a date where it is lax, and neither 1.0 as an int nor a text
as a UUID where it is strict. JSON Schema (validation, section 6.1.1) says: 1.0 is an integer, true
is no number, and a date is a text. `exact` rewrites the leaves of a core schema to say the same, so
that everything stays in pydantic's Rust.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from pydantic_core import CoreSchema
from pydantic_core import core_schema as core

Schema = dict[str, Any]
Resolve = Callable[[CoreSchema], CoreSchema]

_ONE = ("schema", "items_schema", "keys_schema", "values_schema", "extras_schema", "extras_keys")
_BOTH = ("lax_schema", "strict_schema", "json_schema", "python_schema")
_MANY = ("steps", "choices", "items_schema")
_DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_EXACT = "jararaca"
_NO_ALIASES = ("model", "enum", "definition-ref")
_BOUNDS = ("ge", "gt", "le", "lt", "multiple_of")


def exact(schema: CoreSchema, resolve: Resolve) -> CoreSchema:
    """The core schema with JSON Schema's idea of each leaf; classes within have seen to theirs.

    `resolve` leads to what a reference refers to: an alias is made exact where it stands.
    """
    return cast(CoreSchema, _exact(cast(Schema, schema), resolve))


def _exact(schema: Schema, resolve: Resolve) -> Schema:
    kind = schema.get("type")
    leaf = _LEAVES.get(str(kind))
    if leaf is not None:
        return leaf(schema)
    if kind == "definition-ref":
        _exact_alias(schema, resolve)
    if kind in ("model", "definition-ref", "enum", "json-or-python"):
        return schema
    changed = dict(schema)
    for key in (*_ONE, *_BOTH):
        if isinstance(schema.get(key), dict):
            changed[key] = _exact(schema[key], resolve)
    for key in _MANY:
        if isinstance(schema.get(key), list):
            changed[key] = [_choice(item, resolve) for item in schema[key]]
    for key in ("choices", "fields"):
        if isinstance(schema.get(key), dict):
            changed[key] = {name: _exact(item, resolve) for name, item in schema[key].items()}
    return changed


def _choice(item: Any, resolve: Resolve) -> Any:
    return (_exact(item[0], resolve), item[1]) if isinstance(item, tuple) else _exact(item, resolve)


def _no_aliases(reference: CoreSchema) -> CoreSchema:
    raise LookupError(reference)


def _exact_alias(reference: Schema, resolve: Resolve) -> None:
    """Rewrite what an alias stands for, in place and once; an unfinished one is its maker's."""
    try:
        target = cast(Schema, resolve(cast(CoreSchema, reference)))
    except LookupError:
        return
    metadata = target.get("metadata", {})
    if target.get("type") in _NO_ALIASES or metadata.get(_EXACT):
        return
    target["metadata"] = {**metadata, _EXACT: True}
    made = _exact(target, resolve)
    target.clear()
    target.update(made)


def _strict(schema: Schema) -> Schema:
    return {**schema, "strict": True}


def _integer(schema: Schema) -> Schema:
    """An int, or a float without a fraction."""
    plain = {key: value for key, value in schema.items() if key not in _BOUNDS}
    whole = core.chain_schema([core.float_schema(strict=True), core.int_schema(strict=False)])
    either = core.union_schema(
        [cast(CoreSchema, _strict(plain)), whole],
        mode="left_to_right",
        custom_error_type="int_type",
    )
    if plain.keys() == schema.keys():
        return cast(Schema, either)
    return cast(Schema, core.chain_schema([either, cast(CoreSchema, schema)]))


def _number(schema: Schema) -> Schema:
    return {**schema, "strict": True, "allow_inf_nan": False}


def _literal(schema: Schema) -> Schema:
    """Python holds True == 1 == 1.0, JSON Schema only the latter two."""
    expected = schema["expected"]
    flags = [value for value in expected if isinstance(value, bool)]
    whole = [value for value in expected if type(value) is int]
    rest = [value for value in expected if not isinstance(value, bool) and type(value) is not int]
    choices: list[CoreSchema] = []
    if rest:
        choices.append(core.literal_schema(rest))
    if flags:
        choices.append(_after(core.bool_schema(strict=True), flags))
    if whole:
        choices.append(_after(cast(CoreSchema, _integer({"type": "int"})), whole))
    if len(choices) == 1:
        return schema if rest else cast(Schema, choices[0])
    error: dict[str, str | int] = {"expected": " or ".join(map(repr, expected))}
    return cast(
        Schema,
        core.union_schema(
            list(choices),
            mode="left_to_right",
            custom_error_type="literal_error",
            custom_error_context=error,
        ),
    )


def _after(first: CoreSchema, expected: list[Any]) -> CoreSchema:
    return core.chain_schema([first, core.literal_schema(expected)])


def _text(pattern: str | None, error: str) -> Callable[[Schema], Schema]:
    """A leaf whose JSON form is a text of some pattern; the Python value is taken as well."""

    def leaf(schema: Schema) -> Schema:
        parsed = cast(CoreSchema, {**schema, "strict": False})
        from_text = core.chain_schema([core.str_schema(strict=True, pattern=pattern), parsed])
        from_python = core.union_schema(
            [cast(CoreSchema, _strict(schema)), from_text],
            mode="left_to_right",
            custom_error_type=error,
        )
        return cast(Schema, core.json_or_python_schema(from_text, from_python))

    return leaf


def _lax_or_strict(schema: Schema) -> Schema:
    """What pydantic reads from a text in JSON (an IP address) is read from a text anywhere."""
    strict = schema["strict_schema"]
    if strict["type"] != "json-or-python":
        return schema
    from_text = cast(CoreSchema, _exact(strict["json_schema"], _no_aliases))
    from_python = core.union_schema([strict["python_schema"], from_text], mode="left_to_right")
    kept: Schema = {
        key: schema[key] for key in ("serialization", "metadata", "ref") if key in schema
    }
    return {**kept, **core.json_or_python_schema(from_text, from_python)}


_LEAVES: dict[str, Callable[[Schema], Schema]] = {
    "int": _integer,
    "float": _number,
    "bool": _strict,
    "str": _strict,
    "literal": _literal,
    "uuid": _text(None, "uuid_type"),
    "date": _text(f"{_DATE}$", "date_type"),
    "datetime": _text(f"{_DATE}[Tt ]", "datetime_type"),
    "time": _text("^[0-9]{2}:", "time_type"),
    "timedelta": _text("^[+-]?P", "time_delta_type"),
    "decimal": _text(None, "decimal_type"),
    "lax-or-strict": _lax_or_strict,
}
