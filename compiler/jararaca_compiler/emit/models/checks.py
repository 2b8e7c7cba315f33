"""A part of a schema as a JSON Schema that stands alone: its references lead to its `$defs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jararaca_compiler.emit.models.dialect import DRAFT2020
from jararaca_compiler.emit.models.schemas import BY_NAME, Schemas

_DATA = frozenset({"const", "enum", "required", "type", "dependentRequired"})
_ONLY_OLD = frozenset({"dependencies", "additionalItems"})


class Bundler:
    """Makes checks; `name` gives the class name of a place, which names its entry in `$defs`."""

    def __init__(self, schemas: Schemas, name: Callable[[str], str]) -> None:
        self._schemas = schemas
        self._name = name

    def bundle(self, schema: Any, path: str) -> Any:
        """The schema without its notes, and with everything that it refers to."""
        definitions: dict[str, Any] = {}
        old: list[str] = []
        body = self._copy(schema, path, definitions, old)
        if not isinstance(body, dict):
            return body
        if definitions:
            body = {**body, "$defs": {key: definitions[key] for key in sorted(definitions)}}
        uri = self._schemas.dialect(path).uri
        return {"$schema": uri, **body} if old and uri != DRAFT2020 else body

    def _copy(self, schema: Any, path: str, definitions: dict[str, Any], old: list[str]) -> Any:
        if not isinstance(schema, Mapping):
            return schema
        dialect = self._schemas.dialect(path)

        def copy(value: Any) -> Any:
            return self._copy(value, path, definitions, old)

        result: dict[str, Any] = {}
        if isinstance(schema.get("$ref"), str):
            result["$ref"] = self._definition(schema["$ref"], definitions, old)
            if not dialect.siblings:
                return result
        for key in schema:
            if key not in dialect.keywords:
                continue
            value = schema[key]
            if key in _ONLY_OLD or (key == "items" and isinstance(value, list)):
                old.append(key)
            if key in _DATA:
                result[key] = value
            elif (key in BY_NAME or key == "dependencies") and isinstance(value, Mapping):
                result[key] = {n: copy(v) for n, v in value.items()}
            elif isinstance(value, list):
                result[key] = [copy(item) for item in value]
            else:
                result[key] = copy(value)
        return result

    def _definition(self, ref: str, definitions: dict[str, Any], old: list[str]) -> str:
        found = self._schemas.follow(ref)
        name = self._name(f"{found.path}#{found.pointer}")
        if name not in definitions:
            definitions[name] = True
            definitions[name] = self._copy(found.value, found.path, definitions, old)
        return f"#/$defs/{name}"
