"""The projects below a folder that is none itself, such as the root of a monorepo."""

from __future__ import annotations

import os
from pathlib import Path

from jararaca_shared.settings import PYPROJECT, SettingsError, read_settings

from jararaca_compiler.project.config import ConfigError

_LISTED = 6
_DEEPEST = 4
_MOST_FOLDERS = 2000
_NOT_OURS = ("node_modules", "__pycache__", "venv", "site-packages")


def nothing_to(do: str, root: Path) -> ConfigError:
    """The error of a command that is given no documents at a root without settings of its own."""
    projects = projects_below(root)
    if projects:
        listed = ", ".join(projects[:_LISTED]) + (", ..." if projects[_LISTED:] else "")
        do += f".\nThe projects below this folder are {listed}: run it in one of them"
    return ConfigError(f"nothing to {do}")


def projects_below(root: Path) -> tuple[str, ...]:
    """Their paths, sorted, as far as a quick look finds them."""
    found: list[str] = []
    for number, (path, folders, files) in enumerate(os.walk(root)):
        here = Path(path)
        is_project = PYPROJECT in files and here != root and _has_settings(here)
        if is_project:
            found.append(here.relative_to(root).as_posix())
        is_end = is_project or len(here.relative_to(root).parts) == _DEEPEST
        folders[:] = [] if is_end else [each for each in sorted(folders) if _may_have(each)]
        if number == _MOST_FOLDERS:
            break
    return tuple(sorted(found))


def _may_have(folder: str) -> bool:
    return not folder.startswith(".") and folder not in _NOT_OURS


def _has_settings(folder: Path) -> bool:
    try:
        return bool(read_settings(folder))
    except SettingsError:
        return False
