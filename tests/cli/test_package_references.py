"""References into an installed Python package of documents, which is not compiled itself."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.project import IMPORTED, Project
from tests.cli.test_monorepo import COMMON, document, done, write
from tests.cli.test_package_sources import git

SETTINGS = '[tool.jararaca]\nsources = ["schemas"]\npackages = ["acme_schemas"]\n'
IDENTIFIER = "https://acme.example/schemas/common.yaml"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The package as a team publishes it: documents, and code that must not run."""
    package = tmp_path / "installed/acme_schemas"
    write(package / "__init__.py", "raise RuntimeError('it is not imported')")
    write(package / "parts/common.yaml", f"$id: {IDENTIFIER}\n{COMMON}")
    return package


def project_with(folder: Path, installed: Path, reference: str) -> Project:
    write(folder / "pyproject.toml", SETTINGS)
    write(folder / "schemas/shop.asyncapi.yaml", document("shop", reference))
    path = os.pathsep.join([IMPORTED, str(installed.parent)])
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "BROKER_URL": "memory://"}
    return Project(folder, "", kept)


@pytest.mark.parametrize(
    "reference",
    [
        "python:acme_schemas/parts/common.yaml",
        "../.jararaca/packages/acme_schemas/parts/common.yaml",
        IDENTIFIER,
    ],
)
def test_a_reference_leads_into_the_package(
    reference: str, tmp_path: Path, installed: Path
) -> None:
    project = project_with(tmp_path / "project", installed, reference)
    assert "1 message" in done(project, "codegen")
    for command in (["codegen", "--check"], ["lint"], ["link"], ["docs", "build"]):
        done(project, *command)
    published = json.loads((tmp_path / "project/generated/shop/asyncapi.json").read_text())
    assert "acme_schemas/" not in json.dumps([published["channels"], published["components"]])


def test_the_package_itself_is_no_source(tmp_path: Path, installed: Path) -> None:
    write(installed / "other.asyncapi.yaml", document("other", "parts/common.yaml"))
    project = project_with(tmp_path / "project", installed, "python:acme_schemas/parts/common.yaml")
    assert "other" not in done(project, "codegen")


def test_a_newer_package_is_noticed(tmp_path: Path, installed: Path) -> None:
    project = project_with(tmp_path / "project", installed, "python:acme_schemas/parts/common.yaml")
    done(project, "codegen")
    write(installed / "parts/common.yaml", COMMON.replace("integer", "string"))
    assert project.run("codegen", "--check").returncode == 1
    done(project, "codegen")
    done(project, "codegen", "--check")


def test_a_package_that_is_not_named_is_one_error_that_says_how(
    tmp_path: Path, installed: Path
) -> None:
    project = project_with(tmp_path / "project", installed, "python:acme_parts/common.yaml")
    ended = project.run("codegen")
    assert ended.returncode == 2
    assert 'write packages = ["acme_parts"] in [tool.jararaca]' in ended.stdout + ended.stderr


def test_a_package_that_is_not_installed_is_one_error(tmp_path: Path, installed: Path) -> None:
    project = project_with(tmp_path / "project", installed, "python:acme_schemas/x.yaml")
    (installed / "__init__.py").unlink()
    (installed / "parts/common.yaml").unlink()
    (installed / "parts").rmdir()
    installed.rmdir()
    ended = project.run("codegen")
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "error: package acme_schemas: the package acme_schemas is not installed here. "
        "Install it in this environment with pip, or take it out of the packages"
    ]


def test_diff_against_a_revision_reads_the_package_as_it_is_installed(
    tmp_path: Path, installed: Path
) -> None:
    folder = tmp_path / "project"
    project = project_with(folder, installed, "python:acme_schemas/parts/common.yaml")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "1")
    assert "no change" in done(project, "diff", "--against", "HEAD").lower()


@pytest.mark.parametrize("reference", ["python:acme_schemas/../../../../private.yaml"])
def test_a_reference_cannot_leave_the_project_that_way(
    reference: str, tmp_path: Path, installed: Path
) -> None:
    write(tmp_path / "private.yaml", COMMON)
    project = project_with(tmp_path / "project", installed, reference)
    ended = project.run("codegen")
    assert ended.returncode == 2 and "outside" in ended.stdout + ended.stderr
