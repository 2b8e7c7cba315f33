"""A part of a schema as a JSON Schema that stands alone: its references lead to its `$defs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jararaca_compiler.emit.types.keywords import ASSERTIONS, BY_NAME
from jararaca_compiler.emit.types.schemas import Schemas

_DATA = frozenset({"const", "enum", "required", "type", "dependentRequired"})


class Bundler:
    """Makes checks; `name` gives the class name of a place, which names its entry in `$defs`."""

    def __init__(self, schemas: Schemas, name: Callable[[str], str]) -> None:
        self._schemas = schemas
        self._name = name

    def bundle(self, schema: Any) -> Any:
        """The schema without its notes, and with everything that it refers to."""
        definitions: dict[str, Any] = {}
        body = self._copy(schema, definitions)
        if definitions:
            body = {**body, "$defs": {key: definitions[key] for key in sorted(definitions)}}
        return body

    def _copy(self, schema: Any, definitions: dict[str, Any]) -> Any:
        if not isinstance(schema, Mapping):
            return schema
        result: dict[str, Any] = {}
        if isinstance(schema.get("$ref"), str):
            result["$ref"] = self._definition(schema["$ref"], definitions)
        for key, value in schema.items():
            if key not in ASSERTIONS:
                continue
            if key in _DATA:
                result[key] = value
            elif key in BY_NAME and isinstance(value, Mapping):
                result[key] = {name: self._copy(item, definitions) for name, item in value.items()}
            elif isinstance(value, list):
                result[key] = [self._copy(item, definitions) for item in value]
            else:
                result[key] = self._copy(value, definitions)
        return result

    def _definition(self, ref: str, definitions: dict[str, Any]) -> str:
        found = self._schemas.follow(ref)
        name = self._name(f"{found.path}#{found.pointer}")
        if name not in definitions:
            definitions[name] = True
            definitions[name] = self._copy(found.value, definitions)
        return f"#/$defs/{name}"
