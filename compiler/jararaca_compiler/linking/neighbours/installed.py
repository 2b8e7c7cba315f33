"""Documents that an installed Python package carries: found without importing it."""

from __future__ import annotations

import importlib.machinery
import importlib.util
from pathlib import Path

from jararaca_compiler.linking.neighbours.source import NeighbourError

PREFIX = "python:"


def package_folder(text: str) -> Path:
    """The folder of a package, such as `python:acme_contracts`. Raises NeighbourError."""
    name = text.removeprefix(PREFIX)
    if not all(part.isidentifier() for part in name.split(".")):
        raise NeighbourError("write it like python:acme_contracts")
    first, *rest = name.split(".")
    spec = importlib.machinery.PathFinder.find_spec(first)
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    for place in places:
        folder = Path(place, *rest)
        if folder.is_dir():
            return folder
    raise NeighbourError(f"the package {name} is not installed here")
