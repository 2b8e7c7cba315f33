"""A class's values as JSON, beneath a binary form where it has one, and that form."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

_TRIED = 10
"""How many values are written in a binary form."""


def read(cls: Any, value: Any) -> Any:
    """What the class makes of a JSON value. Raises DecodeError."""
    text = json.dumps(value).encode()
    binary = _binary(cls)
    return cls.decode(text) if binary is None else super(binary, cls).decode(text)


def written(made: Any) -> bytes:
    """The JSON text of what a class has read."""
    binary = _binary(type(made))
    text: bytes = made.encode() if binary is None else super(binary, made).encode()
    return text


def wrong_form(cls: Any, valid: Iterable[Any]) -> str | None:
    """Why a binary form is not its class's, as a sentence: nothing can be written, or what is
    written is read as something else.
    """
    if _binary(cls) is None:
        return None
    refused: Exception | None = None
    is_written = False
    for value in islice(valid, _TRIED):
        made = read(cls, value)
        try:
            body = made.encode()
        except Exception as error:
            refused = error  # JSON has values that the binary form has no place for.
            continue
        is_written = True
        try:
            again = cls.decode(body).encode()
        except Exception as error:
            return f"{json.dumps(value)[:200]} is not read from what it is written as: {error}"
        if again != body:
            return f"{json.dumps(value)[:200]} is read otherwise than it is written"
    return None if is_written or refused is None else f"can write no value: {str(refused)[:200]}"


def _binary(cls: Any) -> Any:
    """The class above that has a binary form."""
    return next((each for each in cls.__mro__ if each.__name__ == "BinaryMessage"), None)
