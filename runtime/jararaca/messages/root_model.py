"""Values that are no objects and need a name; few applications have some, and most need no import.

pydantic's own RootModel builds a validator as it is imported, which costs as much as all of ours.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import pydantic
from pydantic import ConfigDict
from pydantic_core import PydanticUndefined

from jararaca.messages.building import CONSTRUCTING
from jararaca.messages.message import Message
from jararaca.messages.model import Model

RootT = TypeVar("RootT")


class RootModel(Model, pydantic.RootModel[RootT], Generic[RootT]):
    """A value that is no object with fields, where it needs a name: it is `root`."""

    model_config = ConfigDict(extra=None)

    def __init__(self, /, root: Any = PydanticUndefined, **data: Any) -> None:
        value = data if root is PydanticUndefined else root
        self.__pydantic_validator__.validate_python(value, self_instance=self, context=CONSTRUCTING)

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


class RootMessage(Message, RootModel[RootT], Generic[RootT]):
    """A message whose body is no object: `RootMessage[list[float]]`; the value is `.root`."""
