"""What is installed: our distribution's name and version, and another one that is in our way."""

from __future__ import annotations

import sys
from pathlib import Path

NAME = "jararaca-contracts"
"""What pip installs. The package that is imported, and the command, are called `jararaca`."""

VERSION = "0.6.0"
"""Read by the build (pyproject.toml), so that no copy of it can be another."""

ELSEWHERE = "jararaca"
"""Another project's distribution on the package index, which brings a package of that name too."""

_OURS = "jararaca.commands"
"""The group of entry points that ours has had under each of its names, and the other has not."""

_EXTRAS = {
    "aiosqlite": "sqlalchemy",
    "asyncpg": "sqlalchemy",
    "black": "compiler",
    "cronsim": "scheduler",
    "dishka": "inject",
    "fastapi": "fastapi",
    "jararaca_compiler": "compiler",
    "jinja2": "compiler",
    "jsonschema_rs": "schema",
    "markdown_it": "compiler",
    "opentelemetry": "otel",
    "polyfactory": "testing",
    "prometheus_client": "prometheus",
    "redis": "redis",
    "sqlalchemy": "sqlalchemy",
    "starlette": "websockets",
    "watchfiles": "reload",
    "yaml": "compiler",
}
"""The modules that optional parts import, and the extra that brings each."""

_COMPILERS_TOO = ("cronsim", "jsonschema_rs", "watchfiles")
"""Those that the extra of the compiler brings as well, with all else that it needs."""


def extra_of(error: ModuleNotFoundError) -> str | None:
    """The extra that brings the module which was not found; None if it is no part of ours."""
    name = (error.name or "").partition(".")[0]
    if name in _COMPILERS_TOO and _is_from_the_compiler(error):
        return "compiler"
    return _EXTRAS.get(name)


def _is_from_the_compiler(error: ModuleNotFoundError) -> bool:
    step = error.__traceback__
    while step is not None:
        if "jararaca_compiler" in Path(step.tb_frame.f_code.co_filename).parts:
            return True
        step = step.tb_next
    return False


def install(extra: str = "") -> str:
    """The command that installs ours, with an extra."""
    return f"pip install '{NAME}[{extra}]'" if extra else f"pip install {NAME}"


def other_distribution() -> str | None:
    """The version of the other `jararaca` that is installed here; it overwrites files of ours.

    Looks for the folder of its metadata: `importlib.metadata` takes longer than a whole command.
    """
    for place in (each for each in sys.path if each.endswith("-packages")):
        for metadata in Path(place).glob(f"{ELSEWHERE}-*.dist-info"):
            if not _is_ours(metadata):
                return metadata.stem.removeprefix(f"{ELSEWHERE}-")
    return None


def remedy() -> str:
    """What rids an environment of the other one; uninstalling it takes files of ours along."""
    return f"pip uninstall {ELSEWHERE}, then pip install --force-reinstall --no-deps {NAME}"


def _is_ours(metadata: Path) -> bool:
    try:
        return f"[{_OURS}]" in (metadata / "entry_points.txt").read_text(encoding="utf-8")
    except OSError:
        return False
