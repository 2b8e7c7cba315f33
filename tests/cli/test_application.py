"""An APP that cannot be run is one clear error that names the place."""

from __future__ import annotations

import pytest

from tests.cli.project import Project


def refused(project: Project, app: str) -> str:
    done = project.run("routes", app)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ")
    return done.stderr


def test_a_missing_module_is_named(project: Project) -> None:
    assert "there is no module nowhere " in refused(project, "nowhere.app:app")


def test_a_missing_attribute_is_told_with_what_there_is(project: Project) -> None:
    assert "little has no ap; it has: SERVICE, app" in refused(project, "little:ap")


def test_something_else_than_an_application_is_refused(project: Project) -> None:
    assert "little:Placed is of type ModelMetaclass" in refused(project, "little:Placed")


def test_a_file_name_is_told_what_to_write(project: Project) -> None:
    assert "write package.module:app" in refused(project, "./little.py")


@pytest.mark.parametrize(
    ("source", "place", "text"),
    [
        ("import os\nimport nowhere\n", "broken.py:2", "No module named 'nowhere'"),
        ("\n\ndef f(:\n", "broken.py:3", "SyntaxError"),
        ("import json\njson.loads('{')\n", "broken.py:2", "JSONDecodeError"),
        (
            "from jararaca import Microservice\nimport little\nfrom dataclasses import replace\n"
            "app = Microservice(replace(little.SERVICE, format=99))\n",
            "broken.py:4",
            "format 99",
        ),
    ],
)
def test_an_error_in_the_users_code_names_its_line(
    project: Project, source: str, place: str, text: str
) -> None:
    (project.folder / "broken.py").write_text(source)
    told = refused(project, "broken:app")
    assert f"\n  {place}: " in told
    assert text in told


def test_the_application_comes_from_pyproject_when_nothing_names_it(project: Project) -> None:
    (project.folder / "pyproject.toml").write_text('[tool.jararaca]\napp = "little:app"\n')
    assert "on_placed" in project.run("routes", APP_PATH="").stdout


def test_the_configured_import_root_is_importable(project: Project) -> None:
    (project.folder / "src").mkdir()
    (project.folder / "little.py").rename(project.folder / "src" / "moved.py")
    (project.folder / "pyproject.toml").write_text('[tool.jararaca]\nimport-root = "src"\n')
    assert "on_placed" in project.run("routes", "moved:app").stdout


def test_no_application_at_all_tells_the_three_ways(project: Project) -> None:
    done = project.run("routes", APP_PATH="")
    assert done.returncode == 2
    assert "APP, APP_PATH or app in [tool.jararaca]" in done.stderr


def test_without_any_it_is_every_service_that_was_compiled(project: Project) -> None:
    package = project.folder / "generated" / "little_service"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    (package / "routes.py").write_text("from little import SERVICE\n")
    assert "on_placed" in project.run("routes", APP_PATH="").stdout
