"""The base of generated classes: pydantic models that accept just what their schema accepts."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self, TypeVar, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from jararaca.messages.building import (
    CONSTRUCTING,
    by_classes_too,
    by_its_own_validator,
    by_the_names_of_its_module,
    near,
)
from jararaca.messages.values.loosened import UNCHECKED
from jararaca.messages.values.schema_check import Check, also
from jararaca.messages.values.strictness import exact
from jararaca.messages.values.undeclared import apart_from_fields, by_plain_names

GENERATED = "__generated__"
"""What a module has whose classes `jararaca codegen` wrote."""

_AROUND = ("function-after", "function-before", "function-wrap")
"""What a class's own `@model_validator`s are in its core schema."""

T = TypeVar("T")


class Omitted:
    """Marks an optional property: it may be absent, but not null."""

    __slots__ = ()

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(source)
        if schema["type"] == "nullable":
            return cast(core_schema.NullableSchema, schema)["schema"]
        return schema


def is_none(value: object) -> bool:
    """Whether a field is left out of what is written."""
    return value is None


OMITTED = Omitted()
Omittable = Annotated[T | None, OMITTED, Field(exclude_if=is_none)]
"""A property that may be absent but not null: None in Python when absent, and never written."""


def JsonDefault(value: Any) -> Any:
    """A property's default as JSON has it, which is read anew for each object without one."""
    return Field(default=value, validate_default=True)


class Model(BaseModel):
    """An object in a message: subclass it, or let `jararaca codegen` do so.

    Validation is as exact as JSON Schema: "5" is no int, 1.0 is one, a UUID is read from a text,
    and a property goes by its alias; constructors take Python names and values. JSON_SCHEMA is
    what the fields do not express, if anything. Where OBJECTS_ONLY is False, a value that is no
    object is valid too: it is kept as `model_value` and written as it came.
    A class by hand is written with its defaults: what a factory made is the object's own. One that
    is generated is written as it was given or came: what is absent has its meaning in the document.
    """

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
        defer_build=True,
        protected_namespaces=(),
        ser_json_inf_nan="constants",  # Which `encode` refuses; null would be another value.
    )

    JSON_SCHEMA: ClassVar[Mapping[str, Any] | None] = None
    OBJECTS_ONLY: ClassVar[bool] = True
    IS_GENERATED: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.IS_GENERATED = hasattr(sys.modules.get(cls.__module__), GENERATED)

    def __init__(self, /, **data: Any) -> None:
        if None in data.values():
            data = _without_omitted(type(self), data)
        self.__pydantic_validator__.validate_python(data, self_instance=self, context=CONSTRUCTING)

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @property
    def model_value(self) -> Any:
        """The value itself, where it is no object; None where it is."""
        return (self.__pydantic_private__ or {}).get("value")

    @property
    def model_extra(self) -> dict[str, Any] | None:
        """The undeclared properties, by their names in JSON."""
        return by_plain_names(self.__pydantic_extra__)

    @classmethod
    def model_validate(
        cls, obj: Any, *, by_alias: bool | None = True, by_name: bool | None = False, **options: Any
    ) -> Self:
        """Validate a JSON value, by the schema's names. Raises pydantic.ValidationError."""
        made: Self = cls.__pydantic_validator__.validate_python(
            obj, by_alias=by_alias, by_name=by_name, **options
        )
        return made

    @classmethod
    def model_validate_json(
        cls,
        json_data: str | bytes | bytearray,
        *,
        by_alias: bool | None = True,
        by_name: bool | None = False,
        **options: Any,
    ) -> Self:
        """Validate JSON, by the schema's names. Raises pydantic.ValidationError."""
        made: Self = cls.__pydantic_validator__.validate_json(
            json_data, by_alias=by_alias, by_name=by_name, **options
        )
        return made

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        with near(cls) as is_near:
            if not is_near:
                return by_its_own_validator(cls)
            if cls.IS_GENERATED:
                with by_the_names_of_its_module(handler):
                    schema = handler(source)
            else:
                schema = handler(source)
        made = _of_the_class(cls, cast(dict[str, Any], handler.resolve_ref_schema(schema)))
        if made is not None:
            made["schema"] = exact(made["schema"], by_classes_too(handler.resolve_ref_schema))
            if cls.model_config.get("extra") == "allow":
                made["schema"] = apart_from_fields(made["schema"])
            if cls.__pydantic_decorators__.computed_fields:
                _forget_computed(cls, made)
            elif cls.JSON_SCHEMA is not None or not cls.OBJECTS_ONLY:
                _wrap(cls, made)
            made["metadata"] = {**made.get("metadata", {}), "jararaca": True}
        return schema

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        if not cls.OBJECTS_ONLY:
            described = {"anyOf": [{"not": {"type": "object"}}, described]}
        return also(described, cls.JSON_SCHEMA)


