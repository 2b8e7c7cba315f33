"""The same document in other words, as a person might tidy it up: nobody's messages change."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.compat.versions import UnreadableError, read_version
from jararaca_compiler.project.config import Config

Place = tuple[Any, Any]
Files = dict[str, str]
_NAMED = ("properties", "patternProperties")
_SINGLE = ("items", "additionalProperties", "not", "if", "then", "else")
_LISTED = ("allOf", "anyOf", "oneOf")
_TOLD_APART = frozenset({"discriminator", "default", "const", "enum"})
_SPLIT = ("required", "minProperties", "maxProperties", "minimum", "minLength", "maxLength", "enum")


def read(folder: Path, files: Files) -> ContractVersion | None:
    """The contract of files, the first of which is the source; None where it is refused."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    try:
        version = read_version([Path(next(iter(files)))], folder, Config())
    except UnreadableError:
        return None
    return version if len(version.packages) == len(version.services) else None


def plain(root: Any) -> Files:
    """The document in one file."""
    return {"document.json": json.dumps(root)}


def rewritten(root: Any, chance: random.Random) -> tuple[str, Files]:
    """How it is said otherwise, and the files."""
    root = copy.deepcopy(root)
    way = chance.choice(_WAYS)
    return way.__name__.strip("_"), way(root, chance)


def schemas(root: Any) -> Iterator[Place]:
    """Each schema of the document that is written in JSON Schema, as a container and a key."""
    named = root.get("components", {}).get("schemas", {})
    for name in named if isinstance(named, dict) else ():
        yield from _below(named, name)
    for holder in _messages(root):
        if not {"schema", "schemaFormat"} & {*holder, *_keys(holder.get("payload"))}:
            yield from _below(holder, "payload")


def _keys(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) else ["schemaFormat"]


def _messages(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        found = value.get("messages")
        yield from (
            (m for m in found.values() if isinstance(m, dict)) if isinstance(found, dict) else ()
        )
        for key, item in value.items():
            if key not in ("payload", "headers", "schemas", "examples"):
                yield from _messages(item)


def _below(container: Any, key: Any) -> Iterator[Place]:
    schema = container[key]
    if not isinstance(schema, dict) or "schemaFormat" in schema:
        return
    yield container, key
    for name in _NAMED:
        for each in schema.get(name) or () if isinstance(schema.get(name), dict) else ():
            yield from _below(schema[name], each)
    for name in _SINGLE:
        if isinstance(schema.get(name), dict):
            yield from _below(schema, name)
    for name in _LISTED:
        for index in range(len(schema[name]) if isinstance(schema.get(name), list) else 0):
            yield from _below(schema[name], index)


def _some(root: Any, chance: random.Random, fits: Callable[[Any], bool]) -> Place | None:
    found = [(c, k) for c, k in schemas(root) if fits(c[k])]
    return chance.choice(found) if found else None


def _reordered(root: Any, chance: random.Random) -> Files:
    return plain(_shuffled(root, chance))


def _shuffled(value: Any, chance: random.Random, key: str = "") -> Any:
    if isinstance(value, list):
        return [_shuffled(item, chance) for item in value]
    if not isinstance(value, dict):
        return value
    # The first channel, message or operation may have the plain name.
    is_ordered = key in ("channels", "messages", "operations", "servers")
    names = list(value) if is_ordered else chance.sample(list(value), len(value))
    return {name: _shuffled(value[name], chance, name) for name in names}


def _described(root: Any, chance: random.Random) -> Files:
    place = _some(root, chance, lambda schema: "$ref" not in schema)
    if place is not None:
        place[0][place[1]] |= {"description": "More of it.", "examples": [], "$comment": "tidy"}
    return plain(root)


def _wrapped(root: Any, chance: random.Random) -> Files:
    # What a message is told apart by, and a default, is not looked for in a choice.
    place = _some(root, chance, lambda schema: not _TOLD_APART & schema.keys())
    if place is not None:
        container, key = place
        is_plain = key == "payload" or "$ref" in container[key] or "properties" in container[key]
        container[key] = {"allOf" if is_plain else chance.choice(_LISTED): [container[key]]}
    return plain(root)


def _split(root: Any, chance: random.Random) -> Files:
    place = _some(root, chance, lambda s: "$ref" not in s and any(key in s for key in _SPLIT))
    if place is not None:
        schema = place[0][place[1]]
        key = chance.choice([key for key in _SPLIT if key in schema])
        schema["allOf"] = [*schema.get("allOf", ()), {key: schema.pop(key)}]
    return plain(root)


def _inlined(root: Any, chance: random.Random) -> Files:
    named = root.get("components", {}).get("schemas", {})
    place = _some(root, chance, lambda s: str(s.get("$ref")).startswith("#/components/schemas/"))
    if place is not None:
        container, key = place
        target = named.get(container[key]["$ref"].rpartition("/")[2])
        if isinstance(target, dict) and len(container[key]) == 1:
            container[key] = copy.deepcopy(target)
    return plain(root)


def _moved(root: Any, chance: random.Random) -> Files:
    """The schemas of the components in a file of their own."""
    named = root.get("components", {}).get("schemas")
    if not isinstance(named, dict):
        return plain(root)
    there = json.loads(json.dumps(named))
    root["components"]["schemas"] = {}
    here = "#/components/schemas/"
    text = json.dumps(root).replace(f'"{here}', f'"parts.json{here}')
    parts = {"components": {"schemas": there}}
    return {"document.json": text, "parts.json": json.dumps(parts)}


def _as_yaml(root: Any, chance: random.Random) -> Files:
    """In YAML, with anchors wherever the same stands twice."""
    known: dict[str, Any] = {}
    return {"document.yaml": yaml.safe_dump(_shared(root, known), sort_keys=False)}


def _shared(value: Any, known: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        made = {key: _shared(item, known) for key, item in value.items()}
        return known.setdefault(json.dumps(made), made)
    return [_shared(item, known) for item in value] if isinstance(value, list) else value


_WAYS = (_reordered, _described, _wrapped, _split, _inlined, _moved, _as_yaml)
