"""The JSON Schema that a type cannot express: checked on the value as it was received."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema, to_jsonable_python

from jararaca.errors import ConfigurationError

Schema = Mapping[str, Any] | bool


class JsonSchema:
    """Marks a type with what JSON Schema says about it beyond the type.

    `Annotated[str, JsonSchema({"not": {"const": ""}})]`. Only values of such types pay for it: the
    validator (of `jararaca[schema]`) is compiled at the first value.
    """

    __slots__ = ("schema",)

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def __repr__(self) -> str:
        return f"JsonSchema({self.schema!r})"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        text = json.dumps(self.schema)

        def check_first(value: Any, info: core_schema.ValidationInfo) -> Any:
            check(text, value if info.mode == "json" else to_jsonable_python(value, by_alias=True))
            return value

        return core_schema.with_info_before_validator_function(check_first, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"allOf": [handler(schema), self.schema]}


def check(schema: str, value: Any) -> None:
    """Check a JSON value by a schema in JSON; raises PydanticCustomError with every reason.

    Raises ConfigurationError where the validator is not installed.
    """
    validator = _validator(schema)
    if validator.is_valid(value):
        return
    reasons = "; ".join(_reason(error) for error in validator.iter_errors(value))
    raise PydanticCustomError("json_schema", "{reasons}", {"reasons": reasons})


def _reason(error: Any) -> str:
    place = "/".join(map(str, error.instance_path))
    return f"{place}: {error.message}" if place else str(error.message)


@cache
def _validator(schema: str) -> Any:
    try:
        import jsonschema_rs
    except ImportError:
        raise ConfigurationError(
            "this message's schema needs a JSON Schema validator: install `jararaca[schema]`"
        ) from None
    return jsonschema_rs.validator_for(json.loads(schema), validate_formats=False)
