"""What `jararaca init` writes, as a stranger has it: checked, packaged, and run elsewhere."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.project import Project
from tests.install.environments import Environment


@pytest.fixture(scope="module")
def begun(full: Environment, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("stranger") / "My Orders"
    folder.mkdir()
    variables = full.variables(BROKER_URL="memory://")
    project = Project(folder, "", variables, str(full.bin / "python"))
    made = project.run("init")
    assert (made.returncode, made.stderr) == (0, "")
    return project


def python(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of our tools on the project, with what the project has installed."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project.folder,
        env={"PATH": project.environment["PATH"], "HOME": project.environment["HOME"]},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def packaged(begun: Project) -> Path:
    """The project's own wheel."""
    done = python(begun, "-m", "build", "--wheel", "--no-isolation")
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = (begun.folder / "dist").glob("*.whl")
    return wheel


def test_its_tests_pass_without_a_warning(begun: Project, full: Environment) -> None:
    done = full.run("python", "-m", "pytest", "-p", "no:cacheprovider", folder=begun.folder)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout and "warning" not in done.stdout


def test_mypy_is_satisfied(begun: Project, full: Environment) -> None:
    there = ("--python-executable", str(full.bin / "python"))
    done = python(begun, "-m", "mypy", "--strict", *there, ".")
    assert done.returncode == 0, done.stdout + done.stderr


def test_git_sees_nothing_that_is_made(begun: Project) -> None:
    """After tests, types and a build, as after a day's work."""
    subprocess.run(["git", "init", "-q"], cwd=begun.folder, check=True)
    command = ["git", "status", "--porcelain", "--untracked-files=all"]
    seen = subprocess.run(command, cwd=begun.folder, capture_output=True, text=True).stdout
    unwanted = ("__pycache__", ".jararaca/", ".mypy_cache", "dist/", ".egg-info", "site/")
    assert "generated/my_orders/routes.py" in seen
    assert not [line for line in seen.splitlines() if any(each in line for each in unwanted)]


def test_its_package_holds_all_that_it_runs_with(begun: Project, packaged: Path) -> None:
    with zipfile.ZipFile(packaged) as file:
        names = {name for name in file.namelist() if "dist-info" not in name}
    made = {"asyncapi.json", "examples.json", "topology.json"}
    made |= {"__init__.py", "messages.py", "routes.py"}
    assert names == {
        "app.py",
        "generated/__init__.py",
        *(f"generated/my_orders/{name}" for name in made),
        "handlers/__init__.py",
        "handlers/my_orders.py",
    }


@pytest.mark.broker
def test_its_package_runs_in_an_empty_folder(
    packaged: Path, full: Environment, tmp_path: Path, scratch_broker_url: str
) -> None:
    full.install("--no-deps", packaged)
    variables = full.variables(BROKER_URL=scratch_broker_url, APP_PATH="app:app")
    service = Project(tmp_path, "", variables, str(full.bin / "python"))
    running = service.start()
    try:
        told = service.run("publish", "greeting.asked", "--example")
        assert told.returncode == 0, told.stderr
        running.wait_for("Hello, Ada!")
    finally:
        running.end()


def test_the_dockerfile_builds_from_what_is_there(begun: Project) -> None:
    """There is no builder here: its steps name files of the project, and run what a test runs."""
    text = (begun.folder / "Dockerfile").read_text()
    assert "USER 10001" in text and 'CMD ["jararaca", "worker"]' in text
    ignored = (begun.folder / ".dockerignore").read_text().split()
    assert not {"app.py", "generated", "handlers", "pyproject.toml"} & set(ignored)
