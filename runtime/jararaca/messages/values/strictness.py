"""What makes plain Python annotations as exact as JSON Schema: stricter core schemas for them.

pydantic reads "5" as an int and 5 as a date where it is lax, and neither 1.0 as an int nor a text
as a UUID where it is strict. JSON Schema (validation, section 6.1.1) says: 1.0 is an integer, true
is no number, and a date is a text. `exact` rewrites the leaves of a core schema to say the same, so
that everything stays in pydantic's Rust.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

from pydantic_core import CoreSchema
from pydantic_core import core_schema as core

from jararaca.messages.values.described import JSON_SCHEMA, described, exact_enum
from jararaca.messages.values.tried_once import with_parts_tried_once
from jararaca.messages.values.written import (
    read_datetime,
    read_decimal,
    read_duration,
    read_time,
    write_datetime,
    write_other,
    writing,
)

Schema = dict[str, Any]
Resolve = Callable[[CoreSchema], CoreSchema]

_ONE = ("schema", "items_schema", "keys_schema", "values_schema", "extras_schema", "extras_keys")
_BOTH = ("lax_schema", "strict_schema", "json_schema", "python_schema")
_MANY = ("steps", "choices", "items_schema")
_DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_EXACT = "jararaca"
_NO_ALIASES = ("model", "definition-ref", "json-or-python")
_ANY_FRACTION = "([.][0-9]+)?"
_FRACTION = (
    "([.]([1-9][0-9]{5}|0[1-9][0-9]{4}|00[1-9][0-9]{3}|000[1-9][0-9]{2}|0000[1-9][0-9]|0{5}[1-9]))?"
)
"""As Python writes it: six digits, or none where all are zero."""
_ANY_ZONE = "([Zz]|[+-][0-9]{2}:[0-9]{2})"
_ZONE = "(Z|[+-](0[1-9]|[1-9][0-9]):[0-9]{2}|[+-]00:(0[1-9]|[1-9][0-9]))"
"""As Python writes it, but that it has no Z: that, we write for an offset of zero."""
_PLAIN_DECIMAL = r"^-?([1-9][0-9]*(\.[0-9]+)?|0(\.[0-9]{1,6})?)$"
"""As Python writes it."""
_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_SECONDS = "[0-9]+([.][0-9]+)?S"
_DURATION = (
    "^[+-]?P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?"
    f"(T([0-9]+H([0-9]+M)?({_SECONDS})?|[0-9]+M({_SECONDS})?|{_SECONDS}))?$"
)
"""As RFC 3339 has it (appendix A), and with a sign, weeks beside days and parts of a second."""
_NO_DATETIME = (
    "Input should be a date-time with its offset from UTC, like 2026-11-24T09:30:00Z "
    "(Python has no leap seconds)"
)
_EXACT_INTEGERS = 2**53 - 1
"""Up to here a float holds each integer, and no other is rounded to it."""
_LARGE = core.union_schema(
    [
        core.float_schema(strict=True, allow_inf_nan=False, ge=_EXACT_INTEGERS),
        core.float_schema(strict=True, allow_inf_nan=False, le=-_EXACT_INTEGERS),
    ]
)
"""Such a float has no fraction, and may be more than what pydantic makes an int of."""
_ROUNDED: dict[str, Callable[[float], int]] = {
    "ge": math.ceil,
    "gt": math.floor,
    "le": math.floor,
    "lt": math.ceil,
}
_BOUND_WORDS = {
    "ge": "greater than or equal to",
    "gt": "greater than",
    "le": "less than or equal to",
    "lt": "less than",
}
_SEQUENCES = ("list", "tuple", "set", "frozenset")
"""They tell of their first wrong item alone: a body may have millions, each a reason of its own."""
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
        return _described(leaf(schema), schema)
    if kind == "definition-ref":
        _exact_alias(schema, resolve)
    if kind == "enum":
        return exact_enum(schema)
    if kind in ("model", "definition-ref", "json-or-python"):
        return schema
    changed = dict(schema)
    if kind == "default" and schema.get("default", ...) is None:
        changed["metadata"] = {**schema.get("metadata", {}), JSON_SCHEMA: [_without_default]}
    if kind in _SEQUENCES:
        changed["fail_fast"] = True
    for key in (*_ONE, *_BOTH):
        if isinstance(schema.get(key), dict):
            changed[key] = _exact(schema[key], resolve)
    for key in _MANY:
        if isinstance(schema.get(key), list):
            changed[key] = [_choice(item, resolve) for item in schema[key]]
    for key in ("choices", "fields"):
        if isinstance(schema.get(key), dict):
            changed[key] = {name: _exact(item, resolve) for name, item in schema[key].items()}
    return with_parts_tried_once(changed, resolve)


def _choice(item: Any, resolve: Resolve) -> Any:
    return (_exact(item[0], resolve), item[1]) if isinstance(item, tuple) else _exact(item, resolve)


def _described(made: Schema, schema: Schema) -> Schema:
    return described(made, schema, as_text=schema["type"] == "decimal" or _is_naive(schema))


def _without_default(schema: Any, handler: Callable[[Any], Any]) -> Any:
    """None says that a property is absent, which is no value of it in JSON."""
    described = {key: value for key, value in handler(schema).items() if key != "default"}
    if described.keys() == {"$ref"}:
        return {"allOf": [described]}  # pydantic looks a bare reference up, which may be too early.
    return described


def _no_aliases(reference: CoreSchema) -> CoreSchema:
    raise LookupError(reference)


def _exact_alias(reference: Schema, resolve: Resolve) -> None:
    """Rewrite what an alias stands for, in place and once; an unfinished one is its maker's.

    Its name stays outside: a leaf becomes a choice between several, and the name is of all of it.
    """
    try:
        target = cast(Schema, resolve(cast(CoreSchema, reference)))
    except LookupError:
        return
    metadata = target.get("metadata", {})
    if target.get("type") in _NO_ALIASES or metadata.get(_EXACT):
        return
    target["metadata"] = {**metadata, _EXACT: True}
    named = {"ref": target["ref"]} if "ref" in target else {}
    made = _exact({key: item for key, item in target.items() if key != "ref"}, resolve)
    target.clear()
    target.update({**made, **named})


def _strict(schema: Schema) -> Schema:
    return {**schema, "strict": True}


def _integer(schema: Schema) -> Schema:
    """An int, or a float without a fraction."""
    plain = {key: value for key, value in schema.items() if key not in _BOUNDS}
    whole = core.chain_schema([core.float_schema(strict=True), core.int_schema(strict=False)])
    large = core.no_info_after_validator_function(int, _LARGE)
    either = core.union_schema(
        [cast(CoreSchema, _strict(plain)), whole, large],
        mode="left_to_right",
        custom_error_type="int_type",
    )
    if plain.keys() == schema.keys():
        return cast(Schema, either)
    return cast(Schema, core.chain_schema([either, cast(CoreSchema, schema)]))


def number(schema: Schema) -> Schema:
    """A float, but for an int that no float holds: beyond 2^53 it stays an int."""
    floats = {key: _as_float(value) for key, value in schema.items() if key in _ROUNDED}
    plain = {**schema, **floats, "strict": True, "allow_inf_nan": False}
    if "multiple_of" in schema:
        return plain
    near = {
        **plain,
        "ge": max(floats.get("ge", -_EXACT_INTEGERS), -_EXACT_INTEGERS),
        "le": min(floats.get("le", _EXACT_INTEGERS), _EXACT_INTEGERS),
    }
    bounds = {
        key: schema[key] if math.isinf(bound) else _ROUNDED[key](schema[key])
        for key, bound in floats.items()
        if not math.isinf(bound) or isinstance(schema[key], int)
    }
    whole = cast(CoreSchema, {"type": "int", "strict": True, **bounds})
    large = cast(CoreSchema, plain)
    if any(abs(bound) > _EXACT_INTEGERS for bound in floats.values()):
        large = core.no_info_before_validator_function(_refuse_integer, large)
    told = "".join(f", {words} {floats[k]:g}" for k, words in _BOUND_WORDS.items() if k in floats)
    return cast(
        Schema,
        core.union_schema(
            [cast(CoreSchema, near), whole, large],
            mode="left_to_right",
            custom_error_type="number",
            custom_error_message=f"Input should be a valid number{told}",
            serialization=core.simple_ser_schema("any"),
        ),
    )


def _as_float(bound: float) -> float:
    """The bound, or infinity where it is an int beyond what a float can be."""
    try:
        return float(bound)
    except OverflowError:
        return math.inf if bound > 0 else -math.inf


def _refuse_integer(value: Any) -> Any:
    """It is beyond the bounds, although the float next to it is one of them."""
    if type(value) is int:
        raise ValueError("beyond the bounds")
    return value


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
    # pydantic looks for no integer of more than 64 bits where it knows others.
    small = [value for value in whole if -(2**63) <= value < 2**63]
    for group in (small, [value for value in whole if value not in small]):
        if group:
            choices.append(_after(cast(CoreSchema, _integer({"type": "int"})), group))
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


def _text(pattern: str, error: str) -> Callable[[Schema], Schema]:
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


def _datetime(schema: Schema) -> Schema:
    """A date and time with its offset from UTC, as RFC 3339 has it."""
    if _is_naive(schema):
        return _text(f"{_DATE}[Tt ][0-9:]{{8}}([.][0-9]{{1,6}})?$", "datetime_type")(schema)
    aware = {**schema, "tz_constraint": "aware"}
    texts = _parsed(aware, f"{_DATE}T[0-9:]{{8}}{_FRACTION}{_ZONE}$")
    other = _read(f"{_DATE}[Tt ][0-9:]{{8}}{_ANY_FRACTION}{_ANY_ZONE}$", read_datetime)
    return writing(_leaf(aware, [texts, other], _NO_DATETIME), write_datetime)


def _is_naive(schema: Schema) -> bool:
    """Whether it is a time of no place in particular, which the format date-time does not have."""
    return schema.get("tz_constraint") == "naive"


def _time(schema: Schema) -> Schema:
    texts = _parsed(schema, f"^[0-9:]{{8}}{_FRACTION}{_ZONE}?$")
    shape = f"^[0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}{_ANY_FRACTION})?{_ANY_ZONE}?$"
    other = _read(shape, read_time)
    return writing(_leaf(schema, [texts, other], "Input should be a valid time"), write_other)


def _duration(schema: Schema) -> Schema:
    texts = [_read(_DURATION, read_duration)]
    return writing(_leaf(schema, texts, "Input should be a valid duration"), write_other)


def _decimal(schema: Schema) -> Schema:
    other = core.no_info_wrap_validator_function(read_decimal, _parsed(schema, _DECIMAL))
    texts = [_parsed(schema, _PLAIN_DECIMAL), other]
    made = _leaf(schema, texts, "Input should be a decimal number as a text")
    return writing(made, write_other)


def _parsed(schema: Schema, pattern: str) -> CoreSchema:
    """A text of this pattern as pydantic reads it."""
    lax = cast(CoreSchema, {**schema, "strict": False})
    return core.chain_schema([core.str_schema(strict=True, pattern=pattern), lax])


def _read(pattern: str, read: Callable[[str], Any]) -> CoreSchema:
    """A text of this pattern as we read it, which keeps what Python's type has no place for."""
    text = core.str_schema(strict=True, pattern=pattern)
    return core.no_info_after_validator_function(read, text)


