"""`jararaca docs job`: what it writes is taken by the host, and its steps publish a site."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from jararaca_compiler.init.pages_jobs import JOBS

from tests.cli.project import IMPORTED, Project
from tests.support.fetched import python_package

DOCUMENT = "asyncapi: 3.0.0\ninfo: {title: Shop, version: 1.0.0}\n"
SCHEMAS = {"github": "github-workflows.json", "gitlab": "gitlab-ci.json"}
FOLDERS = {"github": "site", "gitlab": "public"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "shop.yaml").write_text(DOCUMENT)
    (tmp_path / "pyproject.toml").write_text('[tool.jararaca]\nsources = ["shop.yaml"]\n')
    return Project(tmp_path, "", {"PATH": os.environ["PATH"], "PYTHONPATH": IMPORTED})


def run(project: Project, *arguments: str, status: int = 0) -> str:
    done = project.run("docs", "job", *arguments)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def steps(host: str, read: Any) -> list[str]:
    if host == "gitlab":
        return list(read["pages"]["script"])
    return [step["run"] for step in read["jobs"]["build"]["steps"] if "run" in step]


@pytest.mark.parametrize("host", JOBS)
def test_the_host_takes_the_job_by_its_published_schema(host: str) -> None:
    package = python_package("check-jsonschema", "0.39.0")
    path = package / "check_jsonschema/builtin_schemas/vendor" / SCHEMAS[host]
    validator = jsonschema_rs.validator_for(json.loads(path.read_text()))
    # In YAML 1.1 `on` is a boolean.
    read = {("on" if k is True else k): v for k, v in yaml.safe_load(JOBS[host].text).items()}
    validator.validate(read)
    broken = json.loads(json.dumps(read).replace('"runs-on"', '"run-on"').replace("paths", "path"))
    assert not validator.is_valid(broken)


@pytest.mark.parametrize("host", JOBS)
def test_its_steps_leave_the_site_where_the_host_looks(host: str, project: Project) -> None:
    """All but the install: the package is the one under test."""
    run(project, host)
    written = (project.folder / JOBS[host].path).read_text()
    install, build = steps(host, yaml.load(written, yaml.BaseLoader))
    assert install.startswith("pip install 'jararaca-contracts[compiler]'")
    command = build.replace("jararaca", f"{project.python} -m jararaca.cli", 1)
    subprocess.run(["sh", "-ec", command], cwd=project.folder, env=project.environment, check=True)
    assert (project.folder / FOLDERS[host] / "index.html").is_file()
    assert FOLDERS[host] in written.replace(build, "")


def test_a_file_that_is_there_stays(project: Project) -> None:
    (project.folder / ".gitlab-ci.yml").write_text("test: {script: [true]}\n")
    assert "gitlab --print` prints" in run(project, "gitlab", status=2)
    assert run(project, "gitlab", "--print") == JOBS["gitlab"].text
    run(project, "github")
    assert "written" in run(project, "github")
