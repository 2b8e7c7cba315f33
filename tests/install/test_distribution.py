"""One name for what is installed, everywhere, and the other `jararaca` is told."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from jararaca_shared import distribution

from tests.support.docblocks import DOCS

ROOT = DOCS.parent
INSTALLED = re.compile(r"\bpip3? (?:install|wheel|download)\b[^\n|;]*")
OTHER = re.compile(r"(?<![\w./-])jararaca(?![\w/.-])")
"""The other project's name as pip would read it: not ours, not a folder, not a module."""
REQUIREMENT = re.compile(r"[\"'`]jararaca ?(?:\[[\w, ]+\]|[=<>~!]=?)")
TOLD = {"tools/environment.py", "tests/install/test_distribution.py"}


def texts() -> list[tuple[str, str]]:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout
    kinds = (".py", ".md", ".toml", ".yml", ".yaml", ".txt", "Makefile", "Dockerfile")
    return [
        (name, (ROOT / name).read_text(encoding="utf-8"))
        for name in names.splitlines()
        if name.endswith(kinds) and name not in TOLD and (ROOT / name).is_file()
    ]


def wrong_lines(text: str) -> list[str]:
    return [
        line
        for line in text.splitlines()
        if REQUIREMENT.search(line)
        or any(
            OTHER.search(each) and "uninstall" not in each and "Do\nnot" not in each
            for each in INSTALLED.findall(line)
        )
    ]


@pytest.mark.parametrize(
    "line",
    [
        "pip install jararaca",
        "pip install 'jararaca[compiler]'",
        "  - run: pip install -U jararaca pytest",
        'dependencies = ["jararaca[schema]"]',
        'dependencies = ["jararaca>=1"]',
    ],
)
def test_a_line_that_installs_the_other_project_is_found(line: str) -> None:
    assert wrong_lines(line)


def test_no_line_installs_the_other_project() -> None:
    warned = "pip install jararaca`: that is [another project]"
    found = {
        name: wrong
        for name, text in texts()
        if (wrong := [each for each in wrong_lines(text) if warned not in each])
    }
    assert not found


def test_pyproject_and_the_constant_name_one_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == distribution.NAME
    assert project["scripts"] == {"jararaca": "jararaca_shared.command:main"}
    assert project["optional-dependencies"]["all"][0].startswith(f"{distribution.NAME}[")


def test_each_extra_is_in_all() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    [every] = extras["all"]
    assert set(re.findall(r"\w+", every.partition("[")[2])) == set(extras) - {"all"}


def test_the_version_is_above_the_other_projects_and_in_the_changelog() -> None:
    numbers = tuple(map(int, distribution.VERSION.split(".")))
    assert numbers > (0, 5, 13)
    assert f"## {distribution.VERSION} (" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """site-packages with the metadata of the other project."""
    metadata = tmp_path / "site-packages" / "jararaca-0.5.13.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "entry_points.txt").write_text("[console_scripts]\njararaca=jararaca.cli:cli\n")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: jararaca\nVersion: 0.5.13\n")
    return metadata.parent


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = f"import sys; sys.path.append({str(folder)!r}); sys.argv = ['jararaca', *{arguments}]"
    script += "; from jararaca_shared.command import main; main()"
    return subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, timeout=60
    )


def test_the_command_and_the_doctor_tell_the_other_distribution(mixed: Path) -> None:
    done = command(mixed, "--version")
    assert (done.returncode, done.stdout) == (0, f"jararaca {distribution.VERSION}\n")
    assert done.stderr.startswith("warning: another distribution, jararaca 0.5.13, is installed")
    assert distribution.remedy() in done.stderr
    told = command(mixed, "doctor", "--broker-url", "memory://", "--json")
    assert told.returncode == 1
    assert "jararaca 0.5.13, is mixed with jararaca-contracts" in told.stdout


def test_the_other_ones_script_tells_it_and_runs_ours(mixed: Path) -> None:
    script = f"import sys; sys.path.append({str(mixed)!r}); sys.argv = ['jararaca', '--version']"
    script += "; from jararaca.cli import cli; cli()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == f"jararaca {distribution.VERSION}\n"
    assert "pip uninstall jararaca" in done.stderr


def test_a_current_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    script = f"import os, sys; sys.path += {sys.path}; os.rmdir('.'); sys.argv = ['x', 'codegen']"
    script += "; from jararaca_shared.command import main; main()"
    here = tmp_path / "gone"
    here.mkdir()
    script = script.replace("os.rmdir('.')", f"os.rmdir({str(here)!r})")
    done = subprocess.run([sys.executable, "-c", script], cwd=here, capture_output=True, text=True)
    assert done.stderr.startswith("error: the current folder cannot be used")
    assert len(done.stderr.splitlines()) == 1


def test_a_clone_from_before_the_name_is_ours(mixed: Path) -> None:
    points = mixed / "jararaca-0.5.13.dist-info/entry_points.txt"
    points.write_text("[jararaca.commands]\ncompiler = jararaca_compiler.cli:register\n")
    assert command(mixed, "--version").stderr == ""


def test_where_our_files_are_overwritten_it_ends_in_one_line(mixed: Path) -> None:
    (mixed / "jararaca").mkdir()
    (mixed / "jararaca/__init__.py").write_text("import a_module_of_theirs\n")
    script = f"import sys; sys.path.insert(0, {str(mixed)!r})"
    script += "; from jararaca_shared.command import main; main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "pip uninstall jararaca" in done.stderr


@pytest.mark.parametrize(
    ("place", "module", "extra"),
    [
        ("runtime/jararaca/x.py", "jsonschema_rs", "schema"),
        ("compiler/jararaca_compiler/x.py", "jsonschema_rs", "compiler"),
        ("mine.py", "prometheus_client.core", "prometheus"),
        ("mine.py", "theirs", None),
    ],
)
def test_a_module_that_is_missing_is_known_by_who_looks_for_it(
    place: str, module: str, extra: str | None
) -> None:
    looking = compile(f"raise ModuleNotFoundError(name={module!r})", place, "exec")
    with pytest.raises(ModuleNotFoundError) as caught:
        exec(looking)
    assert distribution.extra_of(caught.value) == extra
