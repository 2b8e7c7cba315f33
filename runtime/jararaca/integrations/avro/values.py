"""JSON values and the values that fastavro writes: which branch of a union, bytes, defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_INTEGERS = {"int": 31, "long": 63}
Names = Mapping[str, Any]


def resolved(schema: Any) -> Any:
    """A schema without logical types, whose values are then the underlying ones."""
    if isinstance(schema, list):
        return [resolved(branch) for branch in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("type"), dict | list) and "name" not in schema:
        return resolved(schema["type"])
    kept = {key: value for key, value in schema.items() if key not in _LOGICAL}
    for key in ("type", "items", "values"):
        if isinstance(kept.get(key), dict | list):
            kept[key] = resolved(kept[key])
    if isinstance(kept.get("fields"), list):
        kept["fields"] = [resolved(field) for field in kept["fields"]]
    return kept


_LOGICAL = frozenset({"logicalType", "precision", "scale"})


def json_value(value: Any) -> Any:
    """What fastavro has read, as JSON: bytes are texts of the characters U+0000 to U+00FF."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, dict):
        return {key: json_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [json_value(item) for item in value]
    return value


def datum(value: Any, schema: Any, names: Names) -> Any:
    """A JSON value as fastavro takes it. Raises ValueError where the schema has no place for it."""
    if isinstance(schema, list):
        return _branch(value, schema, names)
    kind, full = _kind(schema, names)
    if kind in ("record", "error"):
        return _record(value, full, names)
    if kind == "array" and isinstance(value, list):
        return [datum(item, full["items"], names) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: datum(item, full["values"], names) for key, item in value.items()}
    return _scalar(value, kind, full)


def _kind(schema: Any, names: Names) -> tuple[str, Any]:
    """What a schema is, and the whole of it where it is given by a name."""
    while isinstance(schema, str) and schema in names:
        schema = names[schema]
    return (schema, None) if isinstance(schema, str) else (schema["type"], schema)


def _branch(value: Any, branches: list[Any], names: Names) -> Any:
    """The first branch of a union that the value fits; a record's is named for fastavro."""
    for branch in branches:
        try:
            made = datum(value, branch, names)
        except ValueError:
            continue
        kind, full = _kind(branch, names)
        return (full["name"], made) if kind in ("record", "error", "enum", "fixed") else made
    raise ValueError(f"no branch of the union fits {_short(value)}")


def _record(value: Any, schema: Mapping[str, Any], names: Names) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{schema['name']} is an object, not {_short(value)}")
    fields = {field["name"]: field for field in schema["fields"]}
    for key in value:
        if key not in fields:
            raise ValueError(f"{schema['name']} has no field {key}")
    return {
        name: datum(value[name] if name in value else _default(field), field["type"], names)
        for name, field in fields.items()
    }


def _default(field: Mapping[str, Any]) -> Any:
    """What a field has that the message does not set: its default, or null where that is valid."""
    if "default" in field:
        return field["default"]
    kinds = field["type"]
    if isinstance(kinds, list) and "null" in kinds:
        return None
    raise ValueError(f"the field {field['name']} is missing")


def _scalar(value: Any, kind: str, schema: Any) -> Any:
    if kind in _INTEGERS and _is_number(value) and value == int(value):
        if -(1 << _INTEGERS[kind]) <= int(value) < 1 << _INTEGERS[kind]:
            return int(value)
    elif kind in ("float", "double") and _is_number(value):
        return float(value)
    elif kind == "null" and value is None:
        return None
    elif kind == "boolean" and isinstance(value, bool):
        return value
    elif isinstance(value, str):
        return _text(value, kind, schema)
    raise ValueError(f"{_short(value)} is no {kind}")


def _text(value: str, kind: str, schema: Any) -> str | bytes:
    if kind == "string" or (kind == "enum" and value in schema["symbols"]):
        return value
    fits = kind == "bytes" or (kind == "fixed" and len(value) == schema["size"])
    if fits and all(ord(character) < 256 for character in value):
        return value.encode("latin-1")
    raise ValueError(f"{_short(value)} is no {kind}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: Any) -> str:
    return repr(value) if len(repr(value)) < 40 else f"{repr(value)[:40]}..."
