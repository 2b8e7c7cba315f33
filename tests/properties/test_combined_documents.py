"""Features of a contract in any combination: published, it is the same contract, and its classes
say of parameters and correlation ids what the document says."""

from __future__ import annotations

import importlib
import json
import os
import sys
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jararaca_compiler.pipeline.compilation import Contract, compile
from jararaca_compiler.project.config import Config

from tests.corpus.test_published_again import assert_the_same_again, read
from tests.properties.combined_documents import FEATURES, Json, combined

PAIRS = list(combinations(range(len(FEATURES)), 2))
SAMPLE, IMPORTED = 30, 8
LONG = int(os.environ.get("JARARACA_DOCUMENTS", "1000"))
SEED = int(os.environ.get("JARARACA_FIRST_DOCUMENT", "20261130"))


def written(folder: Path, numbers: tuple[int, ...], chance: Random) -> Json:
    files = combined(numbers, chance)
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return files["main.json"]


def assert_the_same(folder: Path, numbers: tuple[int, ...], chance: Random) -> bool:
    """Whether it is a contract: a publication with a priority would leave its partition's order."""
    written(folder, numbers, chance)
    contract, config = read(folder, "main.json")
    names = [FEATURES[number].__name__ for number in numbers]
    if not contract.is_sound:
        assert {"_partitions", "_asked"} <= {*names}, [d.message for d in contract.diagnostics]
        return False
    assert_the_same_again(contract, config, folder)
    return True


def test_two_features_are_the_same_contract_again(tmp_path: Path) -> None:
    chance = Random(SEED)
    found = [assert_the_same(tmp_path, pair, chance) for pair in chance.sample(PAIRS, SAMPLE)]
    assert sum(found) > SAMPLE - 5


@pytest.mark.soak
@pytest.mark.timeout(max(600, LONG * 2))
def test_many_features_are_the_same_contract_again(tmp_path: Path) -> None:
    chance = Random(SEED + 1)
    for pair in PAIRS:
        assert_the_same(tmp_path, pair, chance)
    for _ in range(LONG):
        numbers = tuple(chance.sample(range(len(FEATURES)), chance.randint(3, 6)))
        assert_the_same(tmp_path, numbers, chance)


def imported(folder: Path, contract: Contract, tag: str) -> Any:
    config = Config(
        sources=("main.json",), output=f"combined_{tag}", handlers=f"combined_{tag}/h.py"
    )
    made = compile(contract, contract.services, config, lambda _: None)
    for file in (*made.generated, *made.handlers):
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / file.path).write_text(file.source, encoding="utf-8")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        return importlib.import_module(f"combined_{tag}.combined.messages")
    finally:
        sys.path.remove(str(folder))


@pytest.mark.parametrize("seed", range(IMPORTED))
def test_classes_say_of_parameters_what_the_document_says(seed: int, tmp_path: Path) -> None:
    """The document is read here without the compiler: what it says of each class by itself."""
    chance = Random(seed)
    names = {"_parameters", "_correlation", chance.choice(["_union", "_headers", "_exchange"])}
    numbers = tuple(n for n, feature in enumerate(FEATURES) if feature.__name__ in names)
    main = written(tmp_path, numbers, chance)
    contract, _ = read(tmp_path, "main.json")
    messages = imported(tmp_path, contract, str(seed))
    for channel in (main["channels"]["moved"], main["channels"]["orders"]):
        described = channel.get("parameters", {})
        for name, message in channel["messages"].items():
            cls = getattr(messages, name)
            assert channel["address"] == cls.MESSAGE_TOPIC
            assert dict(cls.MESSAGE_PARAMETERS) == {
                key: each["enum"] for key, each in described.items() if "enum" in each
            }
            assert dict(cls.MESSAGE_LOCATIONS) == {
                key: each["location"] for key, each in described.items() if "location" in each
            }
            said = message.get("correlationId", {}).get("location")
            assert said == cls.MESSAGE_CORRELATION_ID
