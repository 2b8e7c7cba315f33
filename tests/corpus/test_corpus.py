"""Documents that others wrote compile; those that cannot are listed with the reason."""

from __future__ import annotations

import csv
import importlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, ordered
from jararaca_compiler.emit.models import emit_models
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver
from jararaca_compiler.semantics.check import check

from tests.support.type_checking import check_types

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
PROJECT = Path(__file__).parents[2]
SAMPLE = 8
KNOWN = Path(__file__).with_name("known-failures.txt")
ABSENT = "the corpus does not stand beside the project"


def every() -> list[dict[str, str]]:
    index = CORPUS / "index.tsv"
    if not index.exists():
        return []
    with index.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@cache
def known_failures() -> dict[str, str]:
    """By path why a document does not compile."""
    lines = KNOWN.read_text("utf-8").splitlines()
    rows = [line.split(": ", 1) for line in lines if line and not line.startswith("#")]
    return {row[0]: row[1] for row in rows}


@cache
def diagnosed(path: str) -> tuple[Diagnostic, ...]:
    """Everything that is said about a document, its repository being the project."""
    repository, _, file = path.partition("/")
    documents, unread = load([file], CORPUS / repository)
    services, found = lower(documents)
    checked = [d for service in services for d in check(service, documents)]
    return ordered([*unread, *found, *checked])


def errors(path: str) -> list[str]:
    found = [d for d in diagnosed(path) if d.severity == "error"]
    return [f"{d.span.path}:{d.span.line}: {d.code}: {d.message}" for d in found]


pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason=ABSENT)
EVERY = pytest.mark.parametrize("row", every(), ids=lambda row: str(row["path"]))


@EVERY
def test_a_document_compiles_or_is_listed(row: dict[str, str]) -> None:
    found, listed = errors(row["path"]), row["path"] in known_failures()
    assert not (listed and not found), f"{row['path']} compiles: take it off {KNOWN.name}"
    assert listed or not found, "\n".join(found)


@EVERY
def test_what_the_official_parser_accepts_has_no_error(row: dict[str, str]) -> None:
    if row["official_parser_accepts"] == "yes":
        assert errors(row["path"]) == []
        assert row["path"] not in known_failures()


@EVERY
def test_every_diagnostic_says_where_and_what_to_do(row: dict[str, str]) -> None:
    for diagnostic in diagnosed(row["path"]):
        assert diagnostic.span.line >= 1
        assert (CORPUS / row["path"].split("/")[0] / diagnostic.span.path).exists()
        assert diagnostic.help


def test_the_list_names_documents_that_are_there() -> None:
    assert known_failures().keys() <= {row["path"] for row in every()}
    assert all(known_failures().values())


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of importable packages, one a document."""
    folder = tmp_path_factory.mktemp("corpus")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@cache
def package(folder: Path, path: str) -> tuple[str, ir.Service]:
    """A document's messages as a package of Python, and the service that they are of."""
    repository, _, file = path.partition("/")
    documents, _ = load([file], CORPUS / repository)
    resolver = Resolver(documents)
    (service,), _ = lower(documents, resolver=resolver)
    name = f"document_{[row['path'] for row in every()].index(path)}"
    place = folder / name
    place.mkdir()
    (place / "__init__.py").write_text("", encoding="utf-8")
    for generated in emit_models(service, resolver.lookup):
        (place / generated.path).write_text(generated.source, encoding="utf-8")
    importlib.invalidate_caches()
    return name, service


def compiling() -> list[str]:
    return [row["path"] for row in every() if row["path"] not in known_failures()]


@pytest.mark.parametrize("path", compiling())
def test_its_messages_import(path: str, packages: Path) -> None:
    name, service = package(packages, path)
    messages = importlib.import_module(f"{name}.messages")
    assert all(hasattr(messages, message.class_name) for message in service.messages)


def test_a_sample_passes_strict_mypy(packages: Path) -> None:
    sample = compiling()[:: len(compiling()) // SAMPLE]
    names = [package(packages, path)[0] for path in sample]
    config = ["--config-file", str(PROJECT / "pyproject.toml")]
    path = f"{packages}:{PROJECT / 'runtime'}"
    each = [f"-p{name}" for name in names]
    done = check_types(*config, *each, folder=packages, cache="corpora", MYPYPATH=path)
    assert done.returncode == 0, done.stdout
