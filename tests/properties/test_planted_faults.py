"""Faults are planted in what was generated, one at a time: `codegen --verify` notices."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.commands.codegen import Codegen, Request
from jararaca_compiler.project.config import Config
from jararaca_compiler.verification import verify

HERE = Path(__file__).with_name("planted")
UNNOTICED = {"null allowed"}
"""No fault: a property that may be omitted refuses null whatever else is said."""
SOAK = pytest.mark.soak
FAULTS = [
    pytest.param(name, fault, id=f"{name}: {fault['name']}", marks=() if "quick" in fault else SOAK)
    for name in ("shop", "goods")
    for fault in json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, str]]:
    """By document a project, and what the interpreter that verifies it is given."""

    @cache
    def of(name: str) -> tuple[Path, str]:
        root = tmp_path_factory.mktemp("planted")
        shutil.copy(HERE / f"{name}.yaml", root)
        given: list[str] = []

        def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
            given.append(options["input"])
            return subprocess.CompletedProcess(command, 0, '{"faults": [], "tried": 0}', "")

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(verify.subprocess, "run", run)  # type: ignore[attr-defined]
            request = Request(verify=True)
            assert Codegen(root, Config(sources=(f"{name}.yaml",)), request).run() == 0
        return root, given[0]

    return of


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


@pytest.mark.parametrize("name", ["shop", "goods"])
def test_nothing_is_told_of_what_is_right(
    name: str, compiled: Callable[[str], tuple[Path, str]]
) -> None:
    assert verified(*compiled(name)) == []


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_a_planted_fault_is_noticed(
    name: str, fault: dict[str, str], compiled: Callable[[str], tuple[Path, str]]
) -> None:
    root, given = compiled(name)
    path = root / "generated" / name / fault["file"]
    source = path.read_text(encoding="utf-8")
    changed = re.sub(fault["pattern"], fault["becomes"], source, count=1, flags=re.S | re.M)
    assert changed != source
    path.write_text(changed, encoding="utf-8")
    try:
        assert bool(verified(root, given)) is (fault["name"] not in UNNOTICED)
    finally:
        path.write_text(source, encoding="utf-8")
