"""Where the validator of one class ends and that of another begins.

pydantic builds the validator of a class from those of all classes that it leads to, by recursion:
fifty linked classes exhaust Python's stack, and a hundred messages that share a catalogue of seven
hundred classes would each build all of them. So a validator takes in what is near. A class further
on is validated by its own validator, which is built when a value first needs it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import CoreSchema, core_schema

from jararaca.messages.values.loosened import UNCHECKED, loose_validator
from jararaca.messages.values.tried_once import ROOT

DEEPEST = 8
"""How many classes may be within one another in one validator."""
MOST = 64
"""How many classes one validator takes in."""
MOST_FRAMES = 300
"""How much of Python's stack they may take: types within a class are built by recursion, too."""
_CACHED = "types_namespace"
CONSTRUCTING = object()
"""The context of a validation that a constructor started: its values are Python's."""


class _Build(threading.local):
    """The classes of the validator that this thread is building."""

    def __init__(self) -> None:
        self.depth = 0
        self.classes: set[type] = set()
        self.begun = 0


_BUILD = _Build()


@contextmanager
def near(cls: type) -> Iterator[bool]:
    """Whether a class belongs into the validator that is being built, and is part of it inside."""
    if _BUILD.depth == 0:
        _BUILD.classes = set()
        _BUILD.begun = _frames()
    is_new = cls not in _BUILD.classes
    if is_new and (
        _BUILD.depth >= DEEPEST
        or len(_BUILD.classes) >= MOST
        or _frames() - _BUILD.begun >= MOST_FRAMES
    ):
        yield False
        return
    _BUILD.classes.add(cls)
    _BUILD.depth += 1
    try:
        yield True
    finally:
        _BUILD.depth -= 1


def _frames() -> int:
    """How many functions call one another here."""
    frame, count = sys._getframe(), 0
    while frame.f_back is not None:
        frame, count = frame.f_back, count + 1
    return count


def by_classes_too(
    resolve: Callable[[CoreSchema], CoreSchema],
) -> Callable[[CoreSchema], CoreSchema]:
    """`resolve`, which also knows the classes that are being built; it raises LookupError."""

    def resolved(schema: CoreSchema) -> CoreSchema:
        try:
            return resolve(schema)
        except LookupError:
            # pydantic's names end in the identity of what they name.
            identity = str(schema.get("schema_ref")).rpartition(":")[2]
            for cls in _BUILD.classes:
                if identity == str(id(cls)):
                    return _stand_in(cls)
            raise

    return resolved


def _stand_in(cls: type) -> CoreSchema:
    metadata = {ROOT: getattr(cls, "__pydantic_root_model__", False)}
    return core_schema.model_schema(cls, core_schema.model_fields_schema({}), metadata=metadata)


class _Nobody:
    """Stands in the place of the class that is built first; nothing can be called like it."""


_Nobody.__name__ = "<nobody>"


@contextmanager
def by_the_names_of_its_module(handler: object) -> Iterator[None]:
    """While a generated class is built: what its annotations name is what its module has.

    pydantic looks names up in the class that is built first before it looks into the module: of a
    message `Order` that leads to a schema with a field of the schema `Order`, that field would be
    another message. There is no public way to say otherwise.
    """
    names = getattr(getattr(handler, "_generate_schema", None), "_ns_resolver", None)
    stack = getattr(names, "_types_stack", None)
    if not isinstance(stack, list) or (stack and stack[0] is _Nobody):
        yield
        return
    stack.insert(0, _Nobody)
    vars(names).pop(_CACHED, None)
    try:
        yield
    finally:
        stack.remove(_Nobody)
        vars(names).pop(_CACHED, None)


def by_its_own_validator(cls: type[BaseModel]) -> CoreSchema:
    """The schema of a class that is far away; its constants still tell it from other variants."""

    def validate(
        value: Any,
        handler: core_schema.ValidatorFunctionWrapHandler,
        info: core_schema.ValidationInfo,
    ) -> Any:
        if isinstance(value, cls):
            return value
        if info.context is CONSTRUCTING:
            return cls.__pydantic_validator__.validate_python(value, context=CONSTRUCTING)
        return cls.__pydantic_validator__.validate_python(value, by_alias=True, by_name=False)

    def unchecked(value: Any, *_: Any) -> Any:
        return loose_validator(cls).validate_python(value, by_alias=True, by_name=False)

    setattr(validate, UNCHECKED, unchecked)
    return core_schema.with_info_wrap_validator_function(
        validate,
        core_schema.model_fields_schema(_constants(cls)),
        serialization=core_schema.plain_serializer_function_ser_schema(_itself),
        metadata={
            "pydantic_js_functions": [lambda schema, handler: {"title": cls.__name__}],
            ROOT: cls.__pydantic_root_model__,
        },
    )


def _itself(model: Any) -> Any:
    """A model is written by its own serializer."""
    return model


def _constants(cls: type[BaseModel]) -> dict[str, core_schema.ModelField]:
    return {
        name: core_schema.model_field(
            core_schema.literal_schema(list(get_args(field.annotation))),
            validation_alias=field.alias,
        )
        for name, field in cls.model_fields.items()
        if get_origin(field.annotation) is Literal
    }
