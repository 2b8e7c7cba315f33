"""What documents compile to: a folder a case. `make bless` rewrites what they expect.

`input/` is a project; `expected/` what it compiles to; `diagnostics.txt` what a person reads;
`about.md` says what the case is there for.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from jararaca_compiler.project.config import Config
from jararaca_compiler.diagnostics.diagnostic import ordered
from jararaca_compiler.pipeline.compilation import compile, read_contract
from jararaca_compiler.diagnostics.report import render

CASES = Path(__file__).parent / "cases"


def outcome(case: Path) -> tuple[dict[str, str], str]:
    """The files of a case by path, and the diagnostics as text."""
    root = case / "input"
    config = Config(sources=(".",))
    contract = read_contract(config, root)
    files: dict[str, str] = {}
    found = contract.diagnostics
    if contract.is_sound:
        made = compile(contract, contract.services, config, lambda path: _text(root / path))
        files = {file.path: file.source for file in (*made.generated, *made.handlers)}
        found = ordered([*found, *made.diagnostics])
    return files, render(found, "text", lambda path: _text(root / path))


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_a_case_compiles_to_what_it_expects(case: Path, request: pytest.FixtureRequest) -> None:
    files, diagnostics = outcome(case)
    if request.config.getoption("--bless"):
        bless(case, files, diagnostics)
    assert (case / "about.md").is_file(), "a case says what it is there for"
    assert diagnostics == (case / "diagnostics.txt").read_text(encoding="utf-8")
    wanted = expected(case / "expected")
    assert sorted(files) == sorted(wanted)
    for path, source in wanted.items():
        assert files[path] == source, path


def expected(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def bless(case: Path, files: dict[str, str], diagnostics: str) -> None:
    shutil.rmtree(case / "expected", ignore_errors=True)
    for path, source in files.items():
        target = case / "expected" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source, encoding="utf-8")
    (case / "diagnostics.txt").write_text(diagnostics, encoding="utf-8")


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
