"""The JSON Schema that a type cannot express: checked on the value as it was received."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jararaca_shared.distribution import install
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema, to_jsonable_python

from jararaca.errors import ConfigurationError
from jararaca.messages.values.checked_once import Ways, checked_once
from jararaca.messages.values.formats import format_checks
from jararaca.messages.values.loosened import UNCHECKED
from jararaca.messages.values.reasons import reasons
from jararaca.messages.values.shown_values import MASK, shows_values

Schema = Mapping[str, Any] | bool
_DATA = frozenset({"const", "enum", "required", "dependentRequired"})
"""Keywords with values, in which a key `$ref` refers to nothing."""
_BY_NAME = frozenset({"$defs", "properties", "patternProperties", "dependentSchemas"})
"""Mappings from names to schemas, whatever the names are."""


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

        setattr(check_first, UNCHECKED, None)
        return core_schema.with_info_before_validator_function(check_first, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return also(handler(schema), self.schema)


class Check:
    """A JSON Schema to hold JSON values against; it is compiled at the first value."""

    __slots__ = ("_schema", "_validator")

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._validator: Any = None

    def __call__(self, value: Any) -> None:
        """Raises PydanticCustomError with the first reasons why a value is not valid.

        Raises ConfigurationError where the validator is not installed.
        """
        validator = self._validator
        if validator is None:
            validator = self._validator = _validator_of(self._schema)
        if validator.is_valid(value):
            return
        told = "; ".join(reasons(validator, self._schema, value))
        raise PydanticCustomError("json_schema", "{reasons}", {"reasons": told})


class Definitions:
    """The `$defs` of checks: what each definition refers to is looked for once."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self.schemas = schemas
        self.uri = f"jararaca:/definitions/{id(schemas)}"
        self.ways = Ways(schemas)
        self._below: dict[str, set[str]] = {}
        self._registry: Any = None

    def reached(self, schema: Any) -> list[str]:
        """The names of the definitions that a schema leads to, sorted."""
        found: set[str] = set()
        waiting = _refs(schema)
        while waiting:
            name = waiting.pop()
            found.add(name)
            if name not in self._below:
                self._below[name] = _refs(self.schemas[name])
            waiting |= self._below[name] - found
        return sorted(found)

    def registry(self) -> Any:
        """All of them as one resource, for as many validators as there are."""
        if self._registry is None:
            import jsonschema_rs

            self._registry = jsonschema_rs.Registry([(self.uri, {"$defs": dict(self.schemas)})])
        return self._registry


_DEFINITIONS: dict[int, Definitions] = {}
_MOST_COPIED = 20
"""The definitions that a validator has for itself; of more it is given the package's."""


def _definitions(schemas: Mapping[str, Any]) -> Definitions:
    """Those of a package are kept, by identity: they have no hash, and last as long as it does."""
    if len(schemas) <= _MOST_COPIED:
        return Definitions(schemas)
    if id(schemas) not in _DEFINITIONS:
        _DEFINITIONS[id(schemas)] = Definitions(schemas)
    return _DEFINITIONS[id(schemas)]


def alone(schema: Schema) -> Schema:
    """A schema with those of its `$defs` alone that it refers to."""
    if isinstance(schema, bool) or "$defs" not in schema:
        return schema
    return _alone(*_parted(schema))


def _alone(body: dict[str, Any], every: Definitions) -> dict[str, Any]:
    return {**body, "$defs": {name: every.schemas[name] for name in every.reached(body)}}


def _parted(schema: Mapping[str, Any]) -> tuple[dict[str, Any], Definitions]:
    body = {key: value for key, value in schema.items() if key != "$defs"}
    return body, _definitions(schema["$defs"])


def _validator_of(schema: Schema) -> Any:
    """The validator of a check: one for all checks that say the same."""
    if isinstance(schema, bool) or "$defs" not in schema:
        return _validator(json.dumps(schema))
    body, every = _parted(schema)
    if every.ways.are_many(body):
        return _validator(json.dumps(checked_once(_alone(body, every))))
    if len(every.reached(body)) <= _MOST_COPIED:
        return _validator(json.dumps(_alone(body, every)))
    return _validator(json.dumps(_based(body, every.uri)), every)


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
    """A schema whose references lead into the resource that has its definitions."""
    if isinstance(schema, list):
        return [_based(item, uri) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _BY_NAME and isinstance(value, Mapping):
            made[key] = {name: _based(item, uri) for name, item in value.items()}
        elif key == "$ref":
            made[key] = f"{uri}{value}"
        else:
            made[key] = value if key in _DATA else _based(value, uri)
    return made


def _refs(schema: Any) -> set[str]:
    """The names of the definitions that a schema refers to."""
    if isinstance(schema, list):
        return {name for item in schema for name in _refs(item)}
    if not isinstance(schema, Mapping):
        return set()
    found: set[str] = set()
    for key, value in schema.items():
        if key in _BY_NAME and isinstance(value, Mapping):
            found.update(*(_refs(item) for item in value.values()))
        elif key == "$ref":
            found.add(str(value).removeprefix("#/$defs/"))
        elif key not in _DATA:
            found |= _refs(value)
    return found


@cache
def _validator(schema: str, every: Definitions | None = None) -> Any:
    try:
        import jsonschema_rs
    except ImportError:
        raise ConfigurationError(
            f"this message's schema needs a JSON Schema validator: {install('schema')}"
        ) from None
    # What was received is told to nobody unless that is asked for: it may be anyone's secret.
    return jsonschema_rs.validator_for(
        json.loads(schema),
        validate_formats=True,
        formats=format_checks(),
        mask=None if shows_values() else MASK,
        registry=None if every is None else every.registry(),
    )
