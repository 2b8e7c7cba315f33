"""A service in two parts: its outline, which is all that routing needs, and its schemas."""

from __future__ import annotations

import io
import marshal
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.compat.proof.schema import Lookup
from jararaca_compiler.documents import source
from jararaca_compiler.references.resolver import Found, UnresolvedRefError

Schemas = dict[str, tuple[Any, Any]]
"""By message the schemas of its body and of its headers, whose references are absolute."""
_MAPPINGS = ("mapping", "x-discriminator-mapping")


def outline_of(service: ir.Service) -> bytes:
    """For `read_outline`: the service without schemas, and without what only people read."""
    outline = replace(
        service,
        description=None,
        metadata={},
        messages=tuple(_without_schemas(each) for each in service.messages),
        channels=tuple(_bindings_only(each) for each in service.channels),
        operations=tuple(replace(each, metadata={}) for each in service.operations),
        servers=tuple(replace(each, metadata={}) for each in service.servers),
    )
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(outline)
    return buffer.getvalue()


def read_outline(data: bytes) -> ir.Service:
    """Raises pickle.UnpicklingError for whatever is no service."""
    found = _Unpickler(io.BytesIO(data)).load()
    if not isinstance(found, ir.Service):
        raise pickle.UnpicklingError("no service")
    return found


class _Pickler(pickle.Pickler):
    """Writes a value of `ir` as a call of its class, which is read in half the time."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, type) or not is_dataclass(value):
            return NotImplemented
        return type(value), tuple(getattr(value, each.name) for each in fields(value))


class _Unpickler(pickle.Unpickler):
    """Makes the values of `ir`, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        for known in (ir, source):
            if module == known.__name__ and isinstance(getattr(known, name, None), type):
                return getattr(known, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


def schemas_of(service: ir.Service, lookup: Lookup) -> bytes:
    """For `SchemaPart`: all schemas of the service, and what they refer to.

    Raises ValueError for a value that JSON does not have.
    """
    own: Schemas = {
        each.name: (each.payload.schema, None if each.headers is None else each.headers.schema)
        for each in service.messages
    }
    found: dict[str, tuple[Any, str, str] | None] = {}
    waiting = [*service.shared_schemas, *_references([list(pair) for pair in own.values()])]
    while waiting:
        ref = waiting.pop()
        if ref in found:
            continue
        try:
            place = lookup(ref)
        except LookupError:
            found[ref] = None
            continue
        found[ref] = tuple(place)
        found.setdefault(f"{place.path}#{place.pointer}", tuple(place))
        waiting += _references(place.value)
    return marshal.dumps((own, found))


class SchemaPart:
    """The schemas of a service that `schemas_of` has kept; `otherwise` knows all the others."""

    def __init__(self, data: bytes, otherwise: Lookup) -> None:
        self._own, self._found = marshal.loads(data)
        self._otherwise = otherwise

    def lookup(self, ref: str) -> Found:
        """What a reference leads to. Raises UnresolvedRefError."""
        if ref not in self._found and "#" in ref:
            found: Found = self._otherwise(ref)
            return found
        place = self._found.get(ref)
        if place is None:
            raise UnresolvedRefError("unresolved-ref")
        return Found(*place)

    def whole(self, outline: ir.Service) -> ir.Service:
        """The service with its messages' schemas."""
        return replace(outline, messages=tuple(self._message(each) for each in outline.messages))

    def _message(self, message: ir.Message) -> ir.Message:
        payload, headers = self._own[message.name]
        return replace(
            message,
            payload=replace(message.payload, schema=payload),
            headers=None if message.headers is None else replace(message.headers, schema=headers),
        )


def _without_schemas(message: ir.Message) -> ir.Message:
    headers = None if message.headers is None else replace(message.headers, schema=None)
    return replace(
        message,
        payload=replace(message.payload, schema=None),
        headers=headers,
        description=None,
        examples=(),
        metadata={},
    )


def _bindings_only(channel: ir.Channel) -> ir.Channel:
    kept = {key: value for key, value in channel.metadata.items() if key == "bindings"}
    return replace(channel, description=None, metadata=kept)


def _references(schema: Any) -> Iterator[str]:
    """Every reference anywhere in a schema, those of discriminators' mappings included."""
    if isinstance(schema, dict):
        ref = schema.get("$ref")
        if isinstance(ref, str):
            yield ref
        for key in _MAPPINGS:
            mapping = schema.get(key)
            yield from _places(mapping.values() if isinstance(mapping, dict) else ())
    children = schema.values() if isinstance(schema, dict) else schema
    for child in children if isinstance(schema, dict | list) else ():
        yield from _references(child)


def _places(values: Iterable[Any]) -> Iterator[str]:
    """What a mapping refers to; a name alone is none."""
    return (value for value in values if isinstance(value, str) and "#" in value)
