"""Faults are planted in what was generated, one at a time: `codegen --verify` notices."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.commands.codegen import Codegen, Request
from jararaca_compiler.project.config import Config
from jararaca_compiler.verification import verify

HERE = Path(__file__).with_name("planted")
FAULTS = json.loads((HERE / "faults.json").read_text(encoding="utf-8"))
UNNOTICED = {"null allowed"}
"""No fault: a property that may be omitted refuses null whatever else is said."""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A project, and what the interpreter that verifies it is given."""
    root = tmp_path_factory.mktemp("planted")
    shutil.copy(HERE / "shop.yaml", root)
    given: list[str] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        given.append(options["input"])
        return subprocess.CompletedProcess(command, 0, '{"faults": [], "tried": 0}', "")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(verify.subprocess, "run", run)  # type: ignore[attr-defined]
        request = Request(verify=True)
        assert Codegen(root, Config(sources=("shop.yaml",)), request).run() == 0
    return root, given[0]


def verified(root: Path, given: str) -> list[Any]:
    """The faults that are told of the package as it is now."""
    command = [sys.executable, "-m", "jararaca_compiler.verification.child"]
    done = subprocess.run(
        command,
        input=given,
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},  # Of the same size and second.
        check=True,
    )
    return list(json.loads(done.stdout)["faults"])


@pytest.mark.soak
def test_nothing_is_told_of_what_is_right(compiled: tuple[Path, str]) -> None:
    assert verified(*compiled) == []


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS, ids=[fault["name"] for fault in FAULTS])
def test_a_planted_fault_is_noticed(fault: dict[str, str], compiled: tuple[Path, str]) -> None:
    root, given = compiled
    path = root / "generated/shop" / fault["file"]
    source = path.read_text(encoding="utf-8")
    changed = re.sub(fault["pattern"], fault["becomes"], source, count=1, flags=re.S | re.M)
    assert changed != source
    path.write_text(changed, encoding="utf-8")
    try:
        assert bool(verified(root, given)) is (fault["name"] not in UNNOTICED)
    finally:
        path.write_text(source, encoding="utf-8")
