"""The steps of the exported Dockerfile, and of `init`'s, are done, and the worker starts there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.deploy.image import command, context_of, needs_roots
from tests.support.docblocks import DOCS

pytestmark = [pytest.mark.broker, pytest.mark.soak]
PATIENCE = 280.0
"""Seconds: the application and what it needs are installed from an index."""
COPIED = '\n[tool.jararaca.deploy]\ncopy = ["schemas"]\n'


def jararaca(folder: Path, *arguments: str, **variables: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jararaca.cli", *arguments],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        umask=0o077,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `init` begins, exported, under a umask that leaves others nothing to read.

    wheels/ has our own distribution, which is on no index.
    """
    needs_roots(tmp_path_factory.mktemp("roots"))
    folder = tmp_path_factory.mktemp("stranger") / "orders"
    folder.mkdir()
    jararaca(folder, "init")
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(COPIED)
    jararaca(folder, "deploy", "export", "app:app", BROKER_URL="memory://")
    wheel = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*wheel, "-w", str(folder / "wheels"), str(DOCS.parent)], check=True, timeout=120
    )
    return folder


@pytest.mark.parametrize(
    ("dockerfile", "ignored"),
    [
        ("deploy/Dockerfile", "deploy/Dockerfile.dockerignore"),
        ("Dockerfile", ".dockerignore"),
    ],
)
def test_the_image_is_built_and_its_worker_handles_a_message(
    dockerfile: str, ignored: str, project: Path, tmp_path: Path, scratch_broker_url: str
) -> None:
    context = context_of(project, (project / ignored).read_text("utf-8"), tmp_path / "context")
    assert not (context / "deploy").exists() or dockerfile == "Dockerfile"
    text = (project / dockerfile).read_text("utf-8")
    variables = {"BROKER_URL": scratch_broker_url}
    output = tmp_path / "output"
    with output.open("wb") as file:
        running = subprocess.Popen(
            command(text, context, tmp_path / "roots", variables), stdout=file, stderr=file
        )
    try:
        wait(running, output, "ready")
        jararaca(project, "publish", "greeting.asked", "--example", APP_PATH="app:app", **variables)
        wait(running, output, "Hello, Ada!")
        assert user_of(running.pid) == 10_001
        assert dockerfile == "Dockerfile" or all_may_read(running.pid, "app/schemas")
        running.terminate()
        assert running.wait(timeout=60) == 0, output.read_text()
    finally:
        running.kill()


def wait(running: subprocess.Popen[bytes], output: Path, text: str) -> None:
    """Until it says so. Fails with what it said where it ends before."""
    deadline = time.monotonic() + PATIENCE
    while text not in output.read_text("utf-8", "replace"):
        assert running.poll() is None and time.monotonic() < deadline, output.read_text("utf-8")
        time.sleep(0.2)


def all_may_read(process: int, folder: str) -> bool:
    """Whether everybody may read what is in a folder of the root that a process has."""
    place = Path(f"/proc/{process}/root") / folder
    found = [place, *place.rglob("*")]
    assert len(found) > 1
    return all(each.stat().st_mode & 0o004 for each in found)


def user_of(process: int) -> int:
    return Path(f"/proc/{process}").stat().st_uid
