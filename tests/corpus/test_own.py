"""Documents of ours that are hard in the ways in which other people's are, each a kind of trap."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import jsonschema_rs
import pytest
from jararaca_compiler import ir
from jararaca_compiler.emit.document.asyncapi import bundled
from jararaca_compiler.pipeline.compilation import Contract, compile, read_contract
from jararaca_compiler.project.config import Config

from tests.support.type_checking import check_types

OWN = Path(__file__).with_name("own")
PROJECT = Path(__file__).parents[2]
OFFICIAL = PROJECT / "tests" / "support" / "asyncapi-3.0.0.schema.json"
NAMES = sorted(path.name for path in OWN.iterdir() if path.is_file())

EVERY = pytest.mark.parametrize("name", NAMES)


@cache
def contract(name: str) -> Contract:
    return read_contract(Config(sources=(name,)), OWN)


def errors(name: str) -> list[str]:
    return [
        f"{d.span.path}:{d.span.line}: {d.code}: {d.message}"
        for d in contract(name).diagnostics
        if d.severity == "error"
    ]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that packages can be imported from, one a document."""
    folder = tmp_path_factory.mktemp("own")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@cache
def package(folder: Path, name: str, prefix: str = "own") -> tuple[str, ir.Service]:
    """All that a document compiles to, as a package, its handlers included."""
    found = contract(name)
    (service,) = found.services
    top = f"{prefix}_" + name.partition(".")[0].replace("-", "_")
    config = Config(sources=(name,), output=top, handlers=f"{top}/handlers.py")
    made = compile(found, found.services, config, lambda path: None)
    for file in (*made.generated, *made.handlers):
        place = folder / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.source, encoding="utf-8")
    importlib.invalidate_caches()
    return f"{top}.{service.name}", service


@EVERY
def test_it_compiles_and_imports(name: str, packages: Path) -> None:
    assert errors(name) == []
    module, service = package(packages, name)
    messages = importlib.import_module(f"{module}.messages")
    importlib.import_module(f"{module}.routes")
    assert all(hasattr(messages, message.class_name) for message in service.messages)


@EVERY
def test_its_classes_accept_its_examples(name: str, packages: Path) -> None:
    module, service = package(packages, name)
    messages = importlib.import_module(f"{module}.messages")
    for message in service.messages:
        for example in message.examples:
            getattr(messages, message.class_name).decode(json.dumps(example.payload).encode())


@EVERY
def test_it_is_published_as_a_valid_document(name: str) -> None:
    validator = jsonschema_rs.validator_for(json.loads(OFFICIAL.read_text(encoding="utf-8")))
    found = contract(name)
    document = bundled(found.services[0], found.resolver.lookup)
    assert [f"{e.instance_path}: {e.message}" for e in validator.iter_errors(document)] == []


def test_all_that_they_compile_to_passes_strict_mypy(packages: Path) -> None:
    names = [package(packages, name)[0].partition(".")[0] for name in NAMES]
    config = ["--config-file", str(PROJECT / "pyproject.toml")]
    path = f"{packages}:{PROJECT / 'runtime'}"
    each = [f"-p{name}" for name in names]
    done = check_types(*config, *each, folder=packages, cache="corpora", MYPYPATH=path)
    assert done.returncode == 0, done.stdout
