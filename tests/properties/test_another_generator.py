"""Our classes and datamodel-code-generator's, of the same schemas, read the same Python values.

It converts what JSON Schema does not, so a validator says which bodies are compared.
"""

from __future__ import annotations

import enum
import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import jsonschema_rs
import pytest
from datamodel_code_generator import InputFileType, generate
from datamodel_code_generator.enums import DataModelType
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from tests.support.models import compiled

MESSAGES = 8
VALUES = 8
FORMATS = {
    "date": ("2024-02-29", "1999-12-31"),
    "date-time": ("2024-01-01T00:00:00Z", "2024-06-01T12:30:15.123456+02:00"),
    "time": ("10:20:30Z", "23:59:59"),
    "duration": ("P1DT2H", "PT0.5S"),
    "uuid": ("6ba7b810-9dad-11d1-80b4-00c04fd430c8",),
    "ipv4": ("10.0.0.1",),
    "ipv6": ("::1",),
}
SCALARS: tuple[tuple[dict[str, Any], tuple[Any, ...]], ...] = (
    ({"type": "integer", "minimum": 0}, (0, 7)),
    ({"type": "number"}, (1.5, 2, 1e20)),
    ({"type": "string", "maxLength": 5}, ("", "é")),
    ({"type": "boolean"}, (True, False)),
    ({"type": ["integer", "null"]}, (None, 3)),
    ({"type": "integer", "enum": [1, 2]}, (1, 2)),
    ({"type": "string", "enum": ["x-1", "class", "1"]}, ("x-1", "class", "1")),
    ({"const": "k"}, ("k",)),
    *(({"type": "string", "format": name}, texts) for name, texts in FORMATS.items()),
)
NAMES = ("a", "b", "class", "userId", "x-y", "date", "list", "config", "_private")


@dataclass(frozen=True, slots=True)
class Made:
    """A schema, and what makes values of it."""

    schema: dict[str, Any]
    value: Callable[[], Any]


def scalar(chance: Random) -> Made:
    schema, values = chance.choice(SCALARS)
    default = {"default": chance.choice(values)} if chance.random() < 0.35 else {}
    return Made({**schema, **default}, lambda: chance.choice(values))


def made(chance: Random, depth: int) -> Made:
    kind = chance.choice(("scalar", "object", "list", "map")) if depth else "scalar"
    if kind == "scalar":
        return scalar(chance)
    if kind == "object":
        return an_object(chance, depth)
    item = made(chance, depth - 1)
    if kind == "map":
        schema = {"type": "object", "additionalProperties": item.schema}
        return Made(schema, lambda: {name: item.value() for name in chance.sample("pq", 1)})
    some = [item.value() for _ in range(2)]
    default = {"default": some} if chance.random() < 0.3 else {}
    schema = {"type": "array", "items": item.schema, **default}
    return Made(schema, lambda: [item.value() for _ in range(chance.randint(0, 2))])


def an_object(chance: Random, depth: int) -> Made:
    fields = {name: made(chance, depth - 1) for name in chance.sample(NAMES, 3)}
    required = [name for name in fields if chance.random() < 0.4]

    def value() -> dict[str, Any]:
        present = [name for name in fields if name in required or chance.random() < 0.5]
        return {name: fields[name].value() for name in present}

    properties = {name: each.schema for name, each in fields.items()}
    return Made({"type": "object", "properties": properties, "required": required}, value)


def theirs(folder: Path, schemas: dict[str, Any], seed: int) -> ModuleType:
    root = {"properties": {n: {"$ref": f"#/definitions/{n}"} for n in schemas}, "title": "Root"}
    path = folder / f"theirs_{seed}.py"
    generate(
        json.dumps({**root, "type": "object", "definitions": schemas}),
        input_file_type=InputFileType.JsonSchema,
        output=path,
        output_model_type=DataModelType.PydanticV2BaseModel,
        formatters=[],
    )
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(path.stem)
    finally:
        sys.path.remove(str(folder))


def plain(value: Any) -> Any:
    """A value as both have it: objects by their names in JSON, with what is there by default."""
    if isinstance(value, BaseModel):
        if "root" in type(value).model_fields:
            return plain(value.root)  # type: ignore[attr-defined]
        fields = type(value).model_fields.items()
        found = {field.alias or name: plain(getattr(value, name)) for name, field in fields}
        return {name: each for name, each in found.items() if each is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value.value if isinstance(value, enum.Enum) else to_jsonable_python(value)


@pytest.mark.parametrize("seed", range(6))
def test_both_read_the_same_values(seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
    found = {f"M{number}": an_object(chance, 3) for number in range(MESSAGES)}
    schemas = {name: each.schema for name, each in found.items()}
    ours, other = compiled(tmp_path, schemas), theirs(tmp_path, schemas, seed)
    compared = 0
    for name, each in found.items():
        judge = jsonschema_rs.Draft7Validator(each.schema, validate_formats=False)
        for _ in range(VALUES):
            body = json.dumps(each.value())
            assert judge.is_valid(json.loads(body))
            message = getattr(ours, name).decode(body.encode())
            try:
                expected = TypeAdapter(getattr(other, name)).validate_json(body)
            except ValidationError:
                continue  # It takes no time without an offset, for one.
            assert plain(message) == plain(expected), (each.schema, body)
            compared += 1
    assert compared > MESSAGES * VALUES / 2
