"""What is told of a change alone is told when another one is made beside it."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest
from jararaca_compiler.compat.compare import compare

from .emitted import read
from .merged import ConflictError, hidden, merged
from .mutations import mutated
from .test_never_silent import documents

SAMPLE = int(os.environ.get("JARARACA_PAIRS_OF_CHANGES", "60"))
"""How many documents are changed in two ways; the soak changes twenty times as many."""
SEED = int(os.environ.get("JARARACA_MUTATION_SEED", "20261130"))
pytestmark = pytest.mark.timeout(3_600)


@pytest.mark.parametrize(
    ("sample", "seed"),
    [(SAMPLE, SEED), pytest.param(SAMPLE * 20, SEED + 1, marks=pytest.mark.soak)],
)
def test_a_change_is_not_hidden_by_another(sample: int, seed: int, tmp_path: Path) -> None:
    chance, told = random.Random(seed), 0
    while sample:
        base = chance.choice(documents())
        one, other = mutated(base, chance), mutated(base, chance)
        try:
            both = merged(base, one, other)
        except ConflictError:
            continue
        old, *revisions = (read(tmp_path, root) for root in (base, one, other, both))
        if old is None or None in revisions:
            continue
        sample -= 1
        first, second, third = (compare(old, new) for new in revisions if new is not None)
        told += len(first)
        for alone, others in ((first, second), (second, first)):
            left = [(change.code, change.subject) for change in hidden(alone, others, third)]
            assert not left, json.dumps([base, one, other])
    assert told
