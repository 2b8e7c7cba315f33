"""A document's message classes, compiled and imported, for tests."""

from __future__ import annotations

import importlib
import itertools
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from jararaca_compiler.emit.models import emit_models
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver

_NUMBERS = itertools.count()


def document(
    payloads: Mapping[str, Any], components: Mapping[str, Any] | None = None, **message: Any
) -> dict[str, Any]:
    """An AsyncAPI document with an event for each payload, on a channel of its own."""
    channels = {
        name: {"address": f"test.{name}", "messages": {name: {"payload": payload, **message}}}
        for name, payload in payloads.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Test", "version": "1"},
        "channels": channels,
        "components": {"schemas": dict(components or {})},
    }


def sources(folder: Path, root: Mapping[str, Any], **files: Any) -> dict[str, str]:
    """The generated modules of a document; `files` stand beside it (`common` is `common.json`)."""
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "test.json").write_text(json.dumps(root), encoding="utf-8")
    documents, _ = load(["test.json"], folder)
    resolver = Resolver(documents)
    services, found = lower(documents, None, resolver)
    assert not [d for d in found if d.severity == "error"], found
    return {file.path: file.source for file in emit_models(services[0], resolver.lookup)}


def imported(folder: Path, texts: Mapping[str, str]) -> ModuleType:
    """`messages.py` of generated modules, imported as part of a package of its own."""
    package = f"compiled_for_tests_{next(_NUMBERS)}"
    place = folder / package
    place.mkdir()
    (place / "__init__.py").write_text("", encoding="utf-8")
    for path, text in texts.items():
        (place / path).write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        return importlib.import_module(f"{package}.messages")
    finally:
        sys.path.remove(str(folder))


def compiled(
    folder: Path, payloads: Mapping[str, Any], components: Mapping[str, Any] | None = None
) -> ModuleType:
    """The messages module of some payloads and the components they refer to."""
    return imported(folder, sources(folder, document(payloads, components)))
