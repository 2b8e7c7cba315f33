"""Random pairs of services: one sends, and the other one takes much the same messages."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.properties.judged_schemas import COMPONENTS, JUNK, NAMES, TEXTS, Maker, without_circles

Json = dict[str, Any]
MESSAGES = 20
"""How many messages go from the one service to the other: each is a pair of its own."""
FORMATS = {
    "uuid": "3f2b1c9e-1111-4222-8333-444455556666",
    "date-time": "2026-11-24T09:30:00Z",
    "date": "2026-11-24",
    "time": "09:30:00Z",
    "email": "ada@example.com",
    "ipv4": "127.0.0.1",
    "no-such-format": "x",
}
PATTERNS = ("^a", "b$", "^[a-z]+$", "[0-9]", "^.?x")
_HEADERS = ("tenant", "count", "at")


@dataclass(frozen=True, slots=True)
class PairMaker(Maker):
    """Makes the schemas of a sender, and of a receiver that differs here and there."""

    def schema(self, depth: int) -> Json:
        """A schema, now and then with a word that only services' documents have."""
        made = super(PairMaker, self).schema(depth)
        chance = self.random
        if made.get("type") == "string" and chance.random() < 0.4:
            word, values = chance.choice((("format", tuple(FORMATS)), ("pattern", PATTERNS)))
            made[word] = chance.choice(values)
        if made.get("type") in ("integer", "number") and chance.random() < 0.2:
            made["multipleOf"] = chance.choice((1, 2, 0.5))
        if "properties" in made and chance.random() < 0.15:
            made["patternProperties"] = {"^x-": chance.choice(({"type": "string"}, True))}
        if chance.random() < 0.1 and "$ref" not in made:
            made["default"] = chance.choice(JUNK)
        return made

    def union_by_name(self, name: str) -> Json:
        """A union that a discriminator tells apart, as AsyncAPI has it."""
        kinds = self.random.sample(("low", "high", "x"), 2)
        variants = []
        for kind in kinds:
            variant = self._object(1)
            variant["properties"][name] = {"const": kind}
            variant["required"] = sorted({*variant.get("required", ()), name})
            variants.append({**variant, "type": "object"})
        return {"discriminator": name, "oneOf": variants}

    def payload(self) -> Json:
        """A whole message's schema."""
        kind = self.random.random()
        if kind < 0.1:
            return self.union_by_name("kind")
        return {**self._object(3), "type": "object"} if kind < 0.7 else self.schema(3)

    def headers(self) -> Json | None:
        """What a message's headers are, if it says so: flat, as AMQP has them."""
        if self.random.random() < 0.6:
            return None
        names = self.random.sample(_HEADERS, 2)
        made: Json = {"type": "object", "properties": {name: self._text(0) for name in names}}
        if self.random.random() < 0.5:
            made["required"] = names[:1]
        return made

    def relative(self, schema: Any, most: int = 3) -> Any:
        """A schema that differs in a few places, more often wider than narrower."""
        changed = copy.deepcopy(schema)
        for _ in range(self.random.randint(0, most)):
            places = [place for place in _places(changed) if isinstance(place, dict)]
            self._change(self.random.choice(places))
        for place in _places(changed):
            if {"enum", "const"} & place.keys() or place.get("type") != "string":
                place.pop("format", None)  # classes check it of texts alone
        return changed

    def _change(self, place: Json) -> None:
        chance = self.random
        ways = [self._less, self._less, self._more, self._otherwise, self._optional]
        chance.choice(ways)(place)

    def _less(self, place: Json) -> None:
        words = [w for w in place if w not in ("$ref", "oneOf", "anyOf", "allOf", "properties")]
        if words:
            del place[self.random.choice(sorted(words))]

    def _optional(self, place: Json) -> None:
        properties = place.get("properties")
        if isinstance(properties, dict):
            properties[self.random.choice(NAMES)] = self.schema(1)

    def _more(self, place: Json) -> None:
        chance = self.random
        if "$ref" in place:
            return
        words: tuple[tuple[str, Any], ...] = (
            ("required", [chance.choice(NAMES)]),
            ("additionalProperties", chance.choice((True, False, {"type": "string"}))),
            ("enum", chance.sample((*TEXTS, None, 1, 0, True), 4)),
            ("minimum", chance.choice((0, 1))),
            ("maxLength", 3),
            ("nullable", True),
            ("default", chance.choice(JUNK)),
            ("format", chance.choice(tuple(FORMATS))),
            ("minProperties", 1),
            ("maxItems", 2),
            ("uniqueItems", True),
        )
        word, value = chance.choice(words)
        place[word] = value

    def _otherwise(self, place: Json) -> None:
        kinds = {"integer": "number", "string": ["string", "null"], "boolean": "integer"}
        kind = place.get("type")
        if isinstance(kind, str) and kind in kinds:
            place["type"] = kinds[kind]
        for word in ("oneOf", "anyOf"):
            if isinstance(place.get(word), list):
                place[word] = [*place[word], self.schema(1)]
                return

    def value(self, schema: Any, components: Json, depth: int = 6) -> Any:
        """A value that looks like one of a schema."""
        if isinstance(schema, dict) and "format" in schema and self.random.random() < 0.9:
            return FORMATS[schema["format"]]
        found = super(PairMaker, self).value(schema, components, depth)
        if isinstance(found, dict) and self.random.random() < 0.15:
            name = self.random.choice((*NAMES, "x-1", "other"))
            return {**found, name: self.random.choice(JUNK)}
        return found


