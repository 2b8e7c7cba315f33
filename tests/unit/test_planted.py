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
from jararaca_compiler.incremental.signature import is_own, sign
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


def codegen(
    folder: Path, *arguments: str, state: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """`jararaca codegen` of a document, by an account that keeps its key in the folder `state`."""
    kept = str(state or folder.parent / "state")
    (folder / "hello.yaml").write_text(DOCUMENT)
    return subprocess.run(
        [sys.executable, "-m", "jararaca.cli", "codegen", "hello.yaml", *arguments],
        cwd=folder,
        env={"PYTHONPATH": IMPORTED, "PATH": "", "XDG_STATE_HOME": kept},
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


LITTLE = """
from jararaca import Message

class Hello(Message):
    MESSAGE_TOPIC = "hello"
"""
WRITERS = {
    "site": ("docs", "build", "hello.yaml"),
    "site/hello": ("docs", "build", "hello.yaml"),
    "types": ("export", "types", "--source", "hello.yaml", "--output", "types"),
    "schemas": ("import", "little", "--output", "schemas/made.yaml"),
    "handlers": ("init", ".", "--name", "mine"),
    "schemas/": ("init", ".", "--name", "mine"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_no_command_writes_through_a_link_that_leads_out(
    project: Path, outside: Path, name: str
) -> None:
    if "init" not in WRITERS[name]:
        (project / "hello.yaml").write_text(DOCUMENT)
    (project / "little.py").write_text(LITTLE)
    place = project / name
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(outside, target_is_directory=True)
    done = subprocess.run(
        [sys.executable, "-m", "jararaca.cli", *WRITERS[name]],
        cwd=project,
        env={"PYTHONPATH": IMPORTED, "PATH": "", "XDG_STATE_HOME": str(project.parent / "state")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "leads out of the project" in done.stderr, done.stderr
    assert done.returncode == 2
    assert [each.name for each in outside.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    "name",
    [
        ".jararaca/codegen.record",
        ".jararaca/codegen.parts",
        "generated/hello/routes.py.jararaca-new",
    ],
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


def plant(project: Path) -> Path:
    """Change a generated file, and have the record say that it was written so."""
    routes = project / "generated/hello/routes.py"
    routes.write_text(routes.read_text() + "\nimport os  # planted\n")
    record = project / ".jararaca/codegen.record"
    signature, text = record.read_text().split("\n")
    told = json.loads(text)
    told["files"]["generated/hello/routes.py"] = hashlib.sha256(routes.read_bytes()).hexdigest()
    record.write_text(f"{signature}\n{json.dumps(told)}")
    return routes


def test_a_record_that_comes_with_a_checkout_makes_nothing_fresh(project: Path) -> None:
    assert codegen(project).returncode == 0
    routes = plant(project)
    done = codegen(project, "--check")
    assert done.returncode == 1
    assert "planted" in done.stdout + done.stderr
    assert codegen(project).returncode == 0
    assert "planted" not in routes.read_text()


def test_a_record_of_another_account_or_another_place_makes_nothing_fresh(
    project: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    assert codegen(project, state=theirs).returncode == 0
    key = theirs / "jararaca/codegen.key"
    assert key.stat().st_mode & 0o777 == 0o600
    routes = plant(project)
    record = project / ".jararaca/codegen.record"
    text = record.read_text().split("\n")[1]
    # Whoever planted it has signed it too: with a key of their own, or for a copy elsewhere.
    for root, signer in ((project, theirs), (tmp_path / "elsewhere", tmp_path / "state")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_STATE_HOME", str(signer))
            record.write_text(f"{sign(text.encode(), root)}\n{text}")
        assert codegen(project).returncode == 0
        assert "planted" not in routes.read_text()
        plant(project)


def test_a_key_that_lies_in_the_project_signs_nothing(project: Path) -> None:
    for _ in range(2):
        assert codegen(project, state=project / "state").returncode == 0
        assert not (project / ".jararaca/codegen.record").exists()


def test_a_record_of_ones_own_is_believed(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert codegen(project).returncode == 0
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    signature, text = (project / ".jararaca/codegen.record").read_text().split("\n")
    assert is_own(text.encode(), signature, project)
    assert not is_own(text.encode() + b" ", signature, project)


async def test_probes_listen_on_this_machine_alone_unless_told_otherwise() -> None:
    for server in (Health(port=0)._server, Prometheus(0, registry=CollectorRegistry())._server):
        await server.start()
        assert server._server is not None
        addresses = [each.getsockname()[0] for each in server._server.sockets]
        assert addresses == ["127.0.0.1"]
        await server.stop()
