"""The table `[tool.jararaca]` of pyproject.toml, and the import paths that follow from it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

PYPROJECT = "pyproject.toml"
OUTPUT = "generated"
"""The folder of the generated packages where nothing else is configured."""


class SettingsError(Exception):
    """pyproject.toml cannot be used; the text says why."""


def read_settings(folder: Path) -> Mapping[str, Any]:
    """The table of the folder's pyproject.toml; empty without one. Raises SettingsError."""
    path = folder / PYPROJECT
    if not path.is_file():
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{PYPROJECT}: {error}") from error
    tools = document.get("tool", {})
    settings = tools.get("jararaca", {}) if isinstance(tools, Mapping) else tools
    if not isinstance(settings, Mapping):
        raise SettingsError(f"{PYPROJECT}: tool.jararaca must be a table")
    return settings


def import_root(output: str, configured: str | None) -> str:
    """The folder where imports begin: as configured, else `src` if the output is below it."""
    below_src = PurePosixPath(output).parts[:1] == ("src",)
    return configured or ("src" if below_src else ".")


def import_parts(path: str, root: str) -> tuple[str, ...]:
    """The parts of the dotted name by which a folder or module is imported."""
    place = PurePosixPath(path).with_suffix("")
    return (place.relative_to(root) if place.is_relative_to(root) else place).parts
