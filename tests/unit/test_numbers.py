"""Numbers of any size are what they are in JSON, and what JSON does not have is no message."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from jararaca import DecodeError, Message
from pydantic_core import PydanticSerializationError

from tests.support.models import compiled

SCHEMAS: dict[str, Any] = {
    "Value": {},
    "Open": {"type": "object", "properties": {"a": {}, "d": {"type": "object"}}},
    "Count": {"type": "integer"},
    "AtLeast": {"type": "integer", "minimum": 1e19},
    "Listed": {"enum": [1e20, 5]},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return compiled(tmp_path_factory.mktemp("numbers"), SCHEMAS, {})


@pytest.mark.parametrize("text", ["1e19", "-1e19", "1e20", "1.5e300", "9223372036854775808.0"])
def test_an_integer_may_be_written_with_an_exponent(made: ModuleType, text: str) -> None:
    found = made.Count.decode(text.encode())
    assert type(found.root) is int and found.root == int(float(text))
    assert json.loads(found.encode()) == float(text)


@pytest.mark.parametrize(
    ("name", "text", "taken"),
    [
        ("AtLeast", "1e19", True),
        ("AtLeast", "1e18", False),
        ("Listed", "1e20", True),
        ("Listed", "100000000000000000000", True),
        ("Listed", "5.0", True),
        ("Listed", "1e21", False),
        ("Listed", "6", False),
        ("Count", "1e400", False),
        ("Count", "1.5", False),
    ],
)
def test_large_bounds_and_values_are_kept(
    made: ModuleType, name: str, text: str, taken: bool
) -> None:
    try:
        getattr(made, name).decode(text.encode())
    except DecodeError:
        assert not taken
    else:
        assert taken


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "Infinity"])
def test_what_is_no_json_is_refused_wherever_it_stands(made: ModuleType, text: str) -> None:
    for body in (f'{{"a": [{text}]}}', f'{{"other": {text}}}'):
        with pytest.raises(DecodeError, match="no numbers in JSON"):
            made.Open.decode(body.encode())
    quoted = made.Open.decode(f'{{"a": "{text}", "{text}": 1}}'.encode())
    assert json.loads(quoted.encode()) == {"a": text, text: 1}


class Noted(Message):
    """By hand."""

    value: object = None


WRITTEN: list[Callable[[ModuleType], Message]] = [
    lambda made: made.Value(float("nan")),
    lambda made: made.Open(d={"q": [float("inf")]}),
    lambda made: made.Open.decode(b'{"a": 1e400}'),
    lambda made: Noted(value=float("-inf")),
]


@pytest.mark.parametrize("make", WRITTEN)
def test_what_json_cannot_say_is_never_written_as_null(
    made: ModuleType, make: Callable[[ModuleType], Message]
) -> None:
    with pytest.raises(PydanticSerializationError, match="no numbers in JSON"):
        make(made).encode()