def _leaf(schema: Schema, texts: list[CoreSchema], error: str) -> Schema:
    """One of several texts in JSON; in Python also the value itself."""

    def one_of(choices: list[CoreSchema]) -> CoreSchema:
        union = core.union_schema(choices, mode="left_to_right")  # type: ignore[arg-type]
        return core.custom_error_schema(
            union, custom_error_type=f"{schema['type']}_text", custom_error_message=error
        )

    value = cast(CoreSchema, _strict(schema))
    return cast(Schema, core.json_or_python_schema(one_of(texts), one_of([value, *texts])))


def _lax_or_strict(schema: Schema) -> Schema:
    """What pydantic reads from a text in JSON (an IP address) is read from a text anywhere."""
    strict = schema["strict_schema"]
    if strict["type"] != "json-or-python":
        return schema
    text = _exact(strict["json_schema"], _no_aliases)
    if text.get("schema", {}).get("type") == "str":
        # The zone of an address is known to one machine, and no part of it (RFC 4291).
        text = {**text, "schema": {**text["schema"], "pattern": "^[^%]*$"}}
    from_text = cast(CoreSchema, text)
    from_python = core.union_schema([strict["python_schema"], from_text], mode="left_to_right")
    kept: Schema = {
        key: said[key]
        for said in (strict, schema)
        for key in ("serialization", "metadata", "ref")
        if key in said
    }
    return {**kept, **core.json_or_python_schema(from_text, from_python)}


_LEAVES: dict[str, Callable[[Schema], Schema]] = {
    "int": _integer,
    "float": number,
    "bool": _strict,
    "str": _strict,
    "literal": _literal,
    "uuid": _text(_UUID, "uuid_type"),
    "date": _text(f"{_DATE}$", "date_type"),
    "datetime": _datetime,
    "time": _time,
    "timedelta": _duration,
    "decimal": _decimal,
    "lax-or-strict": _lax_or_strict,
}
