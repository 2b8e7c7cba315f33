"""`jararaca init`: what it writes runs, and nothing of anybody's is overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.project import IMPORTED, Project, Running

FILES = {
    ".github/workflows/contract.yml",
    ".gitignore",
    "app.py",
    "compose.yaml",
    "handlers/my_orders.py",
    "pyproject.toml",
    "schemas/my_orders.asyncapi.yaml",
    "tests/test_messages.py",
}


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    folder = tmp_path / "My Orders"
    folder.mkdir()
    return in_folder(folder, "memory://init")


def in_folder(folder: Path, broker_url: str) -> Project:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": IMPORTED, "BROKER_URL": broker_url}
    return Project(folder, "", environment)


def written(folder: Path) -> dict[str, str]:
    ignored = {"generated", "__pycache__", ".jararaca"}
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and not ignored & set(path.relative_to(folder).parts)
    }


def test_a_new_project_is_complete_fresh_and_clean(empty: Project) -> None:
    done = empty.run("init")
    assert (done.returncode, done.stderr) == (0, "")
    assert set(written(empty.folder)) >= FILES
    assert empty.run("codegen", "--check").returncode == 0
    assert empty.run("lint").stdout == "nothing to improve in 1 service\n"


def test_a_file_in_the_way_ends_it_before_anything_is_written(empty: Project) -> None:
    (empty.folder / "app.py").write_text("mine = True\n")
    done = empty.run("init")
    assert done.returncode == 2 and "app.py" in done.stderr
    assert written(empty.folder) == {"app.py": "mine = True\n"}


def test_a_pyproject_that_is_there_gets_the_section_and_keeps_the_rest(empty: Project) -> None:
    mine = '# mine\n[project]\nname = "other"\nversion = "1"\n'
    (empty.folder / "pyproject.toml").write_text(mine)
    assert empty.run("init").returncode == 0
    text = (empty.folder / "pyproject.toml").read_text()
    assert text.startswith(mine) and '[tool.jararaca]\nsources = ["schemas"]' in text
    assert empty.run("init").returncode == 2


def test_a_name_that_cannot_be_a_package_is_refused(empty: Project) -> None:
    done = empty.run("init", "--name", "My-Orders")
    assert done.returncode == 2 and "my_orders" in done.stderr
    assert written(empty.folder) == {}


def test_a_new_project_passes_its_own_tests(empty: Project) -> None:
    assert empty.run("init").returncode == 0
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=empty.folder,
        env=dict(empty.environment),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.broker
def test_a_new_project_handles_its_first_message(tmp_path: Path, scratch_broker_url: str) -> None:
    project = in_folder(tmp_path, scratch_broker_url)
    assert project.run("init", "--name", "hello").returncode == 0
    worker = Running(project, ())
    try:
        worker.wait_for("ready")
        assert project.run("publish", "greeting.asked", "--example").returncode == 0
        worker.wait_for("Hello, Ada!")
    finally:
        worker.end()
