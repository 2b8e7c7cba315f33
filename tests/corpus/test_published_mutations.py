"""What is published of a document that a person has half broken is accepted, and read again."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.reading.load import load
from jsonschema_rs import Draft7Validator

from tests.compat.mutations import mutated
from tests.corpus.test_official_parser import BATCH, errors_of
from tests.corpus.test_published_again import assert_the_same_again, files, read
from tests.support.node_packages import node_packages

__all__ = ["node_packages"]

SEEDS = Path(__file__).with_name("seeds")
"""Documents that have every object of AsyncAPI, and the bindings of every protocol."""
OTHERS = Path(__file__).parents[1] / "compat/seeds"
SAMPLE = 15
LONG = int(os.environ.get("JARARACA_MUTATIONS", "1000"))
SEED = int(os.environ.get("JARARACA_MUTATION_SEED", "20261129"))
SCHEMA = "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json"


@cache
def originals() -> tuple[Any, ...]:
    paths = [*sorted(SEEDS.iterdir()) * 3, *sorted(OTHERS.iterdir())]
    return tuple(d.root for path in paths for d in load([path.name], path.parent)[0])


def broken(folder: Path, seed: int, count: int) -> Iterator[dict[str, Any]]:
    """Documents with one to four changes that are contracts all the same, as `source.json`."""
    chance = random.Random(seed)
    while count:
        root = chance.choice(originals())
        for _ in range(chance.randint(1, 4)):
            root = mutated(root, chance)
        (folder / "source.json").write_text(json.dumps(root), encoding="utf-8")
        contract, _ = read(folder, "source.json")
        if contract.is_sound and len(contract.services) == 1:
            count -= 1
            yield root


def test_a_half_broken_document_is_the_same_contract_again(tmp_path: Path) -> None:
    for _ in broken(tmp_path, SEED, SAMPLE):
        assert_the_same_again(*read(tmp_path, "source.json"), tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(max(600, LONG * 12))  # 1.5 s of CPU each, and other tests beside it.
def test_whatever_is_published_is_accepted_and_the_same_contract(
    node_packages: Path, tmp_path: Path
) -> None:
    validator = Draft7Validator(json.loads((node_packages / SCHEMA).read_text()))
    places = []
    for number, root in enumerate(broken(tmp_path, SEED + 1, LONG)):
        contract, config = read(tmp_path, "source.json")
        text = next(s for p, s in files(contract, config).items() if p.endswith("asyncapi.json"))
        wrong = [error.message for error in validator.iter_errors(json.loads(text))]
        assert wrong == [], json.dumps(root)
        assert_the_same_again(contract, config, tmp_path)
        places.append(tmp_path / f"published_{number}.json")
        places[-1].write_text(text, encoding="utf-8")
    for start in range(0, len(places), BATCH):
        names = [str(place) for place in places[start : start + BATCH]]
        found = errors_of(names, node_packages / "node_modules")
        assert {name: errors for name, errors in found.items() if errors} == {}
