"""A model with a name on the wire, and the JSON that it is written as and read from."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import ValidationError

from jararaca.errors import DecodeError
from jararaca.messages.model import Model, forget_class_variables


class NamedModel(Model):
    """The base of all messages; MESSAGE_NAME is the class's name where it is not given."""

    MESSAGE_NAME: ClassVar[str] = "NamedModel"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "MESSAGE_NAME" not in cls.__dict__:
            cls.MESSAGE_NAME = cls.__name__

    def encode(self) -> bytes:
        """The body on the wire: JSON by the schema's names, without the fields that are unset."""
        return self.model_dump_json(by_alias=True, exclude_unset=True).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """The message in a JSON body, validated strictly. Raises DecodeError, with every reason."""
        try:
            made: Self = cls.__pydantic_validator__.validate_json(
                body, by_alias=True, by_name=False
            )
        except ValidationError as error:
            raise DecodeError(reasons(cls.MESSAGE_NAME, error)) from None
        return made


forget_class_variables(NamedModel)


def reasons(name: str, error: ValidationError) -> str:
    """Why a value is not valid, on one line."""
    told = "; ".join(
        f"{'.'.join(map(str, item['loc'])) or 'body'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return f"not a valid {name}: {told}"
