"""Pairs of a sender and a receiver that differ in one thing each, with what is decided of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jararaca import DecodeError
from jararaca_compiler.compat.proof.formats import EXAMPLES, has_format
from jararaca_compiler.linking.acceptance import Proven, Refuted, Unknown, Verdict
from jararaca_compiler.linking.linker import link
from jararaca_compiler.linking.system import own_participants
from jararaca_compiler.pipeline.compilation import read_contract
from jararaca_compiler.project.config import Config
from jararaca_compiler.schemas.checked_formats import FORMATS

from tests.support.models import compiled

Json = dict[str, Any]
W, S, N, B = ({"type": kind} for kind in ("integer", "string", "number", "boolean"))
P, R, U = Proven, Refuted, Unknown


def o(required: Any = (), ap: Any = None, **properties: Any) -> Json:
    """An object; `ap` is its `additionalProperties`."""
    extra = {} if ap is None else {"additionalProperties": ap}
    return {"type": "object", "required": list(required), "properties": properties, **extra}


BODIES: list[tuple[str, Any, Any, type]] = [
    ("int->number", o(id=W), o(id=N), P),
    ("number->int", o(id=N), o(id=W), R),
    ("int->str", o(id=W), o(id=S), R),
    ("null added", o(id=S), o(id={"type": ["string", "null"]}), P),
    ("null lost", o(id={"type": ["string", "null"]}), o(id=S), R),
    ("required lost", o(["id"], id=W), o(id=W), P),
    ("required added", o(id=W), o(["id"], id=W), R),
    ("enum narrow", o(k={"enum": ["a", "b"]}), o(k={"enum": ["a"]}), R),
    ("enum wide", o(k={"enum": ["a"]}), o(k={"enum": ["a", "b"]}), P),
    ("enum in type", o(k={"enum": ["a", "b"]}), o(k=S), P),
    ("const", o(k={"const": 1}), o(k=W), P),
    ("enum vs minLength", o(k={"enum": ["a", "bb"]}), o(k={"type": "string", "minLength": 2}), R),
    ("fmt dt->str", o(k={"type": "string", "format": "date-time"}), o(k=S), P),
    ("str->dt", o(k=S), o(k={"type": "string", "format": "date-time"}), R),
    (
        "dt->date",
        o(k={"type": "string", "format": "date-time"}),
        o(k={"type": "string", "format": "date"}),
        R,
    ),
    (
        "uuid same",
        o(k={"type": "string", "format": "uuid"}),
        o(k={"type": "string", "format": "uuid"}),
        P,
    ),
    (
        "uuid->email",
        o(k={"type": "string", "format": "uuid"}),
        o(k={"type": "string", "format": "email"}),
        R,
    ),
    (
        "uuid of at most 36",
        o(k={"type": "string", "format": "uuid"}),
        o(k={"type": "string", "maxLength": 36}),
        U,
    ),
    (
        "uuid->maxlen10",
        o(k={"type": "string", "format": "uuid"}),
        o(k={"type": "string", "maxLength": 10}),
        R,
    ),
    (
        "uri->uuid",
        o(k={"type": "string", "format": "uri"}),
        o(k={"type": "string", "format": "uuid"}),
        R,
    ),
    (
        "ipv4->ipv6",
        o(k={"type": "string", "format": "ipv4"}),
        o(k={"type": "string", "format": "ipv6"}),
        R,
    ),
    (
        "date->dt",
        o(k={"type": "string", "format": "date"}),
        o(k={"type": "string", "format": "date-time"}),
        R,
    ),
    (
        "duration->date",
        o(k={"type": "string", "format": "duration"}),
        o(k={"type": "string", "format": "date"}),
        R,
    ),
    ("decimal str->number", o(k={"type": "string", "format": "decimal"}), o(k=N), R),
    ("default S", o(k={"type": "integer", "default": 3}), o(["k"], k=W), R),
    ("default R", o(), o(k={"type": "integer", "default": 3}), P),
    ("closed R", o(id=W, x=S), o(id=W, ap=False), R),
    ("closed R ok", o(id=W), o(id=W, ap=False), P),
    ("closed both", o(id=W, ap=False), o(id=W, x=S, ap=False), P),
    ("undeclared typed R", o(id=W), o(id=W, ap=S), P),
    ("ap S true -> closed", o(id=W, ap=True), o(id=W, ap=False), R),
    ("ap S str -> int", o(ap=S), o(ap=W), R),
    ("min ok", o(k={"type": "integer", "minimum": 1}), o(k={"type": "integer", "minimum": 0}), P),
    ("min bad", o(k={"type": "integer", "minimum": 0}), o(k={"type": "integer", "minimum": 1}), R),
    (
        "excl",
        o(k={"type": "integer", "exclusiveMinimum": 0}),
        o(k={"type": "integer", "minimum": 1}),
        P,
    ),
    (
        "multipleOf",
        o(k={"type": "integer", "multipleOf": 4}),
        o(k={"type": "integer", "multipleOf": 2}),
        P,
    ),
    (
        "multipleOf bad",
        o(k={"type": "integer", "multipleOf": 2}),
        o(k={"type": "integer", "multipleOf": 4}),
        R,
    ),
    (
        "maxLength",
        o(k={"type": "string", "maxLength": 5}),
        o(k={"type": "string", "maxLength": 4}),
        R,
    ),
    (
        "pattern same",
        o(k={"type": "string", "pattern": "^a+$"}),
        o(k={"type": "string", "pattern": "^a+$"}),
        P,
    ),
    (
        "pattern diff",
        o(k={"type": "string", "pattern": "^[a-z]+$"}),
        o(k={"type": "string", "pattern": "^[a-f]+$"}),
        R,
    ),
    ("pattern S only", o(k={"type": "string", "pattern": "^[a-z]+$"}), o(k=S), P),
    ("pattern R only", o(k=S), o(k={"type": "string", "pattern": "^[A-Z]{3}$"}), R),
    ("array items", o(k={"type": "array", "items": W}), o(k={"type": "array", "items": N}), P),
    (
        "array minItems",
        o(k={"type": "array", "items": W}),
        o(k={"type": "array", "items": W, "minItems": 1}),
        R,
    ),
    (
        "array unique",
        o(k={"type": "array", "items": W}),
        o(k={"type": "array", "items": W, "uniqueItems": True}),
        R,
    ),
    ("nested", o(a=o(b=o(c=W))), o(a=o(b=o(c=S))), R),
    ("nested req", o(a=o(b=W)), o(a=o(["b"], b=W)), R),
    ("oneOf wide", o(a={"oneOf": [W, S]}), o(a={"oneOf": [W, S, B]}), P),
    ("oneOf narrow", o(a={"oneOf": [W, S, B]}), o(a={"oneOf": [W, S]}), R),
    ("anyOf->type", o(a={"anyOf": [W, N]}), o(a=N), P),
    ("allOf", {"allOf": [o(["a"], a=W), o(b=S)]}, o(["a"], a=W, b=S), P),
    ("nullable kw", o(a={"type": "string", "nullable": True}), o(a=S), R),
    ("anything->obj", {}, o(a=W), R),
    ("obj->anything", o(a=W), {}, P),
    ("array root", {"type": "array", "items": W}, o(a=W), R),
    (
        "if then",
        {
            "type": "object",
            "properties": {"k": {"enum": ["a", "b"]}, "v": W},
            "if": {"properties": {"k": {"const": "a"}}},
            "then": {"required": ["v"]},
        },
        o(k=S, v=N),
        P,
    ),
    ("dependentRequired", o(a=W, b=W), {**o(a=W, b=W), "dependentRequired": {"a": ["b"]}}, R),
    (
        "patternProps",
        {"type": "object", "patternProperties": {"^x-": S}},
        {"type": "object", "patternProperties": {"^x-": W}},
        R,
    ),
    (
        "propertyNames",
        {"type": "object", "additionalProperties": W},
        {"type": "object", "propertyNames": {"maxLength": 3}},
        R,
    ),
    (
        "map same",
        {"type": "object", "additionalProperties": W},
        {"type": "object", "additionalProperties": N},
        P,
    ),
    (
        "tuple",
        o(a={"type": "array", "prefixItems": [W, S]}),
        o(a={"type": "array", "prefixItems": [W, W]}),
        R,
    ),
    ("bool->int", o(a=B), o(a=W), R),
    ("int->bool", o(a=W), o(a=B), R),
]
HEADERS: list[tuple[str, Any, Any, type]] = [
    ("none sent, one may be", None, o(t=S), P),
    ("none sent, one must be", None, o(["t"], t=S), R),
    ("the same", o(["t"], t=S), o(["t"], t=S), P),
    ("another type", o(t=S), o(t=W), R),
    ("one sent, none expected", o(t=S), None, P),
    ("one may be, one must be", o(t=S), o(["t"], t=S), R),
    ("text sent, a number expected", o(["t"], t=S), o(["t"], t=N), R),
    ("a longer list", o(t={"enum": ["a", "b"]}), o(t={"enum": ["a"]}), R),
    ("wider", o(["t"], t=W), o(t=N), P),
    ("closed", o(t=S, u=S), o(t=S, ap=False), R),
]
JSON = "application/json"
CONTENT_TYPES: list[tuple[str | None, str | None, type]] = [
    (JSON, JSON, P),
    (None, JSON, P),
    (JSON, "application/vnd.shop+json", P),
    (f"{JSON}; charset=utf-8", JSON, P),
    ("Application/JSON", JSON, P),
    (JSON, "text/plain", R),
    ("text/plain", "text/plain", P),
    ("application/octet-stream", JSON, R),
    ("application/xml", "application/json", R),
    ("application/xml", "application/xml", P),
]


def service(title: str, action: str, message: Json) -> Json:
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": "1"},
        "channels": {"c": {"address": "a.b", "messages": {"M": message}}},
        "operations": {"op": {"action": action, "channel": {"$ref": "#/channels/c"}}},
    }


def verdict(folder: Path, sent: Json, received: Json) -> Verdict:
    """What is decided of one message between two services."""
    for name, action, message in (("s", "send", sent), ("r", "receive", received)):
        text = json.dumps(service(name, action, message))
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    contract = read_contract(Config(sources=("s.json", "r.json")), folder)
    assert contract.is_sound, contract.diagnostics
    (found,) = link(own_participants(contract)).links
    return found.verdict


@pytest.mark.parametrize(
    ("sent", "received", "kind"), [each[1:] for each in BODIES], ids=[e[0] for e in BODIES]
)
def test_bodies(sent: Any, received: Any, kind: type, tmp_path: Path) -> None:
    assert type(verdict(tmp_path, {"payload": sent}, {"payload": received})) is kind


@pytest.mark.parametrize(
    ("sent", "received", "kind"), [each[1:] for each in HEADERS], ids=[e[0] for e in HEADERS]
)
def test_headers(sent: Any, received: Any, kind: type, tmp_path: Path) -> None:
    sides = [{} if each is None else {"headers": each} for each in (sent, received)]
    found = verdict(tmp_path, *({"payload": {}, **side} for side in sides))
    assert type(found) is kind
    assert not isinstance(found, Refuted) or found.part == "headers"


@pytest.mark.parametrize(("sent", "received", "kind"), CONTENT_TYPES)
def test_content_types(sent: str | None, received: str | None, kind: type, tmp_path: Path) -> None:
    sides = [{} if each is None else {"contentType": each} for each in (sent, received)]
    found = verdict(tmp_path, *({"payload": S, **side} for side in sides))
    assert type(found) is kind
    assert not isinstance(found, Refuted) or found.part == "content"


def test_each_example_of_a_format_is_of_just_the_formats_that_classes_say(tmp_path: Path) -> None:
    names = {f"M{number}": name for number, name in enumerate(FORMATS)}
    payloads = {key: o(["a"], a={"type": "string", "format": name}) for key, name in names.items()}
    module = compiled(tmp_path, payloads)
    for key, name in names.items():
        for text in EXAMPLES.values():
            assert takes(getattr(module, key), {"a": text}) == has_format(name, text), (name, text)


def takes(cls: Any, value: Any) -> bool:
    try:
        cls.decode(json.dumps(value).encode())
    except DecodeError:
        return False
    return True
