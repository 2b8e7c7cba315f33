"""The table `[tool.jararaca]` of pyproject.toml, and the import paths that follow from it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

PYPROJECT = "pyproject.toml"
OUTPUT = "generated"
"""The folder of the generated packages where nothing else is configured."""

ROUTES = "routes.py"
"""A service's routing table, in its package."""

RECORD = ".jararaca/codegen.record"
"""What the last `jararaca codegen` in this folder has read: a line with a signature, then JSON."""


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


def project_folder(here: Path) -> Path:
    """The folder of the project that `here` is in: the nearest with `[tool.jararaca]`.

    It is `here` itself without one, and where `here` has generated code that is not the project's.
    The search ends with the repository. Raises SettingsError.
    """
    for folder in (here, *here.parents):
        try:
            settings = read_settings(folder)
            is_top = (folder / ".git").exists()
        except PermissionError:  # Somebody else's folder above.
            break
        if settings and (folder == here or not _has_code_of_its_own(here, folder, settings)):
            return folder
        if is_top:
            break
    return here


def _has_code_of_its_own(here: Path, project: Path, settings: Mapping[str, Any]) -> bool:
    own = set(here.glob(f"{OUTPUT}/*/{ROUTES}"))
    return bool(own - set(project.glob(routes_of_all(settings))))


def routes_of_all(settings: Mapping[str, Any]) -> str:
    """The pattern of the routing tables of all services that a project compiles."""
    return f"{for_service(str(settings.get('output', OUTPUT)), '*')}/*/{ROUTES}"


def for_service(setting: str, service: str) -> str:
    """A path of the settings for one service: `{service}` in it is the service's name."""
    return setting.replace("{service}", service)


def import_root(output: str, configured: str | None) -> str:
    """The folder where imports begin: as configured, else `src` if the output is below it."""
    below_src = PurePosixPath(output).parts[:1] == ("src",)
    return configured or ("src" if below_src else ".")


def import_parts(path: str, root: str) -> tuple[str, ...]:
    """The parts of the dotted name by which a folder or module is imported."""
    place = PurePosixPath(path).with_suffix("")
    return (place.relative_to(root) if place.is_relative_to(root) else place).parts
