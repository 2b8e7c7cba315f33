"""`jararaca worker --link`: a worker that does not fit says so, or does not start."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jararaca_compiler.commands.registry.contracts import publish
from jararaca_compiler.project.config import read_config

FITS = Path(__file__).parent / "cases" / "fits" / "orders.asyncapi.yaml"
COMMAND = (sys.executable, "-m", "jararaca.cli")
SECONDS = 60


def project(folder: Path, document: str) -> Path:
    folder.mkdir()
    (folder / "asyncapi.yaml").write_text(document)
    settings = f'sources = ["asyncapi.yaml"]\nregistry = "{folder.parent / "registry"}"\n'
    (folder / "pyproject.toml").write_text(f"[tool.jararaca]\n{settings}")
    return folder


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A compiled receiver with a handler, beside a registry that has the orders in production."""
    text = FITS.read_text()
    orders = project(tmp_path / "orders", text)
    assert publish(orders, read_config(orders), (), None, "production") == 0
    mirrored = text.replace("Orders", "Warehouse").replace("announce", "reserve")
    made = project(tmp_path / "warehouse", mirrored.replace("send", "receive"))
    compile_handler(made)
    return made


def compile_handler(folder: Path) -> None:
    subprocess.run([*COMMAND, "codegen"], cwd=folder, check=True, capture_output=True)
    (handlers,) = folder.glob("handlers*")
    path = handlers if handlers.is_file() else next(handlers.glob("w*.py"))
    text = path.read_text().replace("raise NotImplementedError", "return")
    path.write_text(re.sub(r"^ *@(\w+\.)?stub\n", "", text, flags=re.M))


def break_it(folder: Path) -> None:
    path = folder / "asyncapi.yaml"
    path.write_text(path.read_text().replace("required: [id]", "required: [id, total]"))
    compile_handler(folder)


def worker(folder: Path, *options: str) -> tuple[int, str]:
    """How it ended, told to stop as soon as it was ready, and what it said."""
    process = subprocess.Popen(
        [*COMMAND, "worker", "generated.warehouse.routes", *options],
        cwd=folder,
        env={**os.environ, "BROKER_URL": "memory://linked", "PYTHONPATH": "."},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("ready"):
            process.send_signal(signal.SIGTERM)
    return process.wait(SECONDS), "".join(lines)


@pytest.mark.parametrize("level", ["warn", "fail"])
def test_what_fits_starts(warehouse: Path, level: str) -> None:
    status, said = worker(warehouse, "--link", level, "--environment", "production")
    assert status == 0, said
    assert "ready" in said and "does not fit" not in said


def test_what_does_not_fit_is_refused_or_warned_of(warehouse: Path) -> None:
    break_it(warehouse)
    status, said = worker(warehouse, "--link", "fail", "--environment", "production")
    assert status == 2, said
    assert "ready" not in said and "message-refused" in said and "Traceback" not in said
    status, said = worker(warehouse, "--link", "warn", "--environment", "production")
    assert status == 0, said
    assert "ready" in said and 'with the payload {"id": 1}' in said


def test_it_is_off_by_default(warehouse: Path) -> None:
    break_it(warehouse)
    status, said = worker(warehouse)
    assert status == 0 and "fit" not in said, said


def test_a_registry_that_cannot_be_read_is_no_yes(warehouse: Path) -> None:
    where = ("--environment", "production", "--registry", "nowhere")
    status, said = worker(warehouse, "--link", "fail", *where)
    assert status == 2 and "publish to it first" in said and "Traceback" not in said, said
    status, said = worker(warehouse, "--link", "warn", *where)
    assert status == 0 and "publish to it first" in said, said


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--link", "maybe"), "write one of off, warn, fail"),
        (("--link", "fail"), "needs an --environment"),
    ],
)
def test_what_is_no_choice_is_one_error(
    warehouse: Path, options: tuple[str, ...], text: str
) -> None:
    status, said = worker(warehouse, *options)
    assert status == 2 and text in said and "Traceback" not in said, said
