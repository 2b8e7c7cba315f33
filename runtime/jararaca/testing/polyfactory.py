"""Values of a class: from its annotations by polyfactory, or from its schema."""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import Any, TypeVar

from polyfactory.exceptions import FactoryException
from polyfactory.factories.pydantic_factory import ModelFactory
from polyfactory.value_generators.regex import RegexFactory
from pydantic import ValidationError

from jararaca.errors import DecodeError
from jararaca.messages.model import Model
from jararaca.testing.schemas import ImpossibleError, Maker

ModelT = TypeVar("ModelT", bound=Model)
UNFIT = (ValidationError, DecodeError, ImpossibleError, FactoryException, ValueError, TypeError)
"""What an attempt that comes to nothing may raise."""


def build(kind: type[ModelT], seed: int) -> ModelT:
    """An attempt by the annotations; the same for the same seed."""
    factory = _factory(kind)
    factory.seed_random(seed)
    made: ModelT = factory.build()
    return made


def build_by_schema(kind: type[ModelT], seed: int) -> ModelT:
    """An attempt by the schema; the same for the same seed."""
    made = Maker(Random(seed), text_of_pattern).value(_schema(kind))
    return kind.model_validate_json(json.dumps(made))


def text_of_pattern(pattern: str, random: Random) -> str:
    """A text that a regular expression matches."""
    return RegexFactory(random=random)(pattern)


@cache
def _factory(kind: type[Model]) -> Any:
    return ModelFactory.create_factory(kind)


@cache
def _schema(kind: type[Model]) -> Any:
    return kind.model_json_schema()
