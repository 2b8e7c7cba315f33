"""An installed Python package of documents among the sources."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import spec_from_file_location
from pathlib import Path

import pytest
from jararaca_compiler.reading.installed import PackageError, package_folder

from tests.cli.project import IMPORTED, Project
from tests.cli.test_monorepo import COMMON, document, done, write

SETTINGS = '[tool.jararaca]\nsources = ["python:acme_schemas.events"]\n'
COPY = ".jararaca/packages/acme_schemas.events"


def consumer(folder: Path, installed: Path, settings: str = SETTINGS) -> Project:
    """A project in an environment of its own, where the package lies somewhere else."""
    events = installed / "acme_schemas/events"
    write(installed / "acme_schemas/__init__.py", "raise RuntimeError('it is not imported')")
    write(events / "schemas/common.yaml", COMMON)
    write(events / "shop.asyncapi.yaml", document("shop", "schemas/common.yaml"))
    write(folder / "pyproject.toml", settings)
    path = os.pathsep.join([IMPORTED, str(installed)])
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "BROKER_URL": "memory://"}
    return Project(folder, "", kept)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return consumer(tmp_path / "project", tmp_path / "installed")


def made(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*.*") if ".jararaca" not in file.parts)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(files)}


def git(folder: Path, *arguments: str) -> str:
    author = ["-c", "user.name=a", "-c", "user.email=a@b"]
    command = ["git", "-C", str(folder), *author, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_it_is_compiled_to_the_same_files_wherever_it_is_installed(tmp_path: Path) -> None:
    one = consumer(tmp_path / "one", tmp_path / "first/site-packages")
    other = consumer(tmp_path / "a/second/one", tmp_path / "elsewhere")
    for each in (one, other):
        assert "9 files written" in done(each, "codegen")
    found = made(tmp_path / "one")
    assert found == made(tmp_path / "a/second/one")
    messages = found["generated/shop/messages.py"].decode()
    assert f"{COPY}/shop.asyncapi.yaml" in messages and str(tmp_path) not in messages


def test_check_notices_that_the_package_was_upgraded(project: Project, tmp_path: Path) -> None:
    done(project, "codegen")
    done(project, "codegen", "--check")
    events = tmp_path / "installed/acme_schemas/events"
    write(events / "shop.asyncapi.yaml", document("store", "schemas/common.yaml"))
    assert project.run("codegen", "--check").returncode == 1
    done(project, "codegen")
    assert "storePlaced" in (tmp_path / "project/generated/store/asyncapi.json").read_text()


def test_a_document_that_the_package_has_no_more_goes(project: Project, tmp_path: Path) -> None:
    events = tmp_path / "installed/acme_schemas/events"
    write(events / "old.asyncapi.yaml", document("old", "schemas/common.yaml"))
    assert "old   1 message" in done(project, "codegen")
    (events / "old.asyncapi.yaml").unlink()
    assert "old" not in done(project, "lint")
    assert not (tmp_path / "project" / COPY / "old.asyncapi.yaml").exists()


def test_its_copy_is_no_file_for_git(project: Project, tmp_path: Path) -> None:
    git(tmp_path / "project", "init", "-q")
    done(project, "lint")
    assert git(tmp_path / "project", "status", "--short") == "?? pyproject.toml\n"


def test_lint_link_and_docs_read_it(project: Project, tmp_path: Path) -> None:
    done(project, "lint")
    done(project, "link")
    done(project, "docs", "build", "--output", "site")
    assert f"{COPY}/shop.asyncapi.yaml" in (tmp_path / "project/site/index.html").read_text()


def test_its_contracts_are_published_and_its_types_exported(project: Project) -> None:
    done(project, "contracts", "publish", "--to", "registry", "--environment", "test")
    done(project, "can-deploy", "shop", "--to", "test", "--registry", "registry")
    assert "1 message as pydantic" in done(project, "export", "types")


def test_it_can_be_typed(tmp_path: Path) -> None:
    project = consumer(tmp_path / "project", tmp_path / "installed", "[tool.jararaca]\n")
    assert "shop  1 message" in done(project, "codegen", "python:acme_schemas")


@pytest.mark.parametrize(
    "command",
    [["codegen"], ["codegen", "--check"], ["lint"], ["link"], ["docs", "build"]],
    ids=" ".join,
)
def test_a_package_that_is_not_installed_is_one_error(command: list[str], tmp_path: Path) -> None:
    settings = '[tool.jararaca]\nsources = ["python:acme_shemas"]\n'
    ended = consumer(tmp_path / "project", tmp_path / "installed", settings).run(*command)
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "error: source python:acme_shemas: the package acme_shemas is not installed here. "
        "Install it in this environment with pip, or take it out of the sources"
    ]


def test_a_package_without_documents_is_an_error(project: Project, tmp_path: Path) -> None:
    for file in (tmp_path / "installed").rglob("*.yaml"):
        file.unlink()
    ended = project.run("codegen")
    assert ended.returncode == 2 and "has no document" in ended.stderr


def test_a_link_in_place_of_the_copy_is_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "project/.jararaca").mkdir()
    (tmp_path / "project/.jararaca/packages").symlink_to(tmp_path / "installed")
    ended = project.run("codegen")
    assert ended.returncode == 2 and ".jararaca/packages is a link" in ended.stderr


def test_a_link_that_leads_out_of_the_package_is_not_read(project: Project, tmp_path: Path) -> None:
    write(tmp_path / "private.yaml", "secret: 1")
    events = tmp_path / "installed/acme_schemas/events"
    (events / "private.yaml").symlink_to(tmp_path / "private.yaml")
    done(project, "codegen")
    assert not (tmp_path / "project" / COPY / "private.yaml").exists()


def test_diff_against_a_revision_says_that_it_leaves_it_out(tmp_path: Path) -> None:
    settings = '[tool.jararaca]\nsources = ["schemas", "python:acme_schemas.events"]\n'
    folder = tmp_path / "project"
    project = consumer(folder, tmp_path / "installed", settings)
    write(folder / "schemas/common.yaml", COMMON)
    write(folder / "schemas/stock.asyncapi.yaml", document("stock", "common.yaml"))
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "1")
    write(folder / "schemas/common.yaml", COMMON.replace("integer", "string"))
    ended = project.run("diff", "--against", "HEAD")
    assert ended.returncode == 1 and "stock" in ended.stdout and "shop" not in ended.stdout
    assert "note: python:acme_schemas.events is left out" in ended.stderr
    done(project, "docs", "build", "--since", "HEAD", "--output", "site")
    changes = (folder / "site/changes.html").read_text()
    assert "stock" in changes and "the service is new" not in changes


def test_diff_of_a_package_alone_says_how(project: Project, tmp_path: Path) -> None:
    ended = project.run("diff", "--against", "HEAD")
    assert ended.returncode == 2 and "jararaca diff OLD NEW" in ended.stderr
    old = tmp_path / "project/old"
    write(old / "common.yaml", COMMON.replace("integer", "string"))
    write(old / "shop.asyncapi.yaml", document("shop", "common.yaml"))
    ended = project.run("diff", "old", "python:acme_schemas.events")
    assert ended.returncode == 1 and "number" in ended.stdout


def test_an_editable_installation_with_a_finder_of_its_own_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """setuptools installs a package that stands at the top of its project so."""
    write(tmp_path / "elsewhere/__init__.py", "raise RuntimeError('it is not imported')")

    class Finder:
        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> object:
            init = tmp_path / "elsewhere/__init__.py"
            return spec_from_file_location(name, init) if name == "acme_editable" else None

    monkeypatch.setattr("sys.meta_path", [*sys.meta_path, Finder])
    assert package_folder("python:acme_editable") == tmp_path / "elsewhere"
    with pytest.raises(PackageError, match="not installed here"):
        package_folder("python:acme_nowhere")
    with pytest.raises(PackageError, match="not installed here"):
        package_folder("python:__main__")
