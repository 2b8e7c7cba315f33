"""Whatever compiles can be imported: packages of half broken documents, in one interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jararaca_compiler.commands.codegen import Codegen, Request
from jararaca_compiler.project.config import Config

from tests.corpus.test_published_mutations import SEED, broken

COUNT = int(os.environ.get("JARARACA_MUTATIONS", "500"))
IMPORTS = """
import importlib, json, sys
failed = {}
for name in json.load(sys.stdin):
    try:
        importlib.import_module(name)
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"
json.dump(failed, sys.stdout)
"""


@pytest.mark.soak
@pytest.mark.timeout(max(600, COUNT * 4))
def test_what_compiles_can_be_imported(tmp_path: Path) -> None:
    compiled = []
    for number, _ in enumerate(broken(tmp_path, SEED + 1, COUNT)):
        config = Config(
            sources=("source.json",), output=f"m{number}", handlers=f"h{number}/{{service}}.py"
        )
        # What a package cannot be made of ends in diagnostics.
        if Codegen(tmp_path, config, Request()).run() == 0:
            (path,) = (tmp_path / f"m{number}").glob("*/routes.py")
            compiled.append(f"m{number}.{path.parent.name}.routes")
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS],
        input=json.dumps(compiled),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert json.loads(done.stdout) == {}
    assert len(compiled) > COUNT // 2
