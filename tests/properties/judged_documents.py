"""What a document of `whole_documents` means, said by a validator that has nothing of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from posixpath import join, normpath
from random import Random
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from tests.properties.judged_schemas import JUNK, NUMBERS, TEXTS, Maker
from tests.properties.whole_documents import FORMATS, HOME, THINGS, Json

ROOT = "doc:///"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "schemas"})
_DATA = frozenset({"enum", "const", "default", "required", "dependentRequired"})


class Judge:
    """Says which values each message of one document takes."""

    def __init__(self, files: Mapping[str, Json]) -> None:
        self._files = files

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        plain = {path: as_plain(content) for path, content in self._files.items()}
        resources = [
            (ROOT + path, {**content, "$schema": content.get("$schema", DRAFT_7)})
            for path, content in plain.items()
        ]
        return jsonschema_rs.Registry([*resources, (f"{HOME}things", plain[THINGS])])

    def payload(self, message: str) -> Json:
        """The schema of a message, as it is written."""
        payload: Json = self._files["main.json"]["components"]["messages"][message]["payload"]
        return payload.get("schema", payload) if "schemaFormat" in payload else payload

    def validator(self, message: str) -> Any:
        """What judges a message's values."""
        place = f"{ROOT}main.json#/components/messages/{message}/payload"
        payload = self._files["main.json"]["components"]["messages"][message]["payload"]
        place += "/schema" if "schemaFormat" in payload else ""
        return jsonschema_rs.Draft7Validator({"$ref": place}, registry=self._registry)

    def values(self, message: str, chance: Random, count: int) -> list[Any]:
        """Values that look like a message's, each with a mutation of it."""
        found: list[Any] = []
        for _ in range(count):
            value = _Values(self._files, chance).of(self.payload(message), "main.json")
            found += [value, Maker(chance).mutated(value)]
        return [json.loads(json.dumps(value)) for value in found]


class _Values:
    """Values near a schema, through its references."""

    def __init__(self, files: Mapping[str, Json], chance: Random) -> None:
        self._files, self._chance = files, chance

    def of(self, schema: Any, file: str, depth: int = 8) -> Any:
        chance = self._chance
        if not isinstance(schema, dict) or depth == 0 or chance.random() < 0.04:
            return chance.choice(JUNK)
        if schema.get("nullable") is True and chance.random() < 0.3:
            return None
        if "const" in schema or "enum" in schema:
            return chance.choice(schema["enum"] if "enum" in schema else [schema["const"]])
        made = [self.of(part, where, depth - 1) for part, where in self._parts(schema, file)]
        if not made or {"type", "properties"} & schema.keys():
            made.append(self._own(schema, file, depth))
        if all(isinstance(value, dict) for value in made):
            return {name: value for each in made for name, value in each.items()}
        return chance.choice(made)

    def _parts(self, schema: Json, file: str) -> list[tuple[Any, str]]:
        chance = self._chance
        parts = [(part, file) for part in schema.get("allOf", ())]
        parts += [
            (chance.choice(schema[key]), file) for key in ("anyOf", "oneOf") if schema.get(key)
        ]
        parts += [
            (schema[key], file)
            for key in ("then", "else")
            if chance.random() < 0.5 and key in schema
        ]
        parts += [(part, file) for part in schema.get("dependentSchemas", {}).values()]
        if isinstance(schema.get("$ref"), str):
            parts.append(self._followed(schema["$ref"], file))
        return parts

    def _followed(self, ref: str, file: str) -> tuple[Any, str]:
        path, _, pointer = ref.partition("#")
        if path.startswith(HOME):
            path = THINGS
        elif path:
            path = normpath(join(file.rpartition("/")[0], path))
        found: Any = self._files[path or file]
        if not pointer.startswith("/"):
            found = next(s for s in found["$defs"].values() if s.get("$anchor") == pointer)
            return found, path or file
        for key in pointer.split("/")[1:]:
            found = found[unquote(key).replace("~1", "/").replace("~0", "~")]
        return found, path or file

    def _own(self, schema: Json, file: str, depth: int) -> Any:
        kinds = schema.get("type", "object" if "properties" in schema else None)
        kind = self._chance.choice(kinds) if isinstance(kinds, list) else kinds
        if kind == "object":
            return self._object(schema, file, depth)
        if kind == "array":
            items = schema.get("items", True)
            first = schema.get("prefixItems", items if isinstance(items, list) else [])
            rest = [items] * self._chance.randint(0, 2) if not isinstance(items, list) else []
            return [self.of(item, file, depth - 1) for item in (*first, *rest)]
        if kind == "string" and "format" in schema and self._chance.random() < 0.9:
            return FORMATS[schema["format"]]
        choices: dict[Any, tuple[Any, ...]] = {
            "string": (*TEXTS, "ab", "1"),
            "integer": (0, 1, 2, 3, -1, 1.0, 2**60 + 1),
            "number": NUMBERS,
            "boolean": (True, False),
            "null": (None,),
        }
        return self._chance.choice(choices.get(kind, JUNK))

    def _object(self, schema: Json, file: str, depth: int) -> Json:
        required = schema.get("required", ())
        made = {
            name: self.of(below, file, depth - 1)
            for name, below in schema.get("properties", {}).items()
            if name in required or self._chance.random() < 0.6
        }
        more = schema.get("additionalProperties", True)
        names = [name for name in required if name not in made]
        if self._chance.random() < 0.3:
            names.append(self._chance.choice(("another", "ab", "x-1")))
        return made | {name: self.of(more, file, depth - 1) for name in names}


def as_plain(schema: Any, *, named: bool = False) -> Any:
    """The same in JSON Schema's own words: `nullable` said as a union, formats by their values.

    `named` is whether the keys are names, of properties or of schemas.
    """
    if isinstance(schema, list):
        return [as_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        key: (
            value
            if key in _DATA and not named
            else as_plain(value, named=key in _NAMED and not named)
        )
        for key, value in schema.items()
        if named or key not in ("nullable", "format")
    }
    if named:
        return made
    if isinstance(schema.get("format"), str) and schema["format"] in FORMATS:
        made = _with_format(made, schema["format"])
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made


def _with_format(schema: Json, name: str) -> Json:
    """Of all strings just the one that values are made with."""
    if name == "no-such-format":
        return schema
    # Of the other texts that values are made with, one is a decimal too.
    text = {"enum": [FORMATS[name], *(["1"] if name == "decimal" else [])]}
    return {**schema, "anyOf": [text, {"not": {"type": "string"}}]}
