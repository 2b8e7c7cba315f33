"""docs/http.md, done as it says: served by uvicorn, asked by curl."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.support.docblocks import blocks, compiled, one
from tests.support.nodes import free_port
from tests.support.type_checking import assert_strictly_typed

PAGE = "http.md"
JARARACA = (sys.executable, "-m", "jararaca.cli")


def run(*command: str, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return compiled(PAGE, "orders.asyncapi.yaml", tmp_path)


@pytest.mark.parametrize("broker", ["memory", pytest.param("amqp", marks=pytest.mark.broker)])
@pytest.mark.skipif(shutil.which("curl") is None, reason="the page asks with curl")
def test_the_page_answers_as_it_says(
    folder: Path, broker: str, request: pytest.FixtureRequest
) -> None:
    environment = dict(os.environ)
    environment.pop("BROKER_URL", None)
    if broker == "amqp":
        environment["BROKER_URL"] = request.getfixturevalue("scratch_broker_url")
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "web:api", "--port", str(port)]
    server = subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health/ready", server)
        answers = [
            subprocess.run(
                line.replace("8000", str(port)), shell=True, capture_output=True, text=True
            ).stdout
            for line in one(PAGE, "bash").splitlines()
        ]
        assert "\n".join(answers) + "\n" == one(PAGE, "text")
        assert server.stdout is not None
        told = [read_thanks(server) for _ in one(PAGE, "console").splitlines()]
        assert "".join(told) == one(PAGE, "console")
    finally:
        server.terminate()
        server.communicate(timeout=30)


def read_thanks(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    return next(line for line in server.stdout if line.startswith("thank"))


def wait_for(address: str, server: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5)
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the page's application did not start")


def test_the_pages_test_passes(folder: Path) -> None:
    assert "1 passed" in run(sys.executable, "-m", "pytest", "-q", "test_web.py", folder=folder)


def test_the_page_passes_mypy_strict(folder: Path) -> None:
    assert_strictly_typed("web.py", "test_web.py", folder=folder)


def test_the_other_python_of_the_page_runs() -> None:
    for block in blocks(PAGE):
        if block.language == "python" and block.path is None:
            exec(compile(block.text, PAGE, "exec"), {})
