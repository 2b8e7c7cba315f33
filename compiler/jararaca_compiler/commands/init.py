"""The command around a new project: what is in the way, writing all or nothing, what comes next."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

from jararaca_shared.settings import PYPROJECT

from jararaca_compiler.commands.codegen import Codegen, Request
from jararaca_compiler.init.scaffold import project_files, pyproject, service_name
from jararaca_compiler.pipeline.write import Change, Disk
from jararaca_compiler.project.config import ConfigError, read_config

KEPT = (".dockerignore", ".gitignore", "compose.yaml", "handlers/__init__.py")
"""Files that a project may have already, and that stay as they are."""


def init(folder: Path, name: str | None) -> int:
    """Write the project and compile it; nothing is overwritten. Raises ConfigError, WriteError."""
    chosen = _name(folder, name)
    disk = Disk(folder)
    planned = project_files(chosen)
    there = [path for path in planned if disk.read(path) is not None]
    if in_the_way := [path for path in there if path not in KEPT]:
        raise ConfigError(f"{', '.join(in_the_way)} exists: init writes only what is not there yet")
    before = disk.read(PYPROJECT)
    if before is not None and "jararaca" in _tools(before):
        raise ConfigError(f"{PYPROJECT} has [tool.jararaca] already: run `jararaca codegen`")
    changes = [Change(path, None, text) for path, text in planned.items() if path not in there]
    disk.apply([*changes, Change(PYPROJECT, before, pyproject(chosen, before))])
    status = Codegen(disk.root, read_config(disk.root), Request()).run()
    print(_next(folder), flush=True)
    return status


def _name(folder: Path, name: str | None) -> str:
    if name is not None and not (name.isidentifier() and name.islower()):
        raise ConfigError(f"--name {name!r}: write a name like my_orders")
    return name or service_name(folder.resolve().name)


def _tools(text: str) -> dict[str, object]:
    try:
        tools = tomllib.loads(text).get("tool", {})
    except ValueError as error:
        raise ConfigError(f"{PYPROJECT}: {error}") from error
    return tools if isinstance(tools, dict) else {}


def _next(folder: Path) -> str:
    enter = [] if folder.resolve() == Path.cwd().resolve() else [f"cd {shlex.quote(str(folder))}"]
    steps = [
        *enter,
        "docker compose up -d            # RabbitMQ; or set BROKER_URL",
        "jararaca worker                 # consumes; the handler prints",
        "jararaca publish greeting.asked --example    # from another terminal",
        "pytest                          # the contract's examples, without a broker",
    ]
    return "\n".join(["", "Next:", *(f"  {step}" for step in steps)])
