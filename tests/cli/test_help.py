"""Help is quick to come and shows how each command is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.project import Project

COMMANDS = (
    "worker",
    "dev",
    "scheduler",
    "publish",
    "routes",
    "topology plan",
    "topology apply",
    "topology export",
    "dead-letters list",
    "dead-letters show",
    "dead-letters replay",
    "dead-letters export",
    "dead-letters purge",
    "outbox status",
    "outbox relay",
    "outbox requeue",
    "outbox ddl",
    "doctor",
    "init",
    "import",
    "docs build",
    "docs serve",
)
HEAVY = (
    "pydantic",
    "aio_pika",
    "aiormq",
    "jinja2",
    "black",
    "libcst",
    "yaml",
    "rich",
    "asyncio",
    "sqlalchemy",
)
LOADED = """
import atexit, sys
atexit.register(lambda: print("LOADED", *sorted(set(sys.modules) & set({heavy}))))
sys.argv = ["jararaca", "--help"]
from jararaca.cli import main
main()
"""
BLOCKED = """
import sys
sys.modules[{module!r}] = None
sys.argv = ["jararaca", "codegen", {path!r}]
from jararaca.cli import main
main()
"""


def python(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )


def test_help_loads_nothing_heavy() -> None:
    done = python(LOADED.format(heavy=HEAVY))
    assert done.stdout.splitlines()[-1].split() == ["LOADED"], done.stdout + done.stderr


def test_help_groups_the_commands(project: Project) -> None:
    text = project.run("--help").stdout
    headings = ["Contract:", "Run:", "Look and operate:"]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    assert text.index("Run:") < text.index("  worker ") < text.index("Look and operate:")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_examples(project: Project, command: str) -> None:
    done = project.run(*command.split(), "--help")
    assert done.returncode == 0
    assert f"Examples:\n    jararaca {command}" in done.stdout


@pytest.mark.parametrize("module", ["jararaca_compiler", "yaml"])
def test_the_missing_compiler_is_a_hint(module: str, tmp_path: Path) -> None:
    document = tmp_path / "shop.yaml"
    document.write_text("asyncapi: 3.0.0", encoding="utf-8")
    done = python(BLOCKED.format(module=module, path=str(document)))
    assert done.returncode == 2
    assert "pip install 'jararaca[compiler]'" in done.stderr
    assert "Traceback" not in done.stderr
