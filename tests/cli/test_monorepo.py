"""A repository of several services: where commands look, and what may stand above a project."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.project import IMPORTED, Project, Running

COMMON = """\
components:
  schemas:
    Order: {type: object, required: [number], properties: {number: {type: integer}}}
"""
SERVICES = ("shop", "warehouse")
PER_SERVICE = """\
[tool.jararaca]
sources = ["schemas"]
output = "services/{service}/generated"
handlers = "services/{service}/handlers.py"
"""


def document(name: str, common: str) -> str:
    return f"""\
asyncapi: 3.0.0
info: {{title: {name}, version: 1.0.0}}
channels:
  placed:
    address: {name}.placed
    messages:
      {name}Placed: {{payload: {{$ref: '{common}#/components/schemas/Order'}}}}
operations:
  on{name.capitalize()}: {{action: receive, channel: {{$ref: '#/channels/placed'}}}}
"""


def write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def at(folder: Path) -> Project:
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": IMPORTED, "BROKER_URL": "memory://"}
    return Project(folder, "", kept)


def done(project: Project, *arguments: str) -> str:
    ended = project.run(*arguments)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture
def one_project(tmp_path: Path) -> Path:
    """One pyproject.toml for all services, which each have a folder."""
    write(tmp_path / "pyproject.toml", PER_SERVICE)
    write(tmp_path / "schemas/common.yaml", COMMON)
    for name in SERVICES:
        write(tmp_path / f"schemas/{name}.asyncapi.yaml", document(name, "common.yaml"))
    return tmp_path


@pytest.fixture
def many_projects(tmp_path: Path) -> Path:
    """A pyproject.toml for each service, and one folder of schemas for all."""
    write(tmp_path / "shared/common.yaml", COMMON)
    write(tmp_path / "shared/warehouse.asyncapi.yaml", document("warehouse", "common.yaml"))
    shop = document("shop", "../../../shared/common.yaml")
    write(tmp_path / "services/shop/schemas/shop.asyncapi.yaml", shop)
    settings = '[tool.jararaca]\nsources = ["schemas"]\nroot = "../.."\n'
    write(tmp_path / "services/shop/pyproject.toml", settings)
    settings = '[tool.jararaca]\nsources = ["../../shared/warehouse.asyncapi.yaml"]\n'
    write(tmp_path / "services/warehouse/pyproject.toml", settings)
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_each_service_has_its_package_in_its_own_folder(one_project: Path) -> None:
    project = at(one_project)
    done(project, "codegen")
    for name in SERVICES:
        assert (one_project / f"services/{name}/generated/{name}/routes.py").is_file()
        text = (one_project / f"services/{name}/handlers.py").read_text()
        assert f"from services.{name}.generated.{name} import messages" in text
    assert not (one_project / "generated").exists()
    assert "2 services are up to date" in done(project, "codegen")
    assert "2 services are up to date" in done(project, "codegen", "--check")
    done(project, "docs", "build")
    pages = "".join(page.read_text() for page in (one_project / "site").rglob("*.html"))
    assert "services.shop.generated.shop" in pages


def test_a_service_that_is_gone_is_deleted_from_its_folder(one_project: Path) -> None:
    project = at(one_project)
    done(project, "codegen")
    (one_project / "schemas/shop.asyncapi.yaml").unlink()
    assert project.run("codegen", "--check").returncode == 1
    done(project, "codegen")
    assert not (one_project / "services/shop/generated/shop/routes.py").exists()


def test_commands_without_a_path_work_from_any_folder_below(one_project: Path) -> None:
    below = at(one_project / "services/shop/somewhere/deep")
    done(below, "codegen")
    assert (one_project / "services/shop/generated/shop/routes.py").is_file()
    assert not list(below.folder.iterdir())
    for command in (("codegen", "--check"), ("lint",), ("link",), ("doctor",)):
        done(below, *command)
    assert "onWarehouse" in done(below, "routes").replace("on_warehouse", "onWarehouse")
    done(below, "docs", "build")
    assert (one_project / "site/index.html").is_file()
    done(below, "docs", "build", "--output", "here")
    assert (below.folder / "here/index.html").is_file()


def test_reload_watches_the_project_from_below(one_project: Path) -> None:
    done(at(one_project), "codegen")
    output = Running(at(one_project / "schemas"), ("--reload",))
    try:
        output.wait_for(f"watching {one_project}")
    finally:
        output.end()


def test_dev_works_in_the_project_from_below(one_project: Path) -> None:
    running = Running(at(one_project / "schemas"), ("--port", "0"), command="dev")
    try:
        running.wait_for("pages on http")
        assert (one_project / "services/shop/generated/shop/routes.py").is_file()
    finally:
        running.end()


def test_an_application_of_the_settings_is_found_from_below(one_project: Path) -> None:
    done(at(one_project), "codegen")
    (one_project / "pyproject.toml").write_text(PER_SERVICE + 'app = "mine:app"\n')
    text = "from jararaca import Microservice\nfrom services.shop.generated.shop import routes\n"
    write(one_project / "mine.py", text + "app = Microservice(routes.SERVICE)\n")
    assert "warehouse" not in done(at(one_project / "schemas"), "routes")


def test_what_is_typed_is_in_the_current_folder(one_project: Path) -> None:
    """README's service in a folder below a project is not part of the project."""
    below = at(one_project / "hello")
    write(below.folder / "hello.yaml", document("hello", "common.yaml"))
    write(below.folder / "common.yaml", COMMON)
    done(below, "codegen", "hello.yaml")
    assert (below.folder / "generated/hello/routes.py").is_file()
    assert not (one_project / "services").exists()
    told = done(below, "routes")
    assert "hello.placed" in told and "shop.placed" not in told


