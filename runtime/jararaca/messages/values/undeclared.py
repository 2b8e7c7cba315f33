"""Undeclared properties that are called like another property is in Python.

pydantic notes in one set of names which fields were given and which undeclared properties came. An
undeclared `order_id` would say that the declared `orderId`, whose field is called like it, came
too, and its default would be written as if it had.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, cast

from pydantic_core import CoreSchema, core_schema

_HIDING = 1
"""Whatever makes the hash of an undeclared name another than that of the field."""


class UndeclaredName(str):
    """The key of an undeclared property, which no look-up of the field of that name finds."""

    __slots__ = ()

    def __hash__(self) -> int:
        return str.__hash__(self) ^ _HIDING

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UndeclaredName) and str.__eq__(self, other)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return UndeclaredName, (str(self),)


def apart_from_fields(schema: dict[str, Any]) -> dict[str, Any]:
    """The core schema of an open model's fields: undeclared names are told from the fields'.

    Only optional fields that have another name in JSON can be mistaken; and only undeclared
    properties cost anything.
    """
    hidden = _mistakable(schema.get("fields", {}))
    if not hidden:
        return schema

    def named(key: str) -> str:
        return UndeclaredName(key) if key in hidden else key

    keys = core_schema.no_info_after_validator_function(named, core_schema.str_schema())
    return {**schema, "extras_keys_schema": cast(CoreSchema, keys)}


def _mistakable(fields: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        name
        for name, field in fields.items()
        if field.get("validation_alias", name) != name and field["schema"]["type"] == "default"
    )


def by_plain_names(extra: dict[str, Any] | None) -> dict[str, Any] | None:
    """The undeclared properties by names that compare as texts do."""
    if not extra or all(type(key) is str for key in extra):
        return extra
    return {str(key): value for key, value in extra.items()}
