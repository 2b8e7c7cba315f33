"""Messages for tests: the document's examples, or values made from the schema's constraints."""

from __future__ import annotations

import sys
from typing import Any, TypeVar, cast

from jararaca_shared.distribution import install

from jararaca.errors import ConfigurationError, JararacaError
from jararaca.messages.base_message import from_json
from jararaca.messages.message import Message
from jararaca.messages.model import Model
from jararaca.routing.examples import examples_beside

ModelT = TypeVar("ModelT", bound=Model)
MOST_TRIES = 200
BUILT = 5
"""Tries by the annotations alone; then the class's whole schema is looked at."""


class NoExampleError(JararacaError):
    """No value was found that a class accepts."""


def example(kind: type[ModelT], /, **overrides: Any) -> ModelT:
    """The document's first example of a message, with some fields replaced.

    Where the document has none, it is `generated`. Raises pydantic.ValidationError for overrides
    that the class does not accept.
    """
    documented = _documented(kind)
    if documented is None:
        return generated(kind, **overrides)
    if not overrides:
        return documented
    fields = {name: getattr(documented, name) for name in documented.model_fields_set}
    return kind(**{**fields, **overrides})


def generated(kind: type[ModelT], seed: int = 0, /, **overrides: Any) -> ModelT:
    """A value made from the schema's constraints: the same for the same seed.

    Raises NoExampleError, and ConfigurationError without the extra `testing`.
    """
    try:
        from jararaca.testing.polyfactory import UNFIT, build, build_by_schema
    except ImportError as error:
        raise ConfigurationError(
            f"generating messages needs polyfactory: {install('testing')}, or give "
            f"{kind.__qualname__} an example in the document"
        ) from error
    if overrides:
        return kind(**{**_fields(generated(kind, seed)), **overrides})
    reason: Exception | None = None
    for number in range(MOST_TRIES):
        make = build if number < BUILT else build_by_schema
        try:
            return _accepted(make(kind, seed * MOST_TRIES + number))
        except UNFIT as error:
            reason = error
    raise NoExampleError(
        f"no valid {kind.__qualname__} was found in {MOST_TRIES} attempts ({reason}): give the "
        "message an example in the document"
    ) from reason


def _accepted(made: ModelT) -> ModelT:
    """The value as it is received; one that is not accepted raises."""
    if isinstance(made, Message):
        return cast(ModelT, made.decode(made.encode()))
    return type(made).model_validate_json(made.model_dump_json(by_alias=True, exclude_unset=True))


def _fields(made: Model) -> dict[str, Any]:
    return {name: getattr(made, name) for name in made.model_fields_set}


def _documented(kind: type[ModelT]) -> ModelT | None:
    if not issubclass(kind, Message):
        return None
    module = sys.modules.get(kind.__module__)
    for each in examples_beside(getattr(module, "__file__", None)):
        if each.message == kind.MESSAGE_NAME:
            return cast(ModelT, from_json(kind, each.body()))
    return None
