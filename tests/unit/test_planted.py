"""What a checkout brings along is not followed, and not believed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from jararaca.integrations.health import Health
from jararaca.integrations.prometheus import Prometheus
from prometheus_client import CollectorRegistry

from tests.cli.project import IMPORTED

DOCUMENT = """\
asyncapi: 3.0.0
info: {title: Hello, version: 1.0.0}
channels:
  greeted:
    address: hello.greeted
    messages:
      greeted: {payload: {type: object, properties: {name: {type: string}}}}
operations:
  onGreeted: {action: receive, channel: {$ref: '#/channels/greeted'}}
"""


def codegen(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`jararaca codegen` of a document, in a folder."""
    (folder / "hello.yaml").write_text(DOCUMENT)
    return subprocess.run(
        [sys.executable, "-m", "jararaca.cli", "codegen", "hello.yaml", *arguments],
        cwd=folder,
        env={"PYTHONPATH": IMPORTED, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    place = tmp_path / "outside"
    place.mkdir()
    (place / "mine").write_text("untouched")
    return place


@pytest.fixture
def project(tmp_path: Path) -> Path:
    place = tmp_path / "project"
    place.mkdir()
    return place


@pytest.mark.parametrize("name", ["generated", "handlers", "generated/hello"])
def test_no_folder_that_is_a_link_is_written_through(
    project: Path, outside: Path, name: str
) -> None:
    place = project / name
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(outside, target_is_directory=True)
    done = codegen(project)
    assert done.returncode == 2
    assert "leads out of the project" in done.stderr
    assert "Traceback" not in done.stderr
    assert [each.name for each in outside.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    "name",
    [".jararaca/codegen.json", ".jararaca/codegen.parts", "generated/hello/routes.py.jararaca-new"],
)
def test_no_file_that_is_a_link_is_written_through(project: Path, outside: Path, name: str) -> None:
    place = project / name
    place.parent.mkdir(parents=True)
    place.symlink_to(outside / "mine")
    codegen(project)
    assert (outside / "mine").read_text() == "untouched"


def test_a_folder_of_records_that_is_a_link_is_left_alone(project: Path, outside: Path) -> None:
    (project / ".jararaca").symlink_to(outside, target_is_directory=True)
    assert codegen(project).returncode == 0
    assert [each.name for each in outside.iterdir()] == ["mine"]


def test_a_record_that_comes_with_a_checkout_makes_nothing_fresh(project: Path) -> None:
    assert codegen(project).returncode == 0
    routes = project / "generated/hello/routes.py"
    routes.write_text(routes.read_text() + "\nimport os  # planted\n")
    record = project / ".jararaca/codegen.json"
    told = json.loads(record.read_text())
    planted = hashlib.sha256(routes.read_bytes()).hexdigest()
    told["files"]["generated/hello/routes.py"] = planted
    record.write_text(json.dumps(told))
    done = codegen(project, "--check")
    assert done.returncode == 1
    assert "planted" in done.stdout + done.stderr


async def test_probes_listen_on_this_machine_alone_unless_told_otherwise() -> None:
    for server in (Health(port=0)._server, Prometheus(0, registry=CollectorRegistry())._server):
        await server.start()
        assert server._server is not None
        addresses = [each.getsockname()[0] for each in server._server.sockets]
        assert addresses == ["127.0.0.1"]
        await server.stop()
