"""What the linker says of random pairs of services is what their compiled classes do.

Whatever is proven, the receiver's class takes each value that the sender's class takes; each
witness the sender's class takes and the receiver's refuses.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema_rs
import pytest
from jararaca import DecodeError
from jararaca_compiler.emit.models import emit_models
from jararaca_compiler.linking.acceptance import Proven, Refuted, Unknown
from jararaca_compiler.linking.link import Link
from jararaca_compiler.linking.linker import link
from jararaca_compiler.linking.system import own_participants
from jararaca_compiler.pipeline.compilation import Contract, read_contract
from jararaca_compiler.project.config import Config

from tests.linking.pairs import MESSAGES, PairMaker, ServicePair, chance, service_pair
from tests.properties.judged_schemas import as_json_schema
from tests.support.models import imported

PAIRS = int(os.environ.get("JARARACA_LINKED_PAIRS", "200"))
"""How many pairs are tried; `JARARACA_LINKED_PAIRS=20000` for the long run."""
FIRST = int(os.environ.get("JARARACA_FIRST_LINKED", "0"))
VALUES = int(os.environ.get("JARARACA_LINKED_VALUES", "60"))
"""How many values of the sender are tried; 200 in the long run."""
_MOST_UNKNOWN = 0.12
"""These schemas are much odder than what services have."""


def judged(pair: ServicePair, folder: Path) -> tuple[Contract, ModuleType, ModuleType]:
    """The pair's contract, and the classes of the sender and of the receiver."""
    for name, document in (("sender", pair.sender), ("receiver", pair.receiver)):
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    contract = read_contract(Config(sources=("sender.json", "receiver.json")), folder)
    assert contract.is_sound, [(d.code, d.message, d.span) for d in contract.diagnostics]
    modules = {}
    for service in contract.services:
        made = emit_models(service, contract.resolver.lookup)
        modules[service.name] = imported(folder, {file.path: file.source for file in made})
    return contract, modules["sender"], modules["receiver"]


def taken(cls: Any, value: Any) -> str | None:
    """What a class writes of a value; None where it refuses it."""
    try:
        return str(cls.decode(json.dumps(value).encode()).encode().decode())
    except DecodeError:
        return None


class Declared:
    """Whether a value has just those fields that a schema declares: what a sender's code writes."""

    def __init__(self, components: Any) -> None:
        self._schemas = as_json_schema(components)

    def valid(self, schema: Any, value: Any) -> bool:
        whole = {"allOf": [schema], "components": {"schemas": self._schemas}}
        return bool(jsonschema_rs.Draft202012Validator(whole).is_valid(value))

    def declares(self, schemas: list[Any], value: Any) -> bool:
        flat: list[Any] = []
        waiting = [*schemas]
        while waiting:
            schema = waiting.pop()
            if not isinstance(schema, dict):
                continue
            waiting += schema.get("allOf", ())
            if "$ref" in schema:
                waiting.append(self._schemas[schema["$ref"].rpartition("/")[2]])
            flat.append({key: item for key, item in schema.items() if key not in ("allOf", "$ref")})
        for place, schema in enumerate(flat):
            for word in ("oneOf", "anyOf"):
                if word in schema:
                    rest = {key: item for key, item in schema.items() if key != word}
                    others = [*flat[:place], *flat[place + 1 :], rest]
                    return any(
                        self.declares([*others, choice], value)
                        for choice in schema[word]
                        if self.valid(choice, value)
                    )
        return self._flat(flat, value)

    def _flat(self, flat: list[Any], value: Any) -> bool:
        if isinstance(value, list):
            items = [schema["items"] for schema in flat if "items" in schema]
            return all(self.declares(items, item) for item in value)
        if not isinstance(value, dict):
            return True
        names = {name for schema in flat for name in schema.get("properties", ())}
        required = {name for schema in flat for name in schema.get("required", ())}
        is_open = any(
            schema.get("additionalProperties", False) is not False or "patternProperties" in schema
            for schema in flat
        )
        if names and not is_open and not value.keys() <= names | required:
            return False
        return all(
            self.declares([s["properties"][n] for s in flat if n in s.get("properties", {})], item)
            for n, item in value.items()
        )


