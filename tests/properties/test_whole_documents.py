"""Random whole documents compile, import, agree with a validator, and publish as themselves."""

from __future__ import annotations

import importlib
import json
import os
import sys
import warnings
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jararaca import DecodeError
from jararaca_compiler.pipeline.compilation import Contract, compile
from jararaca_compiler.project.config import Config

from tests.corpus.test_published_again import assert_the_same_again, read
from tests.properties.judged_documents import Judge
from tests.properties.whole_documents import Author, texts

SEEDS = int(os.environ.get("JARARACA_DOCUMENTS", "12"))
"""How many documents are tried; `JARARACA_DOCUMENTS=3000` for the long run."""
FIRST = int(os.environ.get("JARARACA_FIRST_DOCUMENT", "0"))
FORMER = (20028, 20346, 21684, 21732)
"""Documents that were compiled to something else once."""
VALUES = 12


def written(folder: Path, seed: int) -> dict[str, Any]:
    files = Author(Random(seed)).document()
    for path, text in texts(files).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return files


def imported(folder: Path, contract: Contract, tag: str) -> Any:
    config = Config(sources=("main.json",), output=f"whole_{tag}", handlers=f"whole_{tag}/h.py")
    made = compile(contract, contract.services, config, lambda _: None)
    for file in (*made.generated, *made.handlers):
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / file.path).write_text(file.source, encoding="utf-8")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            importlib.import_module(f"whole_{tag}.whole.routes")
            return importlib.import_module(f"whole_{tag}.whole.messages")
    finally:
        sys.path.remove(str(folder))


def takes(cls: Any, value: Any) -> bool:
    """Whether a class takes a value, which it then writes as it came."""
    try:
        message = cls.decode(json.dumps(value).encode())
    except DecodeError:
        return False
    assert json.loads(message.encode()) == value, (value, message.encode())
    return True


@pytest.mark.parametrize("seed", [*range(FIRST, FIRST + SEEDS), *FORMER])
def test_a_whole_document_is_what_it_says(seed: int, tmp_path: Path) -> None:
    files = written(tmp_path, seed)
    contract, config = read(tmp_path, "main.json")
    assert contract.is_sound, [(d.code, d.message, d.span) for d in contract.diagnostics]
    messages, judge = imported(tmp_path, contract, str(seed)), Judge(files)
    for message in contract.services[0].messages:
        validator = judge.validator(message.name)
        for value in judge.values(message.name, Random(seed), VALUES):
            wanted = validator.is_valid(value)
            cls = getattr(messages, message.class_name)
            assert takes(cls, value) == wanted, (judge.payload(message.name), value, wanted)
    assert_the_same_again(contract, config, tmp_path)
