"""Documents that an installed Python package carries: found without importing it."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path

from jararaca_compiler.project.config import PACKAGE_PREFIX
from jararaca_compiler.project.file_watch import DOCUMENTS


class PackageError(Exception):
    """A package's documents cannot be had; the text says why."""


def package_name(text: str) -> str:
    """The name in a text such as `python:acme_contracts`. Raises PackageError."""
    name = text.removeprefix(PACKAGE_PREFIX)
    if not all(part.isidentifier() for part in name.split(".")):
        raise PackageError("write it like python:acme_contracts")
    return name


def package_folder(text: str) -> Path:
    """The folder of a package, such as `python:acme_contracts`. Raises PackageError."""
    name = package_name(text)
    first, *rest = name.split(".")
    spec = _spec(first)
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    for place in places:
        folder = Path(place, *rest)
        if folder.is_dir():
            return folder
    raise PackageError(f"the package {name} is not installed here")


def _spec(name: str) -> ModuleSpec | None:
    """As an import would find it: an editable installation may have a finder of its own.

    What has no dot in its name is found without importing anything.
    """
    try:
        return importlib.util.find_spec(name)
    except ValueError:  # It is loaded, and says nothing of itself.
        return None


def documents_below(folder: Path) -> Mapping[str, Path]:
    """What could be a document, or be referred to by one, by its path in the folder.

    A link that leads out of the folder is none.
    """
    top = folder.resolve()
    found: dict[str, Path] = {}
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder)
        if file.suffix not in DOCUMENTS or any(part.startswith(".") for part in path.parts):
            continue
        if file.is_file() and file.resolve().is_relative_to(top):
            found[path.as_posix()] = file
    return found
