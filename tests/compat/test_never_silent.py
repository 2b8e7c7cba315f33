"""Whatever changes in a document, `diff` says something where what is compiled differs."""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.compat.compare import compare
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.reading.load import load

from .emitted import emitted, read
from .mutations import mutated

PROJECT = Path(__file__).parents[2]
SEEDS = Path(__file__).parent / "seeds"
OWN = PROJECT / "tests/corpus/own"
LARGEST = 20_000
SAMPLE = int(os.environ.get("JARARACA_MUTATIONS", "200"))
"""How many documents that compile are tried; `JARARACA_MUTATIONS=2000` for the long run."""
SEED = int(os.environ.get("JARARACA_MUTATION_SEED", "20261128"))
"""Where the chance begins; another number tries other documents."""

pytestmark = pytest.mark.timeout(max(300, SAMPLE * 5))


@cache
def documents() -> tuple[Any, ...]:
    """The seeds, which have every key, several times; the example's; our own hard ones."""
    seeds = sorted(SEEDS.iterdir()) * 6
    more = [*sorted((PROJECT / "schemas").glob("*.*")), *sorted(OWN.glob("*.*"))]
    found = []
    for path in [*seeds, *(p for p in more if p.stat().st_size < LARGEST)]:
        found += [document.root for document in load([path.name], path.parent)[0]]
    return tuple(found)


def revisions(
    folder: Path, count: int, seed: int, tries: int
) -> Iterator[tuple[ContractVersion, ...]]:
    """Series of revisions that all compile, each a mutation of the one before."""
    chance = random.Random(seed)
    while tries:
        root = chance.choice(documents())
        roots = [root]
        for _ in range(count - 1):
            roots.append(mutated(roots[-1], chance))
        found = []
        for each in roots:
            version = read(folder, each)
            if version is None:
                break
            found.append(version)
        if len(found) == count:
            tries -= 1
            yield tuple(found)


def told(old: ContractVersion, new: ContractVersion) -> set[tuple[object, ...]]:
    return {(c.code, c.subject, c.message, c.breaks) for c in compare(old, new)}


def test_a_difference_of_what_is_compiled_is_never_passed_over(tmp_path: Path) -> None:
    differed = 0
    for old, new in revisions(tmp_path, 2, SEED, SAMPLE):
        if emitted(old) != emitted(new):
            differed += 1
            assert compare(old, new), emitted(new) - emitted(old)
    assert differed > SAMPLE / 5


def concerned(one: ContractVersion, other: ContractVersion) -> set[str]:
    """Whose statements differ: the classes, by service and module, or a module itself."""
    before, after = emitted(one), emitted(other)
    return {_owner(line) for line in (before - after) + (after - before)}


def _owner(statement: str) -> str:
    service, module, first, *rest = statement.split(" ")
    name = rest[0] if first == "class" and rest else first
    return f"{service} {module} {name if name.startswith('.') else ''}"


def test_one_change_does_not_hide_another(tmp_path: Path) -> None:
    for old, once, twice in revisions(tmp_path, 3, SEED + 1, SAMPLE // 4):
        # What is new is told as that, whatever is in it.
        known = {_owner(line) for line in emitted(old)}
        if concerned(once, twice) & known and emitted(old) != emitted(once):
            assert told(old, once) != told(old, twice), emitted(twice) - emitted(once)


def test_nothing_is_told_of_a_document_and_itself(tmp_path: Path) -> None:
    for root in {id(each): each for each in documents()}.values():
        old, new = read(tmp_path, root), read(tmp_path, copy.deepcopy(root))
        assert (old is None) == (new is None)
        if old is not None and new is not None:
            assert compare(old, new) == ()