def values(maker: PairMaker, pair: ServicePair, name: str, cls: Any, most: int) -> list[Any]:
    """Values that the sender's class takes, near what either side says, and what it writes."""
    found: dict[str, Any] = {}
    for number in range(2 * most):
        side = number % 3 == 2
        schema = pair.payloads[name][side]
        value = maker.value(schema, pair.components[side])
        for each in (value, maker.mutated(value)):
            written = taken(cls, each)
            if written is not None:
                found.setdefault(json.dumps(each), each)
                found.setdefault(written, json.loads(written))
        if len(found) >= most:
            break
    return list(found.values())[:most]


@pytest.mark.parametrize("seed", range(FIRST, FIRST + PAIRS // MESSAGES))
def test_the_classes_do_what_is_proven(seed: int, tmp_path: Path) -> None:
    maker = chance(seed)
    pair = service_pair(maker)
    contract, sending, receiving = judged(pair, tmp_path)
    linked = link(own_participants(contract))
    assert len(linked.links) == MESSAGES
    told: Counter[str] = Counter()
    for each in linked.links:
        name = each.publication.message.name
        sender = getattr(sending, each.publication.message.class_name)
        receiver = getattr(receiving, each.reception.message.class_name)
        told[type(each.verdict).__name__] += 1
        if isinstance(each.verdict, Proven):
            holds_proof(each, maker, pair, sender, receiver, name)
        elif isinstance(each.verdict, Refuted) and each.verdict.part == "payload":
            witness = each.verdict.witness
            assert taken(sender, witness) is not None, json.dumps([*pair.payloads[name], witness])
            assert taken(receiver, witness) is None, json.dumps([*pair.payloads[name], witness])
        elif isinstance(each.verdict, Refuted):
            holds_headers(each, contract)
    assert told[Unknown.__name__] <= _MOST_UNKNOWN * MESSAGES + 2, told


def holds_proof(
    link: Link, maker: PairMaker, pair: ServicePair, sender: Any, receiver: Any, name: str
) -> None:
    assert isinstance(link.verdict, Proven)
    declared = Declared(pair.components[0])
    schema = as_json_schema(pair.payloads[name][0])
    for value in values(maker, pair, name, sender, VALUES):
        if not link.verdict.is_declared_only or declared.declares([schema], value):
            assert taken(receiver, value) is not None, json.dumps([*pair.payloads[name], value])


def holds_headers(link: Link, contract: Contract) -> None:
    """The witness is valid for the sender's headers, and not for the receiver's."""
    assert isinstance(link.verdict, Refuted)
    sent, received = link.publication.message.headers, link.reception.message.headers
    assert received is not None
    witness = link.verdict.witness
    assert sent is None or _is_valid(sent.schema, contract, witness)
    assert not _is_valid(received.schema, contract, witness)


def _is_valid(schema: Any, contract: Contract, value: Any) -> bool:
    """By another validator, which finds what is referred to by the path of its document."""
    documents = contract.documents
    found = {path: d.root for path in documents.paths if (d := documents.get(path)) is not None}
    schemas = {
        f"urn:{path}": {"components": {"schemas": as_json_schema(root["components"]["schemas"])}}
        for path, root in found.items()
    }
    text = json.dumps(as_json_schema(schema))
    for path in found:
        text = text.replace(f'"$ref": "{path}#', f'"$ref": "urn:{path}#')
    registry = jsonschema_rs.Registry(list(schemas.items()))
    judge = jsonschema_rs.Draft202012Validator(
        json.loads(text), validate_formats=True, registry=registry
    )
    return bool(judge.is_valid(value))
