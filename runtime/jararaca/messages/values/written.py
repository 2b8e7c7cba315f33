"""Values that remember how they were written, where Python would write them otherwise.

`datetime` has no more than microseconds and writes `.5Z` as `.500000Z`, `timedelta` has neither
months nor years, and `Decimal` writes `0.0000001` as `1E-7`: what is passed on would not be what
came. These are ordinary values to whoever
computes with them; what is computed is written as Python has it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, Self, cast

from pydantic_core import CoreSchema, SchemaValidator, core_schema, to_jsonable_python


class _Written:
    """Nothing in it changes: a copy is the thing itself, with its text."""

    text: str | None = None

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


class WrittenDatetime(_Written, dt.datetime):
    """A datetime with the text that it was read from."""


class WrittenTime(_Written, dt.time):
    """A time with the text that it was read from."""


class WrittenDuration(_Written, dt.timedelta):
    """A timedelta with the text that it was read from: a month in it counts as 30 days."""


class WrittenDecimal(_Written, Decimal):
    """A Decimal with the text that it was read from."""


def read_datetime(text: str) -> dt.datetime:
    """Raises pydantic.ValidationError."""
    read = cast(dt.datetime, _reader("datetime").validate_python(text))
    made = WrittenDatetime(
        read.year,
        read.month,
        read.day,
        read.hour,
        read.minute,
        read.second,
        read.microsecond,
        read.tzinfo,
    )
    made.text = text
    return made


def read_time(text: str) -> dt.time:
    """Raises pydantic.ValidationError."""
    read = cast(dt.time, _reader("time").validate_python(text))
    made = WrittenTime(read.hour, read.minute, read.second, read.microsecond, read.tzinfo)
    made.text = text
    return made


def read_duration(text: str) -> dt.timedelta:
    """Raises pydantic.ValidationError."""
    read = cast(dt.timedelta, _reader("timedelta").validate_python(text))
    if to_jsonable_python(read) == text:
        return read
    made = WrittenDuration(read.days, read.seconds, read.microseconds)
    made.text = text
    return made


def read_decimal(text: str, read: Callable[[str], Decimal]) -> Decimal:
    """`read` is pydantic's reading of it. Raises pydantic.ValidationError."""
    made = WrittenDecimal(read(text))
    made.text = text
    return made


def write_datetime(value: dt.datetime) -> str:
    """As it was read, else as RFC 3339 has it. Raises ValueError for one without a time zone."""
    if type(value) is WrittenDatetime and value.text is not None:
        return value.text
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone: use datetime.now(UTC)")
    text = value.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def write_other(value: dt.time | dt.timedelta | Decimal) -> Any:
    """As it was read, else as pydantic has it."""
    if isinstance(value, _Written) and value.text is not None:
        return value.text
    return to_jsonable_python(value)


@cache
def _reader(kind: str) -> SchemaValidator:
    return SchemaValidator(cast(CoreSchema, {"type": kind}))


def writing(schema: dict[str, Any], write: Any) -> dict[str, Any]:
    """The core schema with the function that its values are written by in JSON."""
    serialization = core_schema.plain_serializer_function_ser_schema(
        write, return_schema=core_schema.str_schema(), when_used="json-unless-none"
    )
    return {**schema, "serialization": serialization}
