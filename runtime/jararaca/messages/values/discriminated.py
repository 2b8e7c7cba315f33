"""Variants of which one property names the one that a value is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class Discriminated:
    """Marks a union with the property that chooses, and the variant of each of its values.

    `Annotated[Cow | Pig, Discriminated("kind", {"cow": Cow, "pig": Pig})]`: a value of another kind
    is not valid, and a cow's is validated as a Cow alone.
    """

    __slots__ = ("property", "variants")

    def __init__(self, property: str, variants: Mapping[str | int, Any]) -> None:
        self.property = property
        self.variants = variants

    def __repr__(self) -> str:
        return f"Discriminated({self.property!r}, {self.variants!r})"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        is_nullable = handler(source)["type"] == "nullable"
        tagged = core_schema.tagged_union_schema(
            {value: handler.generate_schema(kind) for value, kind in self.variants.items()},
            discriminator=[[name] for name in self._names()],
        )
        return core_schema.nullable_schema(tagged) if is_nullable else tagged

    def _names(self) -> list[str | int]:
        """What the property is called: in JSON, and in the objects that a constructor is given."""
        kinds = [kind for kind in self.variants.values() if isinstance(kind, type)]
        models = [kind for kind in kinds if issubclass(kind, BaseModel)]
        found = (
            name
            for model in models
            for name, field in model.model_fields.items()
            if field.alias == self.property
        )
        return list(dict.fromkeys([self.property, *found]))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        is_nullable = schema["type"] == "nullable"
        whole = cast(dict[str, Any], schema)
        tagged = whole["schema"] if is_nullable else whole
        variants = [self._described(value, handler(c)) for value, c in tagged["choices"].items()]
        return {"anyOf": [*variants, *([{"type": "null"}] if is_nullable else [])]}

    def _described(self, value: str | int, variant: JsonSchemaValue) -> JsonSchemaValue:
        tag = {"properties": {self.property: {"const": value}}, "required": [self.property]}
        return {"allOf": [{"type": "object", **tag}, variant]}
