"""Help is quick to come, fits a terminal, and shows how each command is used."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jararaca.cli.application import application
from typer.main import get_command
from typer.testing import CliRunner

from tests.cli.project import Project

COLUMNS = 80
APPLICATION = application()


def commands(command: object, *words: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Every command by its words, and whether it is a group of others."""
    below = getattr(command, "commands", {})
    yield words, bool(below)
    for name, each in below.items():
        yield from commands(each, *words, name)


EVERY = dict(commands(get_command(APPLICATION)))
NAMES = sorted(" ".join(words) for words, is_group in EVERY.items() if not is_group)
GROUPS = sorted(" ".join(words) for words, is_group in EVERY.items() if is_group)
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
import atexit, contextlib, sys
atexit.register(lambda: print("LOADED", *sorted(set(sys.modules) & set({heavy}))))
from jararaca.cli import main
for words in {every}:
    sys.argv = ["jararaca", *words, "--help"]
    with contextlib.suppress(SystemExit):
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


def help_of(command: str) -> str:
    """The help as somebody reads it on a narrow terminal."""
    runner = CliRunner(env={"COLUMNS": str(COLUMNS)})
    done = runner.invoke(APPLICATION, [*command.split(), "--help"], prog_name="jararaca")
    assert done.exit_code == 0
    return done.stdout


def test_all_commands_are_looked_at() -> None:
    assert {"worker", "codegen", "topology plan", "docs serve"} <= set(NAMES)
    assert GROUPS == [
        "",
        "contracts",
        "dead-letters",
        "deploy",
        "docs",
        "export",
        "outbox",
        "testing",
        "topology",
    ]


@pytest.mark.parametrize("every", [False, True])
def test_help_loads_nothing_heavy(every: bool) -> None:
    """Typer itself reads options with pydantic, in the help of a command as well."""
    heavy = [name for name in HEAVY if not every or name != "pydantic"]
    asked = [list(words) for words in EVERY] if every else [[]]
    done = python(LOADED.format(heavy=heavy, every=asked))
    assert done.stdout.splitlines()[-1].split() == ["LOADED"], done.stdout + done.stderr


def test_help_groups_the_commands(project: Project) -> None:
    text = project.run("--help").stdout
    headings = ["Contract:", "Run:", "Inspect and operate:"]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    assert text.index("Run:") < text.index("  worker ") < text.index("Inspect and operate:")


def test_help_tells_what_the_exit_statuses_mean() -> None:
    text = help_of("")
    told = re.findall(r"^ +(\d+)  +\S", text[text.index("Exit status:") :], re.MULTILINE)
    assert told == ["0", "1", "2", "130"]


@pytest.mark.parametrize("command", NAMES)
def test_every_command_has_examples_as_they_are_typed(command: str) -> None:
    assert f"Examples:\n    jararaca {command}" in help_of(command)


@pytest.mark.parametrize("group", GROUPS)
def test_a_line_says_in_full_what_a_command_is_for(group: str) -> None:
    lines = help_of(group).split("Options:")[1].splitlines()
    assert [line for line in lines if line.endswith("...")] == []
    assert all(len(line) <= COLUMNS for line in lines)


@pytest.mark.parametrize("command", NAMES)
def test_help_fits_a_terminal_and_breaks_no_word(command: str) -> None:
    text = help_of(command)
    assert [line for line in text.splitlines() if len(line) > COLUMNS] == []
    usage = text.splitlines()[0]
    assert usage.startswith(f"Usage: jararaca {command}") and "[[" not in usage, usage
    if "--broker-url" in text and command != "dev":
        assert "?exchange=name," in text


@pytest.mark.parametrize("module", ["jararaca_compiler", "yaml"])
def test_the_missing_compiler_is_a_hint(module: str, tmp_path: Path) -> None:
    document = tmp_path / "shop.yaml"
    document.write_text("asyncapi: 3.0.0", encoding="utf-8")
    done = python(BLOCKED.format(module=module, path=str(document)))
    assert done.returncode == 2
    assert "pip install 'jararaca-contracts[compiler]'" in done.stderr
    assert "Traceback" not in done.stderr
