"""Random whole documents: channels, traits, replies and bindings, with schemas across files.

Every one is valid, so it must compile. `Author.document()` makes it; `Judge` says, by a validator
that shares no code with the compiler, which values a message takes, and makes values near them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.properties.judged_schemas import TEXTS

Json = dict[str, Any]
COUNT = 7
"""How many schemas each file has."""
HOME = "https://schemas.example.test/"
FILES = ("main.json", "common.json", "parts/things.json")
THINGS = "parts/things.json"
"""A JSON Schema of draft 2020-12 with an `$id`; the other files are read as draft 7."""
PLAIN_NAMES = ("a", "b", "c", "kind", "id")
ODD_NAMES = (
    *("config", "model_config", "model_fields", "model_x", "schema", "json", "copy", "dict"),
    *("payload", "publish", "headers", "decode", "encode", "delay", "register", "validate"),
    *("class", "from", "None", "self", "def", "async", "match", "type", "_", "__init__", "_low"),
    *("__dict__", "__class__", "Headers", "Message", "root", "MESSAGE_TOPIC", "schemas", "dt"),
    *("str", "int", "list", "Any", "Literal", "Annotated", "Field", "UUID", "x-y", "x_y", "X-Y"),
    *("1st", "日本", "naïve", "", " ", "a.b", "a/b", "a~b", "$ref", "$id", "%", '"', "\\", "#"),
    *("additionalProperties", "properties", "title", "default", "discriminator", "const", "not"),
)
TITLES = ("Order", "config", "Config", "class", "Message", "The order of a customer", "a.b", "1")
NOTES = ('""" \\', "Some `text`.", "A\n\nB", "x" * 200)
PATTERNS = ("^a", "b$", "^x-", "[ab]", "\\d")
FORMATS = {
    "uuid": "3f2b1c9e-1111-4222-8333-444455556666",
    "date-time": "2026-11-24T09:30:00.1234567+02:00",
    "date": "2026-11-24",
    "time": "09:30:00Z",
    "duration": "P1M",
    "email": "ada@example.test",
    "uri": "https://example.test/a",
    "ipv4": "127.0.0.1",
    "decimal": "1.50",
    "no-such-format": "x",
}


