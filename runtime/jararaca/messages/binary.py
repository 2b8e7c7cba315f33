"""Messages whose body is not JSON on the wire: what encodes and decodes it stands in the class."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Protocol, Self

from jararaca.errors import DecodeError, PublishParameterError
from jararaca.messages.message import Message
from jararaca.messages.model import forget_class_variables


class Encoding(Protocol):
    """A binary form of JSON values; each method raises whatever its library does."""

    name: str
    """What it is called in an error."""

    def encode(self, value: Any) -> bytes:
        """The body of a JSON value."""

    def decode(self, body: bytes) -> Any:
        """The JSON value of a body, all of which must be used."""


class BinaryMessage(Message):
    """A message in a binary form; everything but its body is as for any other message."""

    MESSAGE_ENCODING: ClassVar[Encoding]

    def encode(self) -> bytes:
        """The body on the wire. Raises PublishParameterError for what the form cannot carry."""
        value = json.loads(super().encode())
        try:
            return self.MESSAGE_ENCODING.encode(value)
        except Exception as error:
            form = f"{self.MESSAGE_NAME} cannot be written as {self.MESSAGE_ENCODING.name}"
            raise PublishParameterError(f"{form}: {_told(error)}") from error

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """The message in a body, validated strictly. Raises DecodeError."""
        try:
            text = json.dumps(cls.MESSAGE_ENCODING.decode(body), allow_nan=False)
        except Exception as error:
            form = f"not a valid {cls.MESSAGE_NAME}: the body is not {cls.MESSAGE_ENCODING.name}"
            raise DecodeError(f"{form}: {_told(error)}") from error
        return super().decode(text.encode())


forget_class_variables(BinaryMessage)


def _told(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
