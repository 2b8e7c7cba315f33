"""Documents that others wrote compile; those that cannot are listed with the reason."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest
from jararaca_compiler.check import check
from jararaca_compiler.diagnostics import Diagnostic, ordered
from jararaca_compiler.load import load
from jararaca_compiler.lower import lower

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
KNOWN = Path(__file__).with_name("known-failures.txt")
ABSENT = "the corpus does not stand beside the project"


def documents() -> list[dict[str, str]]:
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
EVERY = pytest.mark.parametrize("row", documents(), ids=lambda row: str(row["path"]))


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
    assert known_failures().keys() <= {row["path"] for row in documents()}
    assert all(known_failures().values())
