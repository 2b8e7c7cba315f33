"""`jararaca link` on small systems: each folder of `cases` with what is printed (`--bless`)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from jararaca_compiler.commands.link import run_link
from jararaca_compiler.project.config import read_config

CASES = Path(__file__).parent / "cases"
EXPECTED = "expected.txt"


@pytest.mark.parametrize("case", sorted(p.name for p in CASES.iterdir() if p.is_dir()))
def test_a_system_is_linked(
    case: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    folder, here = CASES / case, tmp_path / case
    shutil.copytree(folder, here)
    monkeypatch.chdir(here)
    config = read_config(here).override(sources=(".",))
    status = run_link(here, config, "text")
    told = f"{capsys.readouterr().out}exit status {status}\n"
    if request.config.getoption("--bless"):
        (folder / EXPECTED).write_text(told, encoding="utf-8")
    assert told == (folder / EXPECTED).read_text(encoding="utf-8")
