"""The base of all messages: a model with a name on the wire, written as and read from JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticSerializationError
from pydantic_core import from_json as parsed

from jararaca.errors import DecodeError
from jararaca.messages.model import Model, forget_class_variables
from jararaca.messages.values.shown_values import MOST_REASONS, shows_values
from jararaca.messages.violation import violations

BaseMessageT = TypeVar("BaseMessageT", bound="BaseMessage")
MOST_COUNTED = 20_000
"""How many reasons are looked at: pydantic makes all of them or none, and a body of 16 MB may have
millions, which would take minutes and gigabytes."""
_LONGEST_STEP = 60


class BaseMessage(Model):
    """The base of all messages; MESSAGE_NAME is the class's name where it is not given."""

    MESSAGE_NAME: ClassVar[str] = "BaseMessage"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Of `MESSAGE_TOPIC: str = "user.created"` pydantic would make a field.
        said = cls.__annotations__
        said.update({name: ClassVar[Any] for name in said if name.startswith("MESSAGE_")})
        if "MESSAGE_NAME" not in cls.__dict__:
            cls.MESSAGE_NAME = cls.__name__

    def encode(self) -> bytes:
        """The body on the wire: JSON by the schema's names.

        Raises pydantic_core.PydanticSerializationError for what JSON cannot say.
        """
        body = self.__pydantic_serializer__.to_json(
            self, by_alias=True, exclude_unset=self.IS_GENERATED
        )
        if (why := _no_json(body)) is not None:
            raise PydanticSerializationError(
                f"{self.MESSAGE_NAME} cannot be written as JSON: {why}"
            )
        return body

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """The message in a JSON body, strictly. Raises DecodeError with the first reasons."""
        if (why := _no_json(body)) is not None:
            raise DecodeError(f"not a valid {cls.MESSAGE_NAME}: body: Invalid JSON: {why}")
        try:
            made: Self = cls.__pydantic_validator__.validate_json(
                body, by_alias=True, by_name=False
            )
        except ValidationError as error:
            raise invalid(cls.MESSAGE_NAME, error) from None
        return made


forget_class_variables(BaseMessage)


def _no_json(body: bytes) -> str | None:
    """Why a text is no JSON that pydantic reads and writes all the same: it has numbers that
    are none."""
    if b"NaN" not in body and b"Infinity" not in body:
        return None
    try:
        parsed(body, allow_inf_nan=False)
    except ValueError:
        return "NaN and Infinity are no numbers in JSON"
    return None


def to_json(message: BaseMessage) -> bytes:
    """A message as JSON, whatever its body on the wire is."""
    return BaseMessage.encode(message)


def from_json(kind: type[BaseMessageT], body: bytes) -> BaseMessageT:
    """The message in its JSON form. Raises DecodeError."""
    made: BaseMessageT = BaseMessage.decode.__func__(kind, body)  # type: ignore[attr-defined]
    return made


def invalid(name: str, error: ValidationError) -> DecodeError:
    """The error that says why a value is not valid, on one line and by its violations."""
    count = error.error_count()
    if count > MOST_COUNTED:
        return DecodeError(f"not a valid {name}: {count} values in it are wrong")
    found = error.errors(include_url=False, include_input=shows_values())
    return DecodeError(_reasons(name, found), violations(name, found))


def reasons(name: str, error: ValidationError) -> str:
    """Why a value is not valid, on one line."""
    return str(invalid(name, error))


def _reasons(name: str, found: Sequence[ErrorDetails]) -> str:
    told = [f"{_place(item['loc'])}: {_why(item)}" for item in found[:MOST_REASONS]]
    if len(found) > MOST_REASONS:
        told.append(f"and {len(found) - MOST_REASONS} more")
    return f"not a valid {name}: {'; '.join(told)}"


def _why(item: ErrorDetails) -> str:
    """What is wrong, without the value that is; only one of pydantic's texts has it."""
    if shows_values():
        return f"{item['msg']}, got {item['input']!r}"
    if item["type"] == "union_tag_invalid":
        context = item["ctx"]
        return (
            f"Input tag found using {context['discriminator']} does not match any of the expected "
            f"tags: {context['expected_tags']}"
        )
    return item["msg"]


def _place(steps: tuple[int | str, ...]) -> str:
    """The way to a value; a variant without a name is called by its type, which may be long."""
    shown = (str(step) for step in steps)
    return (
        ".".join(s if len(s) <= _LONGEST_STEP else f"{s[:_LONGEST_STEP]}..." for s in shown)
        or "body"
    )
