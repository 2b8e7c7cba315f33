"""Protobuf's JSON form, with 64-bit integers as numbers rather than texts."""

from __future__ import annotations

from typing import Any

_LONG = frozenset({3, 4, 6, 16, 18})
"""The types int64, uint64, fixed64, sfixed64 and sint64 of FieldDescriptorProto."""
_GOOGLE = "google.protobuf."


def with_integers(value: Any, descriptor: Any) -> Any:
    """A message's value whose 64-bit integers are numbers; Google's own types have another form."""
    if not isinstance(value, dict) or descriptor.full_name.startswith(_GOOGLE):
        return value
    fields = {field.json_name: field for field in descriptor.fields}
    return {key: _field(item, fields.get(key)) for key, item in value.items()}


def _field(value: Any, field: Any) -> Any:
    if field is None:
        return value
    inner = field.message_type
    if inner is not None and inner.GetOptions().map_entry:
        values = inner.fields_by_name["value"]
        return {key: _one(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [_one(item, field) for item in value]
    return _one(value, field)


def _one(value: Any, field: Any) -> Any:
    if field.type in _LONG:
        return int(value)
    return value if field.message_type is None else with_integers(value, field.message_type)
