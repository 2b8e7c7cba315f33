"""Neighbours from elsewhere: git repositories and installed packages."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from jararaca_compiler.commands.link import run_link
from jararaca_compiler.project.config import read_config

CASE = Path(__file__).parent / "cases" / "refused"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sender alone; whoever takes its messages is elsewhere."""
    made = tmp_path / "orders"
    made.mkdir()
    shutil.copy(CASE / "orders.asyncapi.yaml", made)
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that has the receiver on its branch `released`, and a planted link."""
    made = tmp_path / "warehouse"
    (made / "docs").mkdir(parents=True)
    shutil.copy(CASE / "warehouse.asyncapi.yaml", made / "docs")
    (made / "docs" / "planted.yaml").symlink_to("/etc/hostname")
    for command in (
        ["init", "-q", "-b", "released"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "1"],
    ):
        subprocess.run(["git", "-C", str(made), *command], check=True)
    return made


def linked(project: Path, neighbour: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    (project / "pyproject.toml").write_text(
        f'[tool.jararaca]\nsources = ["orders.asyncapi.yaml"]\nneighbours = ["{neighbour}"]\n'
    )
    status = run_link(project, read_config(project), "text")
    return status, capsys.readouterr().out


def test_a_repository_of_git(
    project: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = linked(project, f"git+file://{repository}#released:docs", capsys)
    assert status == 1
    assert "warehouse:docs/warehouse.asyncapi.yaml:8:18" in told
    assert "1 link between 2 services: 1 refused" in told


def test_a_branch_that_is_not_there_is_told(
    project: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = linked(project, f"git+file://{repository}#missing:docs", capsys)
    assert status == 0
    assert "neighbour-left-out" in told and "missing" in told


def test_an_installed_package(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    package = tmp_path / "installed" / "acme_contracts"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('it is not imported')")
    shutil.copy(CASE / "warehouse.asyncapi.yaml", package)
    monkeypatch.syspath_prepend(str(package.parent))
    status, told = linked(project, "python:acme_contracts", capsys)
    assert status == 1 and "1 refused" in told
