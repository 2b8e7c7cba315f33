"""What `diff` shows and what it calls safe, judged by validators that have nothing of ours."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.compat.compare import compare
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.compat.versions import UnreadableError, read_version
from jararaca_compiler.project.config import Config

from tests.properties.whole_documents import Author

from .denied import denied
from .emitted import read
from .hostile_pairs import PAIRS, document
from .judge import Files
from .mutations import mutated
from .test_never_silent import documents

SAMPLE = int(os.environ.get("JARARACA_JUDGED", "60"))
"""How many pairs of documents are judged; the soak judges ten times as many."""
SEED = int(os.environ.get("JARARACA_MUTATION_SEED", "20261130"))
LONG = pytest.param(SAMPLE * 10, SEED + 1, marks=pytest.mark.soak)
pytestmark = pytest.mark.timeout(3_600)


@pytest.mark.parametrize("turned", [False, True], ids=["forth", "back"])
@pytest.mark.parametrize("name", PAIRS)
def test_nothing_told_of_a_hostile_pair_is_denied(name: str, turned: bool, tmp_path: Path) -> None:
    roots = [document(schema) for schema in PAIRS[name]]
    old, new = roots[::-1] if turned else roots
    versions = read(tmp_path, old), read(tmp_path, new)
    assert versions[0] is not None and versions[1] is not None
    found = compare(versions[0], versions[1])
    files = {"document.json": old}, {"document.json": new}
    sides = versions[0], versions[1]
    assert not [*denied(sides, files, found, random.Random(SEED), tries=300)]


@pytest.mark.parametrize(("sample", "seed"), [(SAMPLE, SEED), LONG])
def test_nothing_told_of_mutated_documents_is_denied(
    sample: int, seed: int, tmp_path: Path
) -> None:
    chance, shown = random.Random(seed), 0
    while sample:
        old = new = chance.choice(documents())
        for _ in range(chance.choice((1, 1, 2, 3))):
            new = mutated(new, chance)
        versions = read(tmp_path, old), read(tmp_path, new)
        if versions[0] is None or versions[1] is None:
            continue
        sample -= 1
        files = {"document.json": old}, {"document.json": new}
        shown += witnesses((versions[0], versions[1]), files, chance)
    assert shown


@pytest.mark.parametrize(("sample", "seed"), [(SAMPLE // 4, SEED), LONG])
def test_nothing_told_of_documents_of_several_files_is_denied(
    sample: int, seed: int, tmp_path: Path
) -> None:
    chance, shown = random.Random(seed), 0
    while sample:
        old: Files = Author(chance).document()
        new = dict(old)
        for path in chance.choices(sorted(old), k=6):
            new[path] = mutated(new[path], chance) if new[path] else {}
        versions = _version(tmp_path, old), _version(tmp_path, new)
        if versions[0] is None or versions[1] is None:
            continue
        sample -= 1
        shown += witnesses((versions[0], versions[1]), (old, new), chance)
    assert shown


def witnesses(
    versions: tuple[ContractVersion, ContractVersion],
    files: tuple[Files, Files],
    chance: random.Random,
) -> int:
    """How many changes have a witness; nothing that is told of the two may be denied."""
    found = compare(*versions)
    assert not [*denied(versions, files, found, chance)]
    return sum(change.witness is not None for change in found)


def _version(folder: Path, files: Files) -> ContractVersion | None:
    for path, root in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(json.dumps(root), encoding="utf-8")
    try:
        version = read_version([Path("main.json")], folder, Config())
    except UnreadableError:
        return None
    return version if len(version.packages) == len(version.services) else None


def test_a_judge_denies_what_is_no_witness(tmp_path: Path) -> None:
    """That it can: a document said to be the same, and a witness of other schemas."""
    roots: list[Any] = [document({"type": kind}) for kind in ("integer", "string")]
    sides = [read(tmp_path, root) for root in roots]
    assert sides[0] is not None and sides[1] is not None
    files = {"document.json": roots[0]}, {"document.json": roots[1]}
    chance = random.Random(1)
    assert [*denied((sides[0], sides[1]), files, (), chance)]
    forth = compare(sides[0], sides[1])
    assert not [*denied((sides[0], sides[1]), files, forth, chance)]
    assert [*denied((sides[1], sides[0]), files[::-1], forth, chance)]
