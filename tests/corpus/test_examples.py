"""Documents that others wrote: their classes import, take valid examples and refuse broken ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import black
import pytest
from jararaca import DecodeError
from jararaca_compiler import ir
from jararaca_compiler.emit.models import emit_models
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver

from tests.corpus.test_corpus import ABSENT, CORPUS, EVERY, known_failures
from tests.support.models import imported

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason=ABSENT)


def generated(path: str) -> Iterator[tuple[ir.Service, dict[str, str]]]:
    """The services of a document with their modules."""
    repository, _, file = path.partition("/")
    documents, _ = load([file], CORPUS / repository)
    resolver = Resolver(documents)
    services, _ = lower(documents, None, resolver)
    for service in services:
        files = emit_models(service, resolver.lookup)
        yield service, {made.path: made.source for made in files}


@EVERY
def test_its_classes_import_build_and_are_stable_under_black(
    row: dict[str, str], tmp_path: Path
) -> None:
    if row["path"] in known_failures():
        pytest.skip(known_failures()[row["path"]])
    for service, texts in generated(row["path"]):
        module = imported(tmp_path, texts)
        for message in service.messages:
            getattr(module, message.class_name).model_rebuild()
        for text in texts.values():
            assert black.format_str(text, mode=black.Mode(line_length=100)) == text


def examples() -> list[tuple[str, list[dict[str, Any]]]]:
    """The examples of each document."""
    file = CORPUS / "examples.json"
    return list(json.loads(file.read_text("utf-8")).items()) if file.exists() else []


@pytest.mark.parametrize(("path", "rows"), examples(), ids=lambda value: str(value)[:60])
def test_valid_examples_are_taken_and_broken_ones_refused(
    path: str, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    for service, texts in generated(path):
        module = imported(tmp_path, texts)
        for row in rows:
            cls = message_class(service, module, row["msg_names"])
            if row["ok"] is not None:
                assert takes(cls, row["example"]) is row["ok"], row
            for what, field, broken in row["negs"]:
                assert not takes(cls, broken), (what, field, broken)


def message_class(service: ir.Service, module: ModuleType, names: list[str]) -> Any:
    found = [m for m in service.messages if m.class_name in names or m.name in names]
    assert found, names
    return getattr(module, found[0].class_name)


def takes(cls: Any, value: Any) -> bool:
    try:
        cls.decode(json.dumps(value).encode())
    except DecodeError:
        return False
    return True
