"""A received message that violates its schema, read all the same: typed, not checked."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import ValidationError

from jararaca.messages.binary import BinaryMessage
from jararaca.messages.message import Message
from jararaca.messages.values.loosened import loose_validator

M = TypeVar("M", bound=Message)


def read_loosely(kind: type[M], body: bytes) -> M | None:
    """The message in a body that violates its schema; None where a value is not of its type.

    Undeclared properties of closed objects are left out. Raises what its encoding does.
    """
    if issubclass(kind, BinaryMessage):
        body = json.dumps(kind.MESSAGE_ENCODING.decode(body)).encode()
    try:
        made: M = loose_validator(kind).validate_json(body, by_alias=True, by_name=False)
    except ValidationError:
        return None
    return made
