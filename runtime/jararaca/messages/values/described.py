"""What classes by hand say of themselves in JSON Schema, where pydantic says less or else."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any

JSON_SCHEMA = "pydantic_js_functions"
"""Where pydantic keeps the functions that describe a core schema; each wraps the one before."""
UNSAID = "$comment"
"""Bounds of what is a text in JSON: no JSON Schema says them, so its reader is told."""

Schema = dict[str, Any]
_BOUNDS = ("ge", "gt", "le", "lt", "multiple_of")
_BOUNDED_TEXTS = ("decimal", "date", "time", "datetime", "timedelta")


def described(made: Schema, schema: Schema, *, as_text: bool) -> Schema:
    """A leaf that is described by what it was: pydantic's words for it are right, but for some."""
    said = _said(schema)

    def describe(_: Any, handler: Callable[[Any], Any]) -> Any:
        return {**handler({"type": "str"} if as_text else schema), **said}

    metadata = schema.get("metadata", {})
    functions = [describe, *metadata.get(JSON_SCHEMA, ())]
    return {**made, "metadata": {**metadata, JSON_SCHEMA: functions}}


def exact_enum(schema: Schema) -> Schema:
    """An enumeration of numbers reads no texts, and says how its members are called."""
    made = {key: value for key, value in schema.items() if key != "sub_type"}

    def describe(_: Any, handler: Any) -> Any:
        described = handler(schema)
        handler.resolve_ref_schema(described).update(_names(schema["cls"]))
        if issubclass(schema["cls"], enum.Flag):
            handler.resolve_ref_schema(described).pop("enum", None)  # It takes sums of them.
        return described

    metadata = schema.get("metadata", {})
    functions = [*metadata.get(JSON_SCHEMA, ()), describe]
    return {**made, "metadata": {**metadata, JSON_SCHEMA: functions}}


def _names(kind: type[enum.Enum]) -> Mapping[str, Any]:
    """The names of members, where they are not the texts that they stand for."""
    if issubclass(kind, enum.Flag) or all(m.name == str(m.value).upper() for m in kind):
        return {}
    return {"x-enum-varnames": [member.name for member in kind]}


def _said(schema: Schema) -> Schema:
    kind, said = schema["type"], Schema()
    if kind == "decimal":
        said["format"] = "decimal"
        if pattern := _digits(schema.get("max_digits"), schema.get("decimal_places")):
            said["pattern"] = pattern
    if kind == "uuid" and "version" in schema:
        said["pattern"] = _version(schema["version"])
    if kind in _BOUNDED_TEXTS and (bounds := [name for name in _BOUNDS if name in schema]):
        said[UNSAID] = ", ".join(f"{name}={schema[name]}" for name in bounds)
    return said


def _digits(most: int | None, places: int | None) -> str | None:
    """Takes what pydantic takes, and few others: an exponent, and as many places as digits."""
    if most is None and places is None:
        return None
    whole = "*" if most is None else f"{{0,{max(0, most - (places or 0))}}}"
    behind = most if places is None else places
    return rf"^[+-]?0*[0-9]{whole}([.][0-9]{{0,{behind}}}0*)?([eE][+-]?[0-9]+)?$"


def _version(version: int) -> str:
    digit = "[0-9a-fA-F]"
    return f"^{digit}{{8}}-{digit}{{4}}-{version}{digit}{{3}}-[89abAB]{digit}{{3}}-{digit}{{12}}$"
