"""What is constant in one message of a queue and differs in every other: how to tell them apart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.types.schemas import Lookup, Schemas

Mark = tuple[str, str, str | int | bool]


def marks_of(service: ir.Service, lookup: Lookup) -> Mapping[tuple[str, str], Mark]:
    """The mark of each (queue, message) where a queue has several messages and one tells them."""
    queues: dict[str, dict[str, None]] = {}
    for operation in service.operations:
        for handler in operation.handlers:
            queues.setdefault(operation.queue or "", {})[handler.message] = None
    messages = {message.name: message for message in service.messages}
    schemas = Schemas(lookup)
    return {
        (queue, name): mark
        for queue, names in queues.items()
        if len(names) > 1
        for name, mark in _marks([messages[name] for name in names], schemas).items()
    }


def _marks(messages: Sequence[ir.Message], schemas: Schemas) -> dict[str, Mark]:
    payloads = [_constants(message.payload, schemas) for message in messages]
    headers = [_constants(message.headers, schemas) for message in messages]
    for place, constants in (("payload", payloads), ("header", headers)):
        for key in constants[0]:
            values = [each[key] for each in constants if key in each]
            if len({json.dumps(value) for value in values}) == len(messages):
                names = [message.name for message in messages]
                return {n: (place, key, v) for n, v in zip(names, values, strict=True)}
    return {}


def _constants(payload: ir.Payload | None, schemas: Schemas) -> dict[str, str | int | bool]:
    """The top-level properties that have one value only, which is a text, integer or boolean."""
    keywords = schemas.flat(payload.schema).keywords if payload is not None else {}
    properties = keywords.get("properties")
    found = properties.items() if isinstance(properties, Mapping) else ()
    constants = {name: _constant(schemas.flat(schema).keywords) for name, schema in found}
    return {name: value for name, value in constants.items() if isinstance(value, str | int)}


def _constant(keywords: Mapping[str, Any]) -> Any:
    if "const" in keywords:
        return keywords["const"]
    values = keywords.get("enum")
    return values[0] if isinstance(values, list) and len(values) == 1 else None