def forget_class_variables(cls: type[Model]) -> None:
    """Drop a base's annotations once pydantic knows them: it evaluates them for each subclass."""
    cls.__annotations__.clear()


forget_class_variables(Model)


def json_value(model: Model) -> Any:
    """The value by the schema's names, as `encode` of a message writes it."""
    return model.model_dump(mode="json", by_alias=True, exclude_unset=model.IS_GENERATED)


def _of_the_class(cls: type[Model], schema: dict[str, Any]) -> dict[str, Any] | None:
    """The part of its core schema that is the class; its own validators may be around it.

    None where it was made exact before, or is another's.
    """
    while not schema.get("metadata", {}).get("jararaca"):
        if schema.get("cls") is cls:
            return schema
        if schema["type"] not in _AROUND:
            return None
        schema = schema["schema"]
    return None


def _forget_computed(cls: type[Model], made: dict[str, Any]) -> None:
    """What comes under the name of a computed field is computed anew, and not written twice."""
    inner = {key: value for key, value in made.items() if key != "ref"}
    computed = [
        field.info.alias or name
        for name, field in cls.__pydantic_decorators__.computed_fields.items()
    ]

    def forget(value: Any) -> Any:
        further = value.__pydantic_extra__
        for name in computed if further else ():
            further.pop(name, None)
        return value

    after = core_schema.no_info_after_validator_function(
        forget, cast(CoreSchema, inner), ref=made.get("ref")
    )
    made.clear()
    made.update(cast(dict[str, Any], after))


def _wrap(cls: type[Model], made: dict[str, Any]) -> None:
    """Put the check of the whole value around a model's core schema, in place: it has a ref."""
    inner = {key: value for key, value in made.items() if key != "ref"}
    ref = made.get("ref")
    check = None if cls.JSON_SCHEMA is None else Check(cls.JSON_SCHEMA)

    def validate(
        value: Any,
        handler: core_schema.ValidatorFunctionWrapHandler,
        info: core_schema.ValidationInfo,
    ) -> Any:
        if isinstance(value, cls):
            return handler(value)
        if info.context is CONSTRUCTING:
            made = handler(value)
            if check is not None:
                check(json_value(made))
            return made
        if check is not None:
            check(value)
        return unchecked(value, handler, info)

    def unchecked(
        value: Any,
        handler: core_schema.ValidatorFunctionWrapHandler,
        info: core_schema.ValidationInfo,
    ) -> Any:
        return handler(value) if cls.OBJECTS_ONLY or isinstance(value, dict) else _bare(cls, value)

    setattr(validate, UNCHECKED, unchecked)
    wrapped = core_schema.with_info_wrap_validator_function(
        validate, cast(CoreSchema, inner), ref=ref
    )
    if not cls.OBJECTS_ONLY:
        wrapped["serialization"] = core_schema.wrap_serializer_function_ser_schema(
            _write, schema=cast(CoreSchema, inner)
        )
    made.clear()
    made.update(cast(dict[str, Any], wrapped))


def _bare(cls: type[Model], value: Any) -> Model:
    made = cls.model_construct()
    object.__setattr__(made, "__pydantic_private__", {"value": value})
    return made


def _write(model: Any, handler: core_schema.SerializerFunctionWrapHandler) -> Any:
    bare = model.__pydantic_private__ if isinstance(model, Model) else None
    return bare["value"] if bare and "value" in bare else handler(model)


def _without_omitted(cls: type[Model], data: dict[str, Any]) -> dict[str, Any]:
    """`M(note=None)` says what leaving `note` out says, where null is not valid."""
    fields = cls.__pydantic_fields__
    return {
        name: value
        for name, value in data.items()
        if value is not None or name not in fields or OMITTED not in fields[name].metadata
    }
