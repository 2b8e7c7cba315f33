"""`jararaca deploy export`: what it writes, what it leaves alone, and how CI sees what is stale."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from pathlib import Path

import pytest
from jararaca_compiler.deploying.export import RECORD
from jararaca_compiler.deploying.settings import deploy_settings
from jararaca_compiler.pipeline.recorded import plan
from jararaca_compiler.pipeline.write import Disk, WriteError
from jararaca_compiler.project.config import ConfigError
from jararaca_shared.distribution import VERSION

from tests.cli.project import Project

DOCUMENT = """
asyncapi: 3.0.0
info: {title: Parcels, version: 1.0.0}
channels:
  pack:
    address: parcels.pack
    messages:
      PackParcel: {x-message-type: task, payload: {type: object}}
operations:
  packParcel: {action: receive, channel: {$ref: '#/channels/pack'}}
"""
HANDLERS = """
from jararaca import MessageBusController, MessageHandler, MessageOf
from generated.parcels.messages import PackParcel


@MessageBusController()
class ParcelsHandlers:
    @MessageHandler(PackParcel, timeout=90)
    async def pack_parcel(self, message: MessageOf[PackParcel]) -> None:
        pass
"""
SETTINGS = """
[tool.jararaca]
sources = ["parcels.asyncapi.yaml"]
app = "generated.parcels.routes"
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A compiled project with one handler."""
    (tmp_path / "parcels.asyncapi.yaml").write_text(DOCUMENT)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "handlers").mkdir()
    made = Project(tmp_path, "", dict(os.environ))
    run(made, "codegen")
    (tmp_path / "handlers/parcels.py").write_text(HANDLERS)
    return made


def run(project: Project, *arguments: str, status: int = 0) -> str:
    done = project.run(*arguments)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def deployed(project: Project) -> dict[str, str]:
    folder = project.folder / "deploy"
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


def test_it_writes_all_targets_and_a_second_run_changes_nothing(project: Project) -> None:
    told = run(project, "deploy", "export")
    assert "17 files in deploy/: 17 files written" in told
    assert "has no probes" in told and "has no metrics" in told
    files = deployed(project)
    assert {path.partition("/")[0] for path in files} == {
        *("Dockerfile", "Dockerfile.dockerignore", "README.md", "compose.yaml", "exported.json"),
        *("grafana", "keda", "kubernetes", "prometheus", "rabbitmq", "systemd"),
    }
    assert "terminationGracePeriodSeconds: 100" in files["kubernetes/worker.yaml"]
    assert f"jararaca {VERSION}" in files["kubernetes/worker.yaml"]
    assert "17 files in deploy/: up to date" in run(project, "deploy", "export")
    assert run(project, "deploy", "export", "--check") == ""


def test_a_changed_policy_makes_it_stale_and_check_says_how(project: Project) -> None:
    run(project, "deploy", "export")
    before = deployed(project)
    (project.folder / "handlers/parcels.py").write_text(HANDLERS.replace("90", "120"))
    told = run(project, "deploy", "export", "--check", status=1)
    assert "-      terminationGracePeriodSeconds: 100" in told
    assert "+      terminationGracePeriodSeconds: 130" in told
    assert "files are stale: run `jararaca deploy export`" in told
    assert deployed(project) == before
    run(project, "deploy", "export")
    assert run(project, "deploy", "export", "--check") == ""


def test_what_somebody_edited_stays_and_nothing_else_is_written(project: Project) -> None:
    run(project, "deploy", "export")
    worker = project.folder / "deploy/kubernetes/worker.yaml"
    worker.write_text(worker.read_text() + "# ours\n")
    before = deployed(project)
    settings(project, "replicas = 3")
    told = run(project, "deploy", "export", status=2)
    assert "deploy/kubernetes/worker.yaml was edited" in told
    assert "move the change to [tool.jararaca.deploy], or delete the file" in told
    assert deployed(project) == before
    told = run(project, "deploy", "export", "--check", status=1)
    assert "deploy/kubernetes/worker.yaml was edited" in told
    worker.unlink()
    run(project, "deploy", "export")
    assert "# ours" not in worker.read_text()


def test_what_somebody_wrote_stays(project: Project) -> None:
    (project.folder / "deploy").mkdir()
    (project.folder / "deploy/Dockerfile").write_text("FROM scratch\n")
    told = run(project, "deploy", "export", status=2)
    assert "deploy/Dockerfile was not written by `jararaca deploy export`" in told
    assert deployed(project) == {"Dockerfile": "FROM scratch\n"}


def test_what_is_exported_no_more_goes_but_not_what_was_edited(project: Project) -> None:
    run(project, "deploy", "export")
    edited = project.folder / "deploy/compose.yaml"
    edited.write_text("services: {}\n")
    settings(project, 'targets = ["docker", "grafana"]')
    assert "11 deleted" in run(project, "deploy", "export")
    assert set(deployed(project)) == {
        *("Dockerfile", "Dockerfile.dockerignore", "README.md", "exported.json", "compose.yaml"),
        "grafana/dashboard.json",
    }


def test_no_link_is_followed(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (project.folder / "deploy").mkdir()
    (project.folder / "deploy/kubernetes").symlink_to(elsewhere)
    assert "is a link" in run(project, "deploy", "export", status=2)
    assert list(elsewhere.iterdir()) == []
    (project.folder / "deploy/kubernetes").unlink()
    run(project, "deploy", "export")
    target = elsewhere / "worker.yaml"
    target.write_text("theirs\n")
    worker = project.folder / "deploy/kubernetes/worker.yaml"
    worker.unlink()
    worker.symlink_to(target)
    assert "is a link" in run(project, "deploy", "export", status=2)
    assert target.read_text() == "theirs\n"


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/hosts", ""])
def test_a_record_names_nothing_outside(path: str, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("theirs\n")
    (tmp_path / "here/deploy").mkdir(parents=True)
    digest = hashlib.sha256(b"theirs\n").hexdigest()
    record = tmp_path / "here/deploy/exported.json"
    record.write_text(json.dumps({"about": RECORD.about, "files": {path: digest}}))
    with pytest.raises(WriteError, match="is no record"):
        plan(Disk(tmp_path / "here"), "deploy", {}, RECORD)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("replica = 3", "there is no setting 'replica'; did you mean replicas?"),
        ("replicas = 0", "replicas must be 1 or more"),
        ('replicas = "3"', "replicas must be a number"),
        ("replicas = 1.5", "replicas must be a whole number"),
        ('targets = ["kubernets"]', "write some of docker, compose, kubernetes"),
        ('python = "3.13\\nRUN evil"', "cannot be used"),
        ('image = "x\\nUSER root"', "cannot be used"),
        ('output = "../deploy"', "cannot be used"),
        ('output = "a/../../deploy"', "must be a path below the project's root"),
        ('copy = ["a b"]', "must be a path below the project's root"),
        ('environment = {"A B" = "1"}', "must be a name with a text"),
        ("alerts = {backlog = -1}", "must not be below 0"),
        ("max-replicas = 1", "max-replicas is below replicas"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told(line: str, told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        deploy_settings(tomllib.loads(line))
    assert told in str(raised.value)


def test_settings_that_cannot_be_used_write_nothing(project: Project) -> None:
    settings(project, "replica = 3")
    text = run(project, "deploy", "export", status=2)
    assert "did you mean replicas?" in text and "Traceback" not in text
    assert not (project.folder / "deploy").exists()


def settings(project: Project, *lines: str) -> None:
    path = project.folder / "pyproject.toml"
    path.write_text(SETTINGS + "\n[tool.jararaca.deploy]\n" + "\n".join(lines) + "\n")
