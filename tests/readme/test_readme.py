"""README's five minutes, done as it says, in an empty folder."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PREPARED = ("git clone", "python3 -m venv", "pip install", "docker run")


@dataclass(frozen=True)
class Block:
    """A fenced block, its language, and the paragraph before it."""

    before: str
    language: str
    text: str

    @property
    def path(self) -> str:
        """The file that the paragraph before names."""
        names: list[str] = re.findall(r"`([\w./]+)`", self.before)
        return next(name for name in names if "." in name)

    @property
    def commands(self) -> list[str]:
        """Its commands, but for those that prepare the machine."""
        lines = [line.partition("#")[0].strip() for line in self.text.splitlines()]
        return [line for line in lines if line and not line.startswith(PREPARED)]


def blocks(section: str) -> list[Block]:
    text = README.split(f"\n## {section}\n")[1].split("\n## ")[0]
    parts = re.findall(r"([^\n]+)\n+```(\w+)\n(.*?)```", text, re.DOTALL)
    return [Block(*part) for part in parts]


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def environment(scratch_broker_url: str) -> dict[str, str]:
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": tools, "BROKER_URL": scratch_broker_url, "PYTHONUNBUFFERED": "1"}


@pytest.mark.broker
def test_five_minutes_lead_from_an_empty_folder_to_a_handled_message(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    worker: subprocess.Popen[str] | None = None
    try:
        for block in blocks("Five minutes"):
            if block.language in ("yaml", "python"):
                (tmp_path / block.path).parent.mkdir(exist_ok=True)
                (tmp_path / block.path).write_text(block.text, encoding="utf-8")
                continue
            for command in block.commands:
                if command.startswith("jararaca worker"):
                    worker = start(command, tmp_path, environment)
                else:
                    run(command, tmp_path, environment)
        assert worker is not None
        worker.send_signal(signal.SIGTERM)
        output, _ = worker.communicate(timeout=30)
    finally:
        if worker is not None:
            worker.kill()
    assert worker.returncode == 0, output
    assert "Hello Ada" in output
    assert "Olá João" in output
    assert "Hello" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


@pytest.mark.broker
def test_deploying_leads_to_what_the_containers_are_made_from(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """All but Docker's commands, whose files are there; what is published then is declared."""
    (tmp_path / "jararaca-source").symlink_to(ROOT)
    [block] = blocks("Deploy it")
    ours = [line for line in block.commands if not line.startswith("docker")]
    assert ours[-1].startswith("jararaca publish")
    run(
        "\n".join(["set -e", *ours[:-1], "jararaca topology apply", ours[-1]]),
        tmp_path,
        environment,
    )
    for line in block.commands:
        if " -f deploy/" in line:
            assert (tmp_path / "orders" / re.findall(r"-f (\S+)", line)[0]).is_file(), line
    assert list((tmp_path / "orders/wheels").glob("jararaca_contracts-*.whl"))


def start(command: str, folder: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    """A worker that is ready."""
    process = subprocess.Popen(
        command.split(),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if "ready" in line:
            return process
    pytest.fail("the worker did not start:\n" + "".join(seen))


def test_the_first_commands_are_the_makefiles() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in (command for block in blocks("See it run") for command in block.commands):
        assert re.search(rf"^{command.removeprefix('make ')}:", makefile, re.MULTILINE), command