def _places(schema: Any) -> Iterator[Any]:
    """Every schema in a schema."""
    if not isinstance(schema, dict):
        return
    yield schema
    for word in ("properties", "patternProperties"):
        for below in schema.get(word, {}).values():
            yield from _places(below)
    for word in ("oneOf", "anyOf", "allOf"):
        for below in schema.get(word, ()):
            yield from _places(below)
    for word in ("items", "additionalProperties"):
        yield from _places(schema.get(word))


@dataclass(frozen=True, slots=True)
class ServicePair:
    """Two documents, and the schemas that values are made near: (sent, received) by message."""

    sender: Json
    receiver: Json
    payloads: dict[str, tuple[Any, Any]]
    components: tuple[Json, Json]


def service_pair(maker: PairMaker) -> ServicePair:
    """A sender and a receiver of `MESSAGES` messages."""
    sent = maker.components()
    without_circles(sent)
    received = {name: maker.relative(schema, 1) for name, schema in sent.items()}
    without_circles(received)
    payloads, channels, taken = {}, {}, {}
    for number in range(MESSAGES):
        name = f"M{number}"
        payload, headers = maker.payload(), maker.headers()
        theirs = maker.relative(payload) if maker.random.random() < 0.95 else maker.payload()
        their_headers = maker.headers() if headers is None else maker.relative(headers, 2)
        payloads[name] = payload, theirs
        channels[name] = _channel(name, payload, headers)
        taken[name] = _channel(name, theirs, their_headers)
    return ServicePair(
        _document("Sender", "send", channels, sent),
        _document("Receiver", "receive", taken, received),
        payloads,
        (sent, received),
    )


def _channel(name: str, payload: Any, headers: Any) -> Json:
    message = {"payload": payload} | ({} if headers is None else {"headers": headers})
    return {"address": f"pair.{name}", "messages": {name: message}}


def _document(title: str, action: str, channels: Json, schemas: Json) -> Json:
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": "1"},
        "channels": channels,
        "operations": {
            f"{action}{name}": {"action": action, "channel": {"$ref": f"#/channels/{name}"}}
            for name in channels
        },
        "components": {"schemas": {name: schemas[name] for name in COMPONENTS}},
    }


def chance(seed: int) -> PairMaker:
    """A maker whose pairs are the same for a seed."""
    return PairMaker(Random(seed))
