"""What says the same in other words is told as nothing that breaks anybody's messages."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

from jararaca_compiler.compat.compare import compare

from . import neutral
from .test_never_silent import documents

SAMPLE = int(os.environ.get("JARARACA_TIDIED", "40"))
"""How many documents are said in other words; `JARARACA_TIDIED=500` for the long run."""
SEED = int(os.environ.get("JARARACA_MUTATION_SEED", "20261129"))


def test_other_words_break_nobody(tmp_path: Path) -> None:
    chance, tried = random.Random(SEED), 0
    while tried < SAMPLE:
        root = json.loads(json.dumps(chance.choice(documents())))
        way, files = neutral.rewritten(root, chance)
        old = neutral.read(tmp_path, neutral.plain(root))
        if old is None or files == neutral.plain(root):
            continue
        new = neutral.read(tmp_path, files)
        assert new is not None, (way, files)
        tried += 1
        for change in compare(old, new):
            assert not {*change.breaks, *change.risks} - {"code"}, (way, change)