@pytest.mark.parametrize("command", [("codegen",), ("lint",), ("link",), ("docs", "build")])
def test_at_the_root_of_many_projects_a_command_names_them(
    many_projects: Path, command: tuple[str, ...]
) -> None:
    write(many_projects / "node_modules/x/pyproject.toml", "[tool.jararaca]\nsources = ['x']\n")
    write(many_projects / "services/other/pyproject.toml", "[tool.other]\n")
    ended = at(many_projects).run(*command)
    assert ended.returncode == 2
    told = " ".join(ended.stderr.split())
    assert "below this folder are services/shop, services/warehouse: run it in one" in told


def test_the_search_for_the_project_ends_with_the_repository(one_project: Path) -> None:
    inner = at(one_project / "vendor/other")
    git(inner.folder, "init", "-q")
    ended = inner.run("codegen")
    assert ended.returncode == 2 and "nothing to compile" in ended.stderr


def test_a_broken_pyproject_above_is_an_error_of_ours(one_project: Path) -> None:
    (one_project / "pyproject.toml").write_text("[tool.jararaca\n")
    below = at(one_project / "below")
    for command in (("codegen",), ("codegen", "--check"), ("lint",), ("routes",)):
        ended = below.run(*command)
        assert ended.returncode == 2 and ended.stderr.startswith("error: pyproject.toml:")


def test_references_lead_above_the_project_where_root_says_so(many_projects: Path) -> None:
    for name in SERVICES:
        project = at(many_projects / "services" / name)
        done(project, "codegen")
        done(project, "codegen", "--check")
    (many_projects / "services/shop/pyproject.toml").write_text(
        '[tool.jararaca]\nsources = ["schemas"]\n'
    )
    refused = at(many_projects / "services/shop").run("codegen", "--check")
    assert refused.returncode == 2 and 'root = ".."' in refused.stderr


@pytest.mark.parametrize("root", ["shared", "/", "../shared", "."])
def test_a_root_that_is_not_above_is_refused(root: str, many_projects: Path) -> None:
    place = many_projects / "services/shop/pyproject.toml"
    place.write_text(f'[tool.jararaca]\nsources = ["schemas"]\nroot = "{root}"\n')
    refused = at(place.parent).run("codegen")
    assert refused.returncode == 2 and "write a folder above the project" in refused.stderr


def test_a_checkout_elsewhere_compiles_to_the_same(many_projects: Path, tmp_path: Path) -> None:
    warehouse = "services/warehouse"
    done(at(many_projects / warehouse), "codegen")
    text = (many_projects / warehouse / "generated/warehouse/messages.py").read_text()
    assert "# Source: ../../shared/warehouse.asyncapi.yaml" in text
    elsewhere = tmp_path / "elsewhere/clone"
    shutil.copytree(many_projects / "shared", elsewhere / "shared")
    shutil.copytree(many_projects / warehouse, elsewhere / warehouse)
    done(at(elsewhere / warehouse), "codegen", "--check")


@pytest.mark.parametrize("name", SERVICES)
def test_a_change_above_the_project_breaks_its_services(name: str, many_projects: Path) -> None:
    git(many_projects, "init", "-q")
    git(many_projects, "add", "--all")
    git(many_projects, "commit", "-qm", "all")
    below = at(many_projects / "services" / name / "below")
    assert "no changes" in done(below, "diff", "--against", "HEAD").lower()
    write(many_projects / "shared/common.yaml", COMMON.replace("integer", "string"))
    broken = below.run("diff", "--against", "HEAD")
    assert broken.returncode == 1 and "type-changed" in broken.stdout


def test_services_share_messages_that_stand_above(many_projects: Path) -> None:
    place = many_projects / "services/shop/pyproject.toml"
    shared = '\n[tool.jararaca.shared]\nevents = ["../../shared/common.yaml"]\n'
    place.write_text(place.read_text() + shared)
    done(at(place.parent), "codegen")
    assert "class Order" in (place.parent / "generated/events/schemas.py").read_text()
    place.write_text(place.read_text().replace("root =", 'output = "{service}/out"\nroot ='))
    refused = at(place.parent).run("codegen")
    assert refused.returncode == 2 and "one output" in refused.stderr


def test_below_src_classes_are_verified_where_imports_begin(one_project: Path) -> None:
    settings = '[tool.jararaca]\nsources = ["schemas"]\noutput = "src/acme/generated"\n'
    (one_project / "pyproject.toml").write_text(settings + 'handlers = "src/acme/{service}.py"\n')
    done(at(one_project), "codegen")
    assert "verified: 2 messages" in done(at(one_project), "codegen", "--check")
