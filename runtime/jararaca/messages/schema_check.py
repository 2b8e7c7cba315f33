"""The JSON Schema that a type cannot express: checked on the value as it was received."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import Any

from jararaca_shared.distribution import install
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema, to_jsonable_python

from jararaca.errors import ConfigurationError
from jararaca.messages.formats import format_checks
from jararaca.messages.shown_values import MASK, MOST_REASONS, shows_values

Schema = Mapping[str, Any] | bool


class JsonSchema:
    """Marks a type with what JSON Schema says about it beyond the type.

    `Annotated[str, JsonSchema({"not": {"const": ""}})]`. Only values of such types pay for it: the
    validator (of the extra `schema`) is compiled at the first value.
    """

    __slots__ = ("schema",)

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def __repr__(self) -> str:
        return f"JsonSchema({self.schema!r})"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        check = Check(self.schema)

        def check_first(value: Any, info: core_schema.ValidationInfo) -> Any:
            check(value if info.mode == "json" else to_jsonable_python(value, by_alias=True))
            return value

        return core_schema.with_info_before_validator_function(check_first, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return also(handler(schema), self.schema)


class Check:
    """A JSON Schema to hold JSON values against; it is compiled at the first value."""

    __slots__ = ("_schema", "_text")

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._text: str | None = None

    def __call__(self, value: Any) -> None:
        """Raises PydanticCustomError with the first reasons why a value is not valid.

        Raises ConfigurationError where the validator is not installed.
        """
        if self._text is None:
            self._text = json.dumps(alone(self._schema))
        validator = _validator(self._text)
        if validator.is_valid(value):
            return
        found = islice(validator.iter_errors(value), MOST_REASONS)
        reasons = "; ".join(_reason(error) for error in found)
        raise PydanticCustomError("json_schema", "{reasons}", {"reasons": reasons})


def alone(schema: Schema) -> Schema:
    """A schema with those of its `$defs` alone that it refers to."""
    if isinstance(schema, bool) or "$defs" not in schema:
        return schema
    every = schema["$defs"]
    waiting = _refs({key: value for key, value in schema.items() if key != "$defs"})
    found: dict[str, Any] = {}
    while waiting:
        name = waiting.pop()
        found[name] = every[name]
        waiting |= _refs(every[name]) - found.keys()
    return {**schema, "$defs": {name: found[name] for name in sorted(found)}}


def also(described: JsonSchemaValue, schema: Schema | None) -> JsonSchemaValue:
    """What a class is described by, and a check: a resource of its own where it has definitions."""
    if schema is None:
        return described
    checked = alone(schema)
    if not isinstance(checked, bool) and "$defs" in checked:
        digest = hashlib.sha256(json.dumps(checked, sort_keys=True).encode()).hexdigest()[:16]
        # pydantic takes references for its own, but for those that a scheme shows to be elsewhere.
        uri = f"https://jararaca.invalid/checks/{digest}"
        checked = {"$id": uri, **_based(checked, uri)}
    return {"allOf": [described, checked]}


def _based(schema: Any, uri: str) -> Any:
    if isinstance(schema, list):
        return [_based(item, uri) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        key: uri + value if key == "$ref" and isinstance(value, str) else _based(value, uri)
        for key, value in schema.items()
    }


def _refs(schema: Any) -> set[str]:
    """The names of the definitions that a schema refers to."""
    if isinstance(schema, list):
        return {name for item in schema for name in _refs(item)}
    if not isinstance(schema, Mapping):
        return set()
    ref = schema.get("$ref")
    own = {ref.removeprefix("#/$defs/")} if isinstance(ref, str) else set()
    return own | {name for item in schema.values() for name in _refs(item)}


def _reason(error: Any) -> str:
    place = "/".join(map(str, error.instance_path))
    return f"{place}: {error.message}" if place else str(error.message)


@cache
def _validator(schema: str) -> Any:
    try:
        import jsonschema_rs
    except ImportError:
        raise ConfigurationError(
            f"this message's schema needs a JSON Schema validator: {install('schema')}"
        ) from None
    # What was received is told to nobody unless that is asked for: it may be anyone's secret.
    mask = None if shows_values() else MASK
    return jsonschema_rs.validator_for(
        json.loads(schema), validate_formats=True, formats=format_checks(), mask=mask
    )
