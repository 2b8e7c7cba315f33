"""`make release` names everything that a release lacks, and builds nothing until it is there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from jararaca_shared.distribution import VERSION

from tools.release import TOP, problems


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    for name in TOP:
        (tmp_path / name).write_text("")
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## {VERSION} (2026-11-29)\n\n- All.\n")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "-qm", "all")


def test_a_tree_that_has_all_is_ready(ready: Path) -> None:
    assert problems(ready) == []


def test_each_thing_that_lacks_is_named(ready: Path) -> None:
    (ready / "LICENSE").unlink()
    (ready / "CHANGELOG.md").write_text(f"## {VERSION} (not released yet)\n")
    git(ready, "tag", f"v{VERSION}")
    told = problems(ready)
    assert [text.split(":")[0] for text in told] == [
        "missing",
        f"CHANGELOG.md has no heading `## {VERSION} (YYYY-MM-DD)`",
        "commit first",
        f"v{VERSION} is tagged already",
    ]