@dataclass
class Author:
    """Writes one document in several files, from one source of chance."""

    chance: Random
    names: list[str] = field(default_factory=list)
    file: str = FILES[0]

    def document(self) -> dict[str, Json]:
        """The files, by path."""
        odd = self.chance.sample(ODD_NAMES, 4)
        self.names = [*self.chance.sample(PLAIN_NAMES, 3), *odd]
        files = {path: self._schemas(path) for path in FILES}
        self.file = FILES[0]
        return {
            "main.json": self._main(files["main.json"]),
            "common.json": {"components": {"schemas": files["common.json"]}},
            THINGS: {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$id": f"{HOME}things",
                "$defs": files[THINGS],
            },
        }

    def _schemas(self, path: str) -> dict[str, Json]:
        self.file = path
        made = {f"S{number}": self._component(number) for number in range(COUNT)}
        for name, schema in made.items():
            if path == THINGS and self._likely(0.4):
                schema["$anchor"] = f"at{name}"
        return made

    def _component(self, number: int) -> Json:
        made = self.schema(3, number, positive=False)
        return {"allOf": [made]} if "nullable" in made or "$ref" in made else made

    # The schemas.

    def schema(self, depth: int, after: int, *, positive: bool = True) -> Json:
        """A schema; in place it refers to what stands after a number, so that no circle is empty.

        `positive` is whether a value that breaks it is refused by all that is around it.
        """
        makers = [self._text, self._number, self._values, self._simple]
        if depth:
            makers += [self._object] * 5 + [self._union] * 3
            makers += [self._array, self._all, self._ref, self._ref, self._if, self._not, self._map]
            if self.file == THINGS:
                makers += [self._modern] * 3
            else:
                makers.append(self._tuple)
        made = self.chance.choice(makers)(depth - 1, after, positive)
        if "$ref" not in made:
            if self._likely(0.08) and self.file != THINGS:
                made["nullable"] = True
            if self._likely(0.1):
                made["title"] = self.chance.choice(TITLES)
        if self._likely(0.1):
            made["description"] = self.chance.choice(
                ('""" \\', "Some `text`.", "A\n\nB", "x" * 200)
            )
        return made

    def _below(self, depth: int, positive: bool = True) -> Json:
        """A schema of another place of the value: it may refer to anything."""
        return self.schema(depth, -1, positive=positive)

    def _likely(self, probability: float) -> bool:
        return self.chance.random() < probability

    def _ref(self, depth: int, after: int, positive: bool) -> Json:
        """In place, files refer to later files alone."""
        here = FILES.index(self.file)
        path = self.chance.choice(FILES if after < 0 else FILES[here:])
        numbers = range(after + 1, COUNT) if path == self.file else range(COUNT)
        if not numbers:
            return {"type": "integer"}
        return {"$ref": self._place(path, f"S{self.chance.choice(numbers)}")}

    def _place(self, path: str, name: str) -> str:
        key = "$defs" if path == THINGS else "components/schemas"
        if path == self.file:
            return f"#/{key}/{name}"
        if path == THINGS and self._likely(0.4):
            return f"{HOME}things#/{key}/{name}"
        up = "../" if self.file == THINGS else ""
        # What has an `$id` is looked for from there, so it cannot name its neighbours' files.
        return f"{up}{path}#/{key}/{name}" if not up else f"#/$defs/{name}"

    def _text(self, depth: int, after: int, positive: bool) -> Json:
        made: Json = {"type": self._kinds("string")}
        if positive and self._likely(0.35):
            made["format"] = self.chance.choice(list(FORMATS))
        elif self._likely(0.4):
            made |= self.chance.choice(
                [{"minLength": 1}, {"maxLength": 1}, {"pattern": self.chance.choice(PATTERNS)}]
            )
        return made

    def _number(self, depth: int, after: int, positive: bool) -> Json:
        made: Json = {"type": self._kinds(self.chance.choice(("integer", "number")))}
        if self._likely(0.4):
            bound = self.chance.choice(("minimum", "maximum", "exclusiveMinimum", "multipleOf"))
            made[bound] = self.chance.choice((1, 2, 1.5))
        return made

    def _kinds(self, kind: str) -> Any:
        return [kind, "null"] if self._likely(0.25) else kind

    def _values(self, depth: int, after: int, positive: bool) -> Json:
        if self._likely(0.4):
            return {"const": self.chance.choice((*TEXTS, None, 1, True, [1], {"a": None}))}
        made: Json = {"enum": self.chance.sample((*TEXTS, None, 1, 0, 1.5, True, "None"), 3)}
        return made | ({"type": ["string", "null"]} if self._likely(0.2) else {})

    def _simple(self, depth: int, after: int, positive: bool) -> Json:
        return self.chance.choice(
            [{"type": "null"}, {"type": "boolean"}, {"type": "object"}, {"type": "array"}, {}]
        )

    def _object(self, depth: int, after: int, positive: bool) -> Json:
        names = self.chance.sample(self.names, self.chance.randint(1, 4))
        made: Json = {"properties": {name: self._below(depth, positive) for name in names}}
        for schema in made["properties"].values():
            self._give_default(schema)
        if self._likely(0.85):
            made["type"] = self._kinds("object")
        if self._likely(0.5):
            made["required"] = self.chance.sample(self.names, self.chance.randint(1, 2))
        if self._likely(0.3):
            more: tuple[Any, ...] = ({}, {"type": "integer"}, self._below(0, False), False)
            made["additionalProperties"] = self.chance.choice(more)
        if self._likely(0.15):
            made["patternProperties"] = {self.chance.choice(PATTERNS): self._below(depth, False)}
        if self._likely(0.05):
            made["propertyNames"] = {"maxLength": 3}
        if self._likely(0.1):
            made[self.chance.choice(("minProperties", "maxProperties"))] = 1
        return made

    def _give_default(self, schema: Json) -> None:
        """A default that the schema's own keywords allow, where that is easily said."""
        if not self._likely(0.3) or "$ref" in schema:
            return
        for key in ("enum", "const"):
            if key in schema and "type" not in schema:
                schema["default"] = schema[key][0] if key == "enum" else schema[key]
        if "format" in schema and self._likely(0.7):
            schema["default"] = FORMATS[schema["format"]]
        elif schema.get("type") in ("array", "object") and len(schema) == 1:
            schema["default"] = {"array": [1, "x"], "object": {"a": [None]}}[schema["type"]]
        elif schema.get("nullable") is True:
            schema["default"] = None

    def _map(self, depth: int, after: int, positive: bool) -> Json:
        return {"type": "object", "additionalProperties": self._below(depth, positive)}

    def _union(self, depth: int, after: int, positive: bool) -> Json:
        variants = [
            self.schema(depth, after, positive=False) for _ in range(self.chance.randint(1, 3))
        ]
        if self._likely(0.3):
            variants.append({"type": "null"})
        made: Json = {self.chance.choice(("anyOf", "oneOf")): variants}
        if self._likely(0.2):
            made["type"] = self.chance.choice(("object", "null", ["string", "null"], "integer"))
        if self._likely(0.1):
            made |= self._object(0, after, positive)
        return made

    def _array(self, depth: int, after: int, positive: bool) -> Json:
        made: Json = {"type": "array", "items": self._below(depth, positive)}
        if self._likely(0.4):
            made |= self.chance.choice(
                [
                    {"minItems": 1},
                    {"maxItems": 1},
                    {"uniqueItems": True},
                    {"contains": {"const": 1}},
                ]
            )
        return made

    def _tuple(self, depth: int, after: int, positive: bool) -> Json:
        items = [self._below(depth, False), self._below(0, False)]
        return {"type": "array", "items": items, "additionalItems": self._likely(0.5)}

    def _all(self, depth: int, after: int, positive: bool) -> Json:
        parts = [
            self.schema(depth, after, positive=False) for _ in range(self.chance.randint(1, 3))
        ]
        made: Json = {"allOf": parts}
        return made | self._object(0, after, positive) if self._likely(0.3) else made

    def _if(self, depth: int, after: int, positive: bool) -> Json:
        name = self.chance.choice(self.names)
        made: Json = {
            "if": {"properties": {name: {"const": "x"}}},
            "then": self.schema(depth, after, positive=False),
        }
        if self._likely(0.5):
            made["else"] = self.schema(depth, after, positive=False)
        return made

    def _not(self, depth: int, after: int, positive: bool) -> Json:
        return {"not": self.schema(depth, after, positive=False)}

    def _modern(self, depth: int, after: int, positive: bool) -> Json:
        """What drafts before 2020-12 do not have."""
        one, other = self.chance.sample(self.names, 2)
        items = [self._below(depth, False), self._below(0, False)]
        beside = {"$ref": f"#/$defs/S{self.chance.randrange(max(after, -1) + 1, COUNT + 1)}"}
        if beside["$ref"].endswith(str(COUNT)):
            beside = {"type": "object"}
        return self.chance.choice(
            [
                {
                    "type": "array",
                    "prefixItems": items[:1],
                    "items": items[1],
                },
                {"dependentSchemas": {one: self.schema(depth, after, positive=False)}},
                {"type": "object", "dependentRequired": {one: [other]}},
                {**beside, "properties": {one: self._below(depth, False)}, "required": [one]},
                {**beside, "unevaluatedProperties": False},
            ]
        )

    # The document around them.

    def _main(self, schemas: dict[str, Json]) -> Json:
        messages = {f"M{number}": self._message() for number in range(4)}
        channels = {f"c{number}": self._channel(list(messages)) for number in range(3)}
        operations = {f"op{number}": self._operation(list(channels)) for number in range(4)}
        return {
            "asyncapi": "3.0.0",
            "info": {"title": "Whole", "version": "1.0.0"},
            "channels": channels,
            "operations": operations,
            "components": {
                "schemas": schemas,
                "messages": messages,
                "messageTraits": {"T": {"headers": self._headers(), "contentType": JSON}},
                "operationTraits": {"T": {"bindings": {"amqp": {"priority": 3}}}},
            },
        }

    def _message(self) -> Json:
        payload = self._below(3)
        made: Json = {"payload": payload}
        if self._likely(0.2):
            made["payload"] = {"schemaFormat": f"{DRAFT};version=draft-07", "schema": payload}
        if self._likely(0.3):
            made["headers"] = self._headers()
        if self._likely(0.3):
            made["traits"] = [{"$ref": "#/components/messageTraits/T"}]
        if self._likely(0.2):
            made["title"] = self.chance.choice(TITLES)
        if self._likely(0.2):
            made["correlationId"] = {"location": "$message.header#/corr"}
        return made

    def _headers(self) -> Json:
        names = self.chance.sample(self.names, 2)
        kinds = [{"type": "string"}, {"type": "integer"}, {"enum": ["x", "y"]}]
        return {"type": "object", "properties": {n: self.chance.choice(kinds) for n in names}}

    def _channel(self, messages: list[str]) -> Json:
        made: Json = {
            "address": self.chance.choice(("a.b", "a.{p}", "x.y.z")),
            "messages": {
                name: {"$ref": f"#/components/messages/{name}"}
                for name in self.chance.sample(messages, self.chance.randint(1, 3))
            },
        }
        if "{p}" in made["address"]:
            made["parameters"] = {"p": self.chance.choice([{}, {"enum": ["u", "v"]}])}
        return made

    def _operation(self, channels: list[str]) -> Json:
        made: Json = {
            "action": self.chance.choice(("send", "receive")),
            "channel": {"$ref": f"#/channels/{self.chance.choice(channels)}"},
        }
        if self._likely(0.3):
            made["traits"] = [{"$ref": "#/components/operationTraits/T"}]
        if self._likely(0.2):
            made["reply"] = {"channel": {"$ref": f"#/channels/{self.chance.choice(channels)}"}}
        return made


JSON = "application/json"
DRAFT = "application/schema+json"


def texts(files: Mapping[str, Json]) -> dict[str, str]:
    """The files as they stand on disk."""
    return {path: json.dumps(content, indent=1) for path, content in files.items()}
