"""What is built, installed into an empty environment: it compiles, publishes and consumes."""

from __future__ import annotations

import email
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from jararaca_shared import distribution

from tests.cli.project import Project
from tests.install.environments import Environment, environment
from tests.install.interpreters import claimed, interpreter
from tests.support.docblocks import DOCS

ROOT = DOCS.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MOST_WHEEL_BYTES = 1_500_000
HANDLED = "Hello Ada"


def block(after: str, language: str) -> str:
    return README.split(after)[1].split(f"```{language}\n")[1].split("```")[0]


@pytest.fixture(scope="session")
def hello(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """README's service, compiled here, for environments that have no compiler."""
    folder = tmp_path_factory.mktemp("hello")
    document = block("Write `hello.asyncapi.yaml`", "yaml")
    (folder / "hello.asyncapi.yaml").write_text(document)
    command = [sys.executable, "-m", "jararaca.cli", "codegen", "hello.asyncapi.yaml"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    (folder / "handlers/hello.py").write_text(block("Edit\n`handlers/hello.py`", "python"))
    return folder


def project(installed: Environment, folder: Path, broker_url: str) -> Project:
    variables = installed.variables(BROKER_URL=broker_url)
    return Project(folder, "", variables, str(installed.bin / "python"))


def test_the_wheel_holds_the_program_and_no_more(wheel: Path) -> None:
    assert wheel.name == f"jararaca_contracts-{distribution.VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        [metadata] = [name for name in names if name.endswith("/METADATA")]
        facts = email.message_from_bytes(file.read(metadata))
    roots = {name.partition("/")[0] for name in names if "dist-info" not in name}
    assert roots == {"jararaca", "jararaca_compiler", "jararaca_shared"}
    kept = {p.relative_to(part) for part in parts() for p in part.rglob("*") if is_product(p)}
    assert {Path(name) for name in names if "dist-info" not in name} == kept
    needed = {
        each.split(">")[0] for each in facts.get_all("Requires-Dist", []) if "extra ==" not in each
    }
    assert needed == {"aio-pika", "pydantic[email]", "typer"}
    assert facts["License-Expression"] == "MIT" and any("LICENSE" in name for name in names)
    assert wheel.stat().st_size < MOST_WHEEL_BYTES


def parts() -> list[Path]:
    return [ROOT / part for part in ("runtime", "compiler", "shared")]


def is_product(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def test_the_sdist_builds_the_same_wheel(built: Path, wheel: Path, tmp_path: Path) -> None:
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as file:
        file.extractall(tmp_path)
    [source] = tmp_path.iterdir()
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(tmp_path)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=120)
    [again] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(again) as ours, zipfile.ZipFile(wheel) as first:
        assert ours.namelist() == first.namelist()


def test_without_its_extra_a_command_names_the_extra(bare: Environment, hello: Path) -> None:
    done = bare.run("jararaca", "codegen", "hello.asyncapi.yaml", folder=hello)
    assert done.returncode == 2 and "pip install 'jararaca-contracts[compiler]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert bare.run("jararaca", "--version").stdout == f"jararaca {distribution.VERSION}\n"


def test_all_public_names_are_there_without_extras(bare: Environment) -> None:
    script = "import jararaca.public as p; [getattr(p, name) for name in p.__all__]"
    done = bare.run("python", "-W", "error", "-c", script)
    assert done.returncode == 0, done.stderr


@pytest.mark.broker
def test_the_wheel_alone_runs_a_compiled_worker(
    bare: Environment, hello: Path, scratch_broker_url: str
) -> None:
    service = project(bare, hello, scratch_broker_url)
    running = service.start()
    try:
        told = service.run("publish", "hello.greeted", "--example")
        assert told.returncode == 0, told.stderr
        running.wait_for(HANDLED)
    finally:
        running.end()


@pytest.mark.parametrize("version", claimed())
def test_each_python_that_is_claimed_handles_a_message(
    version: str, bare: Environment, wheel: Path, hello: Path, tmp_path: Path
) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    made = bare
    if python != sys.executable:
        made = environment(tmp_path / "venv", python)
        made.install(wheel)
    told = made.run("python", "-W", "error", "-c", IN_MEMORY, folder=hello)
    assert (told.returncode, told.stdout) == (0, f"{HANDLED}\n{version}\n"), told.stderr


IN_MEMORY = """
import asyncio, sys
from jararaca import Microservice
from jararaca.testing import TestBus
from generated.hello import messages, routes

async def main():
    async with TestBus(Microservice(routes.SERVICE)) as bus:
        await bus.publish(messages.Greeted(name="Ada"))
        await bus.settle()

asyncio.run(main())
print("%d.%d" % sys.version_info[:2])
"""


@pytest.mark.broker
def test_with_extras_it_compiles_and_runs(
    full: Environment, tmp_path: Path, scratch_broker_url: str
) -> None:
    """What README's five minutes say, by the wheel."""
    service = project(full, tmp_path, scratch_broker_url)
    source = "hello.asyncapi.yaml"
    (tmp_path / source).write_text(block("Write `hello.asyncapi.yaml`", "yaml"))
    assert service.run("codegen", source).returncode == 0
    (tmp_path / "handlers/hello.py").write_text(block("Edit\n`handlers/hello.py`", "python"))
    running = service.start()
    try:
        told = service.run("publish", "hello.greeted", '{"name": "João", "language": "pt"}')
        assert told.returncode == 0, told.stderr
        running.wait_for("Olá João")
    finally:
        running.end()
    for each in (("codegen", source, "--check"), ("docs", "build", source), ("lint", source)):
        done = service.run(*each)
        assert done.returncode == 0, done.stdout + done.stderr
