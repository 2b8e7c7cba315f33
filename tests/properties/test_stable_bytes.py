"""Names and texts depend on where a schema stands: not on order, neighbours, or the hash seed."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jararaca_compiler.pipeline.compilation import compile, read_contract
from jararaca_compiler.project.config import Config

OWN = Path(__file__).parents[1] / "corpus" / "own"
NAMES = ("Order", "order", "Line", "Payment", "payment.failed", "Kind", "Address", "A b")
KINDS: tuple[dict[str, Any], ...] = (
    {"type": "string"},
    {"type": "string", "enum": ["a", "b"]},
    {"type": "object", "properties": {"id": {"type": "string"}}},
    {"oneOf": [{"type": "integer"}, {"type": "object", "properties": {"x": {"type": "null"}}}]},
    {"$ref": "#/components/schemas/Shared"},
    {"$ref": "common.json#/$defs/Shared"},
)
SHARED = {"type": "object", "properties": {"line": {"type": "object", "properties": {}}}}

schemas = st.sampled_from(KINDS)
payloads = st.dictionaries(st.sampled_from(("line", "Kind", "order", "x-y")), schemas, max_size=3)
services = st.dictionaries(st.sampled_from(NAMES), payloads, min_size=2, max_size=5)


def compiled(messages: dict[str, Any], shuffle: random.Random | None = None) -> dict[str, str]:
    """The text of each class of a service with an event for each payload, by its module."""
    channels = {
        f"c {name}": {
            "address": f"shop.{name.encode().hex()}",
            "messages": {name: {"payload": {"type": "object", "properties": fields}}},
        }
        for name, fields in messages.items()
    }
    others = {name: {"type": "object", "properties": {"a": {}}} for name in ("Other", "Line")}
    shared = {"Shared": SHARED, **others}
    files = {
        "shop.json": {
            "asyncapi": "3.0.0",
            "info": {"title": "Shop", "version": "1"},
            "channels": _shuffled(channels, shuffle),
            "components": {"schemas": _shuffled(shared, shuffle)},
        },
        "common.json": {"$defs": _shuffled(shared, shuffle)},
        "more.json": {
            "asyncapi": "3.0.0",
            "info": {"title": "More", "version": "1"},
            "channels": {"m": {"messages": {"More": {"payload": KINDS[5]}}}},
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, value in _shuffled(files, shuffle).items():
            (Path(folder) / name).write_text(json.dumps(value), encoding="utf-8")
        sources = list(_shuffled({"shop.json": 1, "more.json": 2}, shuffle))
        config = Config(sources=tuple(sources))
        contract = read_contract(config, Path(folder))
        assert contract.is_sound, contract.diagnostics
        made = compile(contract, contract.services, config, lambda path: None)
    return {
        f"{file.path}:{node.name}": ast.get_source_segment(file.source, node) or ""
        for file in made.generated
        if file.path.endswith(("messages.py", "schemas.py"))
        for node in ast.parse(file.source).body
        if isinstance(node, ast.ClassDef)
    }


def _shuffled(mapping: dict[str, Any], shuffle: random.Random | None) -> dict[str, Any]:
    items = list(mapping.items())
    if shuffle is not None:
        shuffle.shuffle(items)
    return dict(items)


@settings(max_examples=40, deadline=None)
@given(services, st.randoms(use_true_random=False))
def test_the_order_of_files_and_messages_changes_no_class(
    messages: dict[str, Any], shuffle: random.Random
) -> None:
    assert compiled(messages) == compiled(messages, shuffle)


@settings(max_examples=40, deadline=None)
@given(services, payloads)
def test_another_message_changes_no_other_class(messages: dict[str, Any], fields: Any) -> None:
    before = compiled(messages)
    after = compiled({**messages, "Zebra": fields})
    lasting = {name: text for name, text in after.items() if name in before}
    assert before == lasting


def test_the_hash_seed_changes_no_byte() -> None:
    digests = {_digest(seed) for seed in ("0", "1", "4242")}
    assert len(digests) == 1


def _digest(seed: str) -> str:
    """SHA-256 of all that our hard documents compile to in a process of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", f"import {__name__} as m; print(m.all_bytes())"],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def all_bytes() -> str:
    """The digest of every file that the documents in `OWN` compile to, site included."""
    digest = hashlib.sha256()
    for name in sorted(path.name for path in OWN.iterdir() if path.is_file()):
        config = Config(sources=(name,))
        contract = read_contract(config, OWN)
        made = compile(contract, contract.services, config, lambda path: None)
        for file in (*made.generated, *made.handlers):
            digest.update(f"{file.path}\n{file.source}".encode())
        digest.update(repr(made.diagnostics).encode())
    return digest.hexdigest()
